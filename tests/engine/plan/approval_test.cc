// Digests: two plans of one digest make the same policy changes under the same
// rules; and what is outside of a digest, on purpose.
#include "engine/plan/approval.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/canonical_json.h"
#include "engine/base/clock.h"
#include "engine/base/digest.h"
#include "engine/model/mark.h"
#include "engine/plan/configuration.h"
#include "engine/plan/plan.h"
#include "engine/plan/token_text.h"
#include "engine/saved/plan_file.h"
#include "tests/fakes/world.h"

namespace patform {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

// Everything that a plan is made from.
struct Inputs {
  DesiredState desired;
  ActualState actual;
  PlanOptions options;
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);

  Plan Make() const { return MakePlan(desired, actual, options, now); }
  Approval Approve(const Plan& plan) const {
    return MakeApproval(desired, actual, options, plan.changes.changes);
  }
};

// What a plan does that needs an approval, written down by other means than
// the digest's: each value with its length in front.
class Effects {
 public:
  static std::string Of(const Inputs& inputs) {
    Effects effects;
    const Plan plan = inputs.Make();
    std::vector<std::string> changes;
    for (const Change& change : plan.changes.changes) {
      if (change.change_class != ChangeClass::kPolicy) continue;
      Effects one;
      one.Add(inputs, change);
      changes.push_back(std::move(one.out_));
    }
    if (changes.empty()) return "";
    std::sort(changes.begin(), changes.end());
    for (const std::string& change : changes) effects.Put(change);
    effects.Put(inputs.desired.workspace);
    effects.Put(inputs.actual.user_oid);
    // What follows from `written` and the sinks is no effect of its own; whose
    // bearer was used shows in the user's oid.
    effects.Add(inputs.desired.auth);
    effects.Add(inputs.desired.policy);
    const auto& [diff, targets, revocations, empty, baseline] = inputs.options;
    const auto& [rotate] = diff;
    effects.Put(int64_t(rotate.size()));
    for (const std::string& name : rotate) effects.Put(name);
    effects.Add(targets);
    effects.Put(int64_t{revocations});
    effects.Put(int64_t{empty});
    return effects.out_;
  }

 private:
  void Add(const AuthConfig& auth) {
    const auto& [identity, source, settings, written, filled, kept_at, where,
                 overridden_by] = auth;
    Put(identity);
    Put(source);
    Add(written);
    Put(filled);
  }
  void Put(const std::string& text) {
    absl::StrAppend(&out_, text.size(), ":", text, ";");
  }
  void Put(int64_t number) { absl::StrAppend(&out_, number, ";"); }
  void Put(absl::Duration span) { Put(absl::ToInt64Nanoseconds(span)); }
  void Put(absl::Time time) { Put(absl::ToUnixNanos(time)); }
  void Put(double number) { absl::StrAppendFormat(&out_, "%a;", number); }
  template <typename T>
  void Put(const std::optional<T>& value) {
    Put(int64_t{value.has_value()});
    if (value) Put(*value);
  }
  void Put(const std::optional<Existing>& value) {
    Put(int64_t{value ? static_cast<int>(*value) : -1});
  }
  void Put(const std::optional<int>& value) {
    Put(int64_t{value.has_value()});
    Put(int64_t{value.value_or(0)});
  }

  void Add(const std::vector<std::string>& texts) {
    Put(int64_t(texts.size()));
    for (const std::string& text : texts) Put(text);
  }

  void Add(const std::map<std::string, SettingValue>& settings) {
    Put(int64_t(settings.size()));
    for (const auto& [key, value] : settings) {
      Put(key);
      Put(int64_t(value.index()));
      if (const auto* text = std::get_if<std::string>(&value)) Put(*text);
      if (const auto* number = std::get_if<int64_t>(&value)) Put(*number);
      if (const auto* flag = std::get_if<bool>(&value)) Put(int64_t{*flag});
      if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
        Add(*texts);
      }
    }
  }

  void Add(const PolicyConfig& policy) {
    const auto& [max_lifetime, min_lifetime, min_rotate_before, forbidden,
                 allowed, high, full, all_organizations, patterns, required,
                 sinks, allowed_places, max_tokens, unmanaged, except, existing,
                 revocations, share, prevent, unknown, exceptions, severity,
                 set_at, where] = policy;
    for (const auto* span :
         {&max_lifetime, &min_lifetime, &min_rotate_before}) {
      Put(*span);
    }
    for (const auto* texts :
         {&forbidden, &high, &patterns, &required, &except, &prevent}) {
      Add(*texts);
    }
    Put(int64_t(allowed.size()));
    for (const std::vector<std::string>& globs : allowed) Add(globs);
    for (bool flag : {full, all_organizations, unknown}) Put(int64_t{flag});
    Put(int64_t(sinks.size()));
    for (const SinkRule& rule : sinks) {
      Add(rule.scopes);
      Add(rule.sinks);
      Add(rule.types);
    }
    Put(int64_t(allowed_places.size()));
    for (const std::vector<AllowedPlaces>& list : allowed_places) {
      Put(int64_t(list.size()));
      for (const AllowedPlaces& each : list) {
        Add(each.scopes);
        Add(each.types);
        Add(each.addresses);
      }
    }
    Put(max_tokens);
    Put(int64_t(unmanaged));
    Put(existing);
    Put(revocations);
    Put(share);
    Put(int64_t(exceptions.size()));
    for (const PolicyException& each : exceptions) {
      Put(each.rule);
      Put(each.token);
      Put(each.until);
      Put(each.reason);
    }
    Put(int64_t(severity.size()));
    for (const auto& [rule, grave] : severity) {
      Put(rule);
      Put(int64_t(grave));
    }
    Put(int64_t(set_at.size()));
    for (const auto& [rule, place] : set_at) Put(rule);
  }

  void Add(const DesiredState& desired, const DesiredToken& token) {
    const auto& [name, scopes, lifetime, expires, rotate_before, renewal, grace,
                 deliver, owner, purpose, renamed_from, replaces, organization,
                 identity, labels, prevent_revoke, all_organizations, verify,
                 ensure, where, scopes_where] = token;
    for (const std::string* text : {&name, &scopes.text(), &owner, &purpose,
                                    &renamed_from, &organization, &identity}) {
      Put(*text);
    }
    Put(lifetime);
    Put(expires);
    const auto& [span, window_share] = rotate_before;
    Put(span);
    if (!span) Put(window_share);
    Put(int64_t(renewal));
    Put(grace);
    Put(int64_t(deliver.size()));
    for (const Delivery& place : deliver) {
      const auto& [sink, at, key, encoding, adopt, place_where] = place;
      for (const std::string* text : {&sink, &at, &key}) Put(*text);
      Put(int64_t(encoding));
      Put(int64_t{adopt});
      const SinkConfig* config = desired.FindSink(sink);
      if (config == nullptr) continue;
      Put(config->type);
      Add(config->written);
      Put(config->filled_in);
    }
    Put(int64_t(replaces.size()));
    for (const AuthorizationId& id : replaces) Put(id.ToString());
    Put(int64_t(labels.size()));
    for (const auto& [key, value] : labels) {
      Put(key);
      Put(value);
    }
    for (bool flag : {prevent_revoke, all_organizations, verify})
      Put(int64_t{flag});
    Put(int64_t(ensure));
  }

  // What somebody asks for. A rotation that only time or a crash asks for makes
  // an edit on its way that would have been an update.
  static const char* Asked(const Inputs& inputs, const Change& change) {
    if (change.action != Action::kRotate) return Word(change.action);
    switch (change.reason) {
      case Reason::kInRotationWindow:
      case Reason::kExpired:
      case Reason::kSecretNotInSink:
      case Reason::kSinkOutOfDate:
        break;
      default:
        return "rotate";
    }
    for (const Delivery& place : change.deliver) {
      const auto held = inputs.actual.records.find(place.Address());
      if (held == inputs.actual.records.end() || !held->second.record) {
        return "rotate";
      }
      const SinkRecord& record = *held->second.record;
      const bool same = record.token == change.name ||
                        (change.before && change.before->id == record.id);
      if (!same || record.organization != change.organization) return "rotate";
    }
    for (const FieldChange& field : FieldChangesOf(change)) {
      if (field.field != "valid_to") return "update";
    }
    return "finish";
  }

  void Add(const Inputs& inputs, const Change& change) {
    const bool ends = change.action == Action::kRevoke;
    const bool lets_go = change.action == Action::kRelease;
    Put(change.organization);
    Put(change.identity);
    if (!change.identity.empty()) {
      Add(*inputs.desired.FindAuth(change.identity));
      Put(inputs.actual.UserOf(change.identity));
    }
    Put(change.name);
    Put(std::string(Asked(inputs, change)));
    std::set<std::string> ids;
    for (const auto* list : {&change.revoke, &change.decision->collect,
                             &change.decision->collect_first}) {
      for (const Collect& end : *list) {
        if (ends || end.generation == 0) ids.insert(end.id.ToString());
      }
    }
    for (const std::string& id : ids) Put(id);
    if (change.before && (change.before->generation == 0 || lets_go)) {
      Put(change.before->id->ToString());
    }
    if (change.before && change.after) {
      const bool scopes = change.before->scopes != change.after->scopes;
      Put(scopes ? change.before->scopes.text() : "");
      Put(int64_t{change.before->all_organizations !=
                  change.after->all_organizations});
    }
    for (const DesiredToken& token : inputs.desired.tokens) {
      if (token.name == change.name && token.realm() == change.realm()) {
        Add(inputs.desired, token);
      }
    }
  }

  std::string out_;
};

// Draws configurations, worlds and edits; the same seed draws the same.
class Draw {
 public:
  explicit Draw(uint32_t seed) : random_(seed) {}

  int Below(int n) { return static_cast<int>(random_() % n); }
  bool OneIn(int n) { return Below(n) == 0; }

  // Values that read like several, or like other ones once they are drawn.
  std::string Text() {
    static const char* const kTexts[] = {"a",
                                         "b",
                                         "a, b",
                                         "\"",
                                         "\\",
                                         "a (adopt)",
                                         "a (base64)",
                                         "a, main:b",
                                         "a##vso[b",
                                         "a#\\x23vso[b",
                                         "{\"a\":1}",
                                         "",
                                         " ",
                                         "\",\"",
                                         "a\",\"adopt\":true",
                                         "\xc3\xa4",
                                         "\x1b[31m",
                                         "1",
                                         "true",
                                         "null"};
    return kTexts[Below(std::size(kTexts))];
  }
  std::vector<std::string> Texts() {
    std::vector<std::string> texts(Below(3));
    for (std::string& text : texts) text = Text();
    return texts;
  }
  ScopeSet Scopes() {
    static const char* const kScopes[] = {"vso.code", "vso.build", "vso.work",
                                          "vso.tokens"};
    std::vector<std::string> scopes = {kScopes[Below(4)]};
    if (OneIn(2)) scopes.push_back(kScopes[Below(4)]);
    return ScopeSet::Of(scopes);
  }
  AuthorizationId Id(int n) {
    return *AuthorizationId::Parse(
        absl::StrFormat("%08x-0000-4000-8000-000000000000", n + 1));
  }
  SettingValue Setting() {
    switch (Below(4)) {
      case 0:
        return int64_t{Below(3)};
      case 1:
        return OneIn(2);
      case 2:
        return Texts();
      default:
        return Text();
    }
  }

  DesiredToken Token(int n) {
    DesiredToken token;
    token.name = absl::StrCat("t", n);
    token.organization = OneIn(6) ? "fabrikam" : "contoso";
    if (OneIn(6)) token.identity = "bot";
    token.scopes = Scopes();
    token.rotate_before.span = 7 * kDay;
    token.deliver.push_back(PlaceOf(absl::StrCat("main:t", n)));
    if (OneIn(3)) token.deliver.push_back(PlaceOf(absl::StrCat("second:t", n)));
    if (OneIn(6)) token.deliver.clear();
    if (OneIn(8)) token.ensure = Ensure::kAbsent;
    if (OneIn(8)) token.ensure = Ensure::kReleased;
    if (OneIn(6)) token.replaces = {Id(Below(12))};
    if (OneIn(4)) token.grace = absl::ZeroDuration();
    return token;
  }

  // One token of the service, mostly of a declared name, and its record.
  void Found(int n, Inputs& inputs) {
    ActualToken token;
    token.id = Id(n);
    const std::string name = absl::StrCat("t", Below(6));
    const int generation = 1 + Below(3);
    token.display_name =
        OneIn(4) ? name
                 : DisplayName(
                       name, {OneIn(9) ? "other" : "w", generation,
                              absl::StrFormat("nonce%011d", OneIn(9) ? 0 : n)});
    token.scopes = Scopes();
    token.valid_from = inputs.now - Below(30) * kDay - absl::Hours(1);
    token.valid_to = token.valid_from + 30 * kDay;
    token.all_organizations = OneIn(8);
    if (OneIn(6)) token.state = TokenState::kRevoked;
    const std::string organization = OneIn(6) ? "fabrikam" : "contoso";
    const std::string identity = OneIn(6) ? "bot" : "";
    inputs.actual.organizations[{identity, organization}].tokens.push_back(
        token);
    const std::string address = absl::StrCat("main:", name);
    if (OneIn(3)) return;
    HeldRecord held = HeldRecord::Absent();
    held.state = HeldRecord::State::kPresent;
    held.record = SinkRecord{token.id,     generation,     "w",
                             organization, name,           address,
                             "owner",      token.valid_to, token.valid_from};
    if (!identity.empty()) held.record->user_oid = "robot";
    inputs.actual.records[address] = std::move(held);
  }

  Inputs World() {
    Inputs inputs;
    inputs.desired.workspace = "w";
    inputs.desired.organization = "contoso";
    for (const char* name : {"main", "second"}) {
      SinkConfig sink;
      sink.name = name;
      sink.type = "file";
      sink.written["path"] = Text();
      inputs.desired.sinks.push_back(std::move(sink));
    }
    for (int i = 0; i < 5; ++i) {
      if (!OneIn(5)) inputs.desired.tokens.push_back(Token(i));
    }
    inputs.actual.user_oid = "owner";
    inputs.actual.taken_at = inputs.now;
    inputs.desired.identities.emplace_back().identity = "bot";
    inputs.actual.users["bot"] = "robot";
    for (const char* name : {"contoso", "fabrikam"}) {
      for (const char* identity : {"", "bot"}) {
        TokenList& listed = inputs.actual.organizations[{identity, name}];
        listed.organization = name;
        listed.identity = identity;
        listed.has_history = true;
      }
    }
    for (int i = 0; i < 9; ++i) Found(i, inputs);
    for (const DesiredToken& token : inputs.desired.tokens) {
      for (const Delivery& place : token.deliver) {
        HeldRecord held = HeldRecord::Absent();
        if (OneIn(12)) held.state = HeldRecord::State::kForeign;
        if (OneIn(12)) held = HeldRecord::Unknown(absl::UnknownError(Text()));
        inputs.actual.records.emplace(place.Address(), std::move(held));
      }
    }
    if (OneIn(3)) inputs.desired.policy.unmanaged = Unmanaged::kRevoke;
    if (OneIn(9)) inputs.actual.untold["contoso"] = 2;
    if (OneIn(3)) inputs.options.diff.rotate = {"t1"};
    if (OneIn(5)) inputs.options.targets = {"t[123]", "t0"};
    return inputs;
  }

  // One edit, of one thing. What it is called.
  std::string Edit(Inputs& inputs) {
    Edits edits;
    for (DesiredToken& token : inputs.desired.tokens) Add(token, edits);
    for (SinkConfig& sink : inputs.desired.sinks) Add(sink, edits);
    Add(inputs.desired.policy, edits);
    Add(inputs.desired.auth, "auth ", edits);
    Add(inputs.desired.identities[0], "identity ", edits);
    Add(inputs.options, edits);
    Add(inputs.actual, edits);
    edits.push_back({"workspace", [&] { inputs.desired.workspace += "x"; }});
    auto& [name, edit] = edits[Below(edits.size())];
    edit();
    return name;
  }

 private:
  using Edits = std::vector<std::pair<std::string, std::function<void()>>>;

  // Each of these takes a struct apart: a field that is new here does not
  // compile before it has an edit.
  void Add(DesiredToken& token, Edits& edits) {
    [[maybe_unused]] auto& [name, scopes, lifetime, expires, rotate_before,
                            renewal, grace, deliver, owner, purpose,
                            renamed_from, replaces, organization, identity,
                            labels, prevent_revoke, all_organizations, verify,
                            ensure, where, scopes_where] = token;
    const auto add = [&](const char* what, std::function<void()> edit) {
      edits.emplace_back(absl::StrCat("token ", what), std::move(edit));
    };
    add("name", [&] { token.name += "x"; });
    add("scopes", [&] { token.scopes = Scopes(); });
    add("lifetime", [&] { token.lifetime += absl::Hours(1); });
    add("expires",
        [&] { token.expires = absl::FromUnixSeconds(1'802'000'000); });
    add("rotate_before", [&] {
      auto& [span, share] = token.rotate_before;
      if (OneIn(2)) {
        span = absl::Hours(Below(90));
      } else {
        span.reset();
        share = Below(9) / 10.0 + 0.05;
      }
    });
    add("renewal", [&] {
      token.renewal = token.renewal == Renewal::kExtend ? Renewal::kRotate
                                                        : Renewal::kExtend;
    });
    add("grace", [&] { token.grace += absl::Hours(1); });
    for (Delivery& place : token.deliver) {
      [[maybe_unused]] auto& [sink, at, key, encoding, adopt, place_where] =
          place;
      add("sink",
          [&] { place.sink = place.sink == "main" ? "second" : "main"; });
      add("at", [&] { place.at = Text(); });
      add("key", [&] { place.key = Text(); });
      add("encoding",
          [&] { place.encoding = static_cast<Encoding>(Below(3)); });
      add("adopt", [&] { place.adopt = !place.adopt; });
      add("place's line", [&] { place.where = SourceLocation{"f", 1}; });
    }
    add("deliver", [&] { token.deliver.push_back(PlaceOf("main:more")); });
    add("deliver's order",
        [&] { std::reverse(token.deliver.begin(), token.deliver.end()); });
    add("owner", [&] { token.owner = Text(); });
    add("purpose", [&] { token.purpose = Text(); });
    add("renamed_from",
        [&] { token.renamed_from = absl::StrCat("t", Below(6)); });
    add("replaces", [&] { token.replaces.push_back(Id(Below(12))); });
    add("organization", [&] {
      token.organization =
          token.organization == "contoso" ? "fabrikam" : "contoso";
    });
    add("identity",
        [&] { token.identity = token.identity.empty() ? "bot" : ""; });
    add("labels", [&] { token.labels[Text()] = Text(); });
    add("verify", [&] { token.verify = !token.verify; });
    add("prevent_revoke",
        [&] { token.prevent_revoke = !token.prevent_revoke; });
    add("all_organizations",
        [&] { token.all_organizations = !token.all_organizations; });
    add("ensure", [&] { token.ensure = static_cast<Ensure>(Below(3)); });
    add("line", [&] { token.where = SourceLocation{"f", 1}; });
    add("scopes' line", [&] { token.scopes_where = SourceLocation{"f", 1}; });
  }

  void Add(SinkConfig& sink, Edits& edits) {
    [[maybe_unused]] auto& [name, type, settings, written, filled_in, where,
                            reach, print, store] = sink;
    edits.push_back({"sink print", [&] { sink.print += "x"; }});
    edits.push_back({"sink name", [&] { sink.name += "x"; }});
    edits.push_back({"sink type", [&] { sink.type = "dotenv"; }});
    edits.push_back({"sink settings", [&] { sink.settings["path"] = Text(); }});
    edits.push_back(
        {"sink written", [&] { sink.written["path"] = Setting(); }});
    edits.push_back(
        {"sink sink.written more", [&] { sink.written[Text()] = Setting(); }});
    edits.push_back({"sink filled_in", [&] { sink.filled_in = Text(); }});
    edits.push_back({"sink line", [&] {
                       sink.where = SourceLocation{"f", 1};
                     }});
  }

  // Another name is another user: a token's edit.
  void Add(AuthConfig& auth, const char* what, Edits& edits) {
    [[maybe_unused]] auto& [identity, source, settings, written, filled_in,
                            kept_at, where, overridden_by] = auth;
    const auto add = [&](const char* key, std::function<void()> edit) {
      edits.emplace_back(absl::StrCat(what, key), std::move(edit));
    };
    add("source", [&] { auth.source = Text(); });
    add("settings", [&] { auth.settings["tenant"] = Text(); });
    add("written", [&] { auth.written[Text()] = Setting(); });
    add("filled_in", [&] { auth.filled_in = Text(); });
    add("line", [&] { auth.where = SourceLocation{"f", 1}; });
    add("overridden_by", [&] { auth.overridden_by = Text(); });
  }

  void Add(PolicyConfig& policy, Edits& edits) {
    [[maybe_unused]] auto& [max_lifetime, min_lifetime, min_rotate_before,
                            forbidden, allowed, high, full, all_organizations,
                            patterns, required, sinks, allowed_places,
                            max_tokens, unmanaged, except, existing,
                            revocations, share, prevent, unknown, exceptions,
                            severity, set_at, where] = policy;
    const auto add = [&](const char* what, std::function<void()> edit) {
      edits.emplace_back(absl::StrCat("policy ", what), std::move(edit));
    };
    add("max_lifetime",
        [&] { policy.max_lifetime = absl::Hours(Below(9) * 24); });
    add("min_lifetime", [&] { policy.min_lifetime = absl::Hours(Below(9)); });
    add("min_rotate_before",
        [&] { policy.min_rotate_before = absl::Hours(Below(9)); });
    add("forbidden_scopes", [&] { policy.forbidden_scopes = Texts(); });
    add("allowed_scopes", [&] { policy.allowed_scopes.push_back(Texts()); });
    add("high_privilege_scopes",
        [&] { policy.high_privilege_scopes = Texts(); });
    add("full_scope",
        [&] { policy.deny_full_scope = !policy.deny_full_scope; });
    add("all_organizations", [&] {
      policy.deny_all_organizations = !policy.deny_all_organizations;
    });
    add("name_pattern", [&] { policy.name_patterns = {"[a-z0-9]+"}; });
    add("required_fields", [&] { policy.required_fields = {"owner"}; });
    add("sinks_for_scopes", [&] {
      policy.sinks_for_scopes.push_back(
          {Texts(), Texts(), Texts(), SourceLocation()});
    });
    add("allowed_places", [&] {
      policy.allowed_places.push_back(
          {{Texts(), Texts(), Texts(), SourceLocation()}});
    });
    add("max_tokens", [&] { policy.max_tokens = Below(9); });
    add("unmanaged",
        [&] { policy.unmanaged = static_cast<Unmanaged>(Below(4)); });
    add("unmanaged_except", [&] { policy.unmanaged_except.push_back(Text()); });
    add("existing", [&] { policy.existing = static_cast<Existing>(Below(3)); });
    add("max_revocations", [&] { policy.max_revocations = Below(9); });
    add("max_revocations_share",
        [&] { policy.max_revocations_share = Below(9) / 10.0; });
    add("prevent_revoke", [&] { policy.prevent_revoke.push_back(Text()); });
    add("allow_unknown_scopes",
        [&] { policy.allow_unknown_scopes = !policy.allow_unknown_scopes; });
    add("exceptions", [&] {
      policy.exceptions.push_back({Text(), Text(),
                                   absl::FromUnixSeconds(1'801'000'000), Text(),
                                   SourceLocation()});
    });
    add("severity", [&] {
      policy.severity[rule::kMaxLifetime] = static_cast<Severity>(Below(2));
    });
    add("set", [&] {
      policy.set_at[rule::kMaxTokens] = SourceLocation{"f", 1};
    });
    add("line", [&] { policy.where = SourceLocation{"f", 1}; });
  }

  void Add(PlanOptions& options, Edits& edits) {
    [[maybe_unused]] auto& [diff, targets, revocations, empty, baseline] =
        options;
    [[maybe_unused]] auto& [rotate] = diff;
    edits.push_back({"--rotate", [&] {
                       options.diff.rotate.insert(absl::StrCat("t", Below(6)));
                     }});
    edits.push_back({"--target", [&] { options.targets.push_back("t*"); }});
    edits.push_back(
        {"--target, odd", [&] { options.targets.push_back(Text()); }});
    edits.push_back({"--allow-revocations",
                     [&] { options.allowed_revocations = Below(9); }});
    edits.push_back({"--allow-empty-list", [&] {
                       options.allow_empty_list = !options.allow_empty_list;
                     }});
    edits.push_back({"--baseline", [&] { options.baseline.emplace(); }});
  }

  void Add(ActualState& actual, Edits& edits) {
    [[maybe_unused]] auto& [taken_at, clock_ahead, organizations, unread,
                            untold, records, strays, user_oid, users] = actual;
    edits.push_back({"clock", [&] { actual.clock_ahead.reset(); }});
    for (auto& [organization, snapshot] : organizations) {
      for (ActualToken& token : snapshot.tokens) {
        [[maybe_unused]] auto& [id, display_name, scopes, valid_from, valid_to,
                                all_organizations, organization_id, state] =
            token;
        edits.push_back({"listed name", [&] { token.display_name = Text(); }});
        edits.push_back({"listed scopes", [&] { token.scopes = Scopes(); }});
        edits.push_back(
            {"listed valid_from", [&] { token.valid_from -= kDay; }});
        edits.push_back({"listed valid_to", [&] { token.valid_to += kDay; }});
        edits.push_back({"listed reach", [&] {
                           token.all_organizations = !token.all_organizations;
                         }});
        edits.push_back({"listed state", [&] {
                           token.state = static_cast<TokenState>(Below(3));
                         }});
      }
    }
    for (auto& record : records) {
      HeldRecord& held = record.second;
      edits.push_back({"record", [&held, this] {
                         held.record.reset();
                         held.state = OneIn(2) ? HeldRecord::State::kAbsent
                                               : HeldRecord::State::kForeign;
                       }});
    }
    edits.push_back({"user", [&] { actual.user_oid += "x"; }});
    edits.push_back({"bot's user", [&] { actual.users["bot"] += "x"; }});
  }

  std::mt19937 random_;
};

constexpr int kWorlds = 400;
constexpr int kEdits = 24;  // of each world

TEST(ApprovalTest, OneDigestMeansTheSamePolicyChangesUnderTheSameRules) {
  std::map<std::string, int> told_apart;  // by the edit's name
  int same = 0;
  for (int seed = 0; seed < kWorlds; ++seed) {
    Draw draw(seed);
    const Inputs before = draw.World();
    const std::string effects = Effects::Of(before);
    const Plan plan = before.Make();
    for (int i = 0; i < kEdits; ++i) {
      Inputs after = before;
      std::string edit = draw.Edit(after);
      // Some of them together, and after a while.
      const bool several = draw.OneIn(3);
      if (several) draw.Edit(after);
      if (draw.OneIn(4)) after.now += draw.Below(40) * kDay;
      const Plan edited = after.Make();
      if (edited.digest != plan.digest) {
        if (!several && after.now == before.now) ++told_apart[edit];
        EXPECT_NE(after.Approve(edited), before.Approve(plan));
        continue;
      }
      ++same;
      ASSERT_EQ(Effects::Of(after), effects)
          << "seed " << seed << ", edit " << i << ": " << edit;
    }
  }
  EXPECT_GT(same, 250);
  // Each edit that means something was seen to change a digest, and none that
  // means nothing.
  const std::set<std::string> kMeansNothing = {
      "clock",         "sink print",         "listed valid_to",
      "auth line",     "auth settings",      "place's line",
      "policy line",   "scopes' line",       "sink line",
      "sink settings", "token line",         "token scopes' line",
      "--baseline",    "token place's line", "identity settings",
      "identity line", "auth overridden_by", "identity overridden_by"};
  Draw draw(0);
  std::set<std::string> silent;
  for (int i = 0; i < 3000; ++i) {
    Inputs inputs = draw.World();
    const std::string edit = draw.Edit(inputs);
    if (told_apart.count(edit) == 0) silent.insert(edit);
  }
  for (const std::string& edit : silent) {
    EXPECT_EQ(kMeansNothing.count(edit), 1u) << edit;
  }
}

// What a digest is over of a token is what its tree says, whatever the token.
TEST(ApprovalTest, ATokensTextIsItsTree) {
  std::set<std::string> texts;
  for (int seed = 0; seed < kWorlds; ++seed) {
    Draw draw(seed);
    Inputs inputs = draw.World();
    for (int i = 0; i < 9; ++i) draw.Edit(inputs);
    for (const DesiredToken& token : inputs.desired.tokens) {
      std::string text;
      JsonText json(text);
      WriteToken(token, json);
      ASSERT_EQ(text, Canonical(TokenJson(token, Places::kWithout)));
      texts.insert(std::move(text));
    }
  }
  EXPECT_GT(texts.size(), 500u);
}

// What a file is read back as is what was written, whatever the world: or a
// plan could not be released.
TEST(ApprovalTest, EveryPlanFollowsFromItsFile) {
  for (int seed = 0; seed < kWorlds; seed += 4) {
    Draw draw(seed);
    Inputs inputs = draw.World();
    draw.Edit(inputs);
    for (auto& [name, snapshot] : inputs.actual.organizations) {
      std::sort(snapshot.tokens.begin(), snapshot.tokens.end(),
                [](const auto& a, const auto& b) { return a.id < b.id; });
    }
    const Plan plan = inputs.Make();
    const absl::StatusOr<SavedPlan> read = ReadPlan(
        WritePlan(SavePlan(plan, inputs.options, inputs.desired, inputs.actual),
                  ""),
        "");
    ASSERT_TRUE(read.ok()) << "seed " << seed << ": " << read.status();
    EXPECT_EQ(read->plan.digest, plan.digest);
    EXPECT_EQ(ApprovalOf(*read), inputs.Approve(plan));
    // In pieces it is the same.
    EXPECT_EQ("sha256:" + Sha256(CanonicalApproval(ApprovalOf(*read))),
              plan.digest);
    EXPECT_EQ(ApprovalOf(*read).changes.size(),
              static_cast<size_t>(plan.policy_changes));
  }
}

// One world, two ways to ask something of it: never one digest.
class Told : public ::testing::Test {
 protected:
  Told() {
    world_.AddSink("main");
    world_.AddSink("files");
    world_.Declare("ci", {"main:ci"});
    world_.Run();
    world_.clock.Tick(absl::Hours(1));
    world_.Declare("new", {"main:new"});
  }

  std::string DigestOf(const std::function<void(Inputs&)>& edit) {
    Inputs inputs;
    inputs.desired = world_.desired;
    inputs.actual = *world_.Look();
    inputs.now = world_.clock.Now();
    edit(inputs);
    for (const DesiredToken& token : inputs.desired.tokens) {
      for (const Delivery& place : token.deliver) {
        inputs.actual.records.emplace(place.Address(), HeldRecord::Absent());
      }
    }
    return inputs.Make().digest;
  }
  static DesiredToken& New(Inputs& inputs) {
    return inputs.desired.tokens.back();
  }

  FakeWorld world_;
};

TEST_F(Told, Apart) {
  using Edit = std::function<void(Inputs&)>;
  const auto place = [](const char* at, bool adopt, Encoding encoding) {
    return [=](Inputs& i) {
      New(i).deliver = {{"main", at, "", encoding, adopt, {}}};
    };
  };
  struct Row {
    const char* name;
    Edit one;
    Edit other;
  };
  const Edit nothing = [](Inputs&) {};
  const std::vector<Row> rows = {
      {"made visible", place("a##vso[b", false, Encoding::kRaw),
       place("a#\\x23vso[b", false, Encoding::kRaw)},
      {"adopt", place("a", true, Encoding::kRaw),
       place("a (adopt)", false, Encoding::kRaw)},
      {"encoding", place("a", false, Encoding::kBase64),
       place("a (base64)", false, Encoding::kRaw)},
      {"two places and one",
       [](Inputs& i) {
         New(i).deliver = {PlaceOf("main:a"), PlaceOf("files:x")};
       },
       [](Inputs& i) { New(i).deliver = {PlaceOf("main:a, files:x")}; }},
      {"at and key", [](Inputs& i) { New(i).deliver = {PlaceOf("main:a#b")}; },
       [](Inputs& i) {
         New(i).deliver = {{"main", "a#b", "", Encoding::kRaw, false, {}}};
       }},
      {"labels",
       [](Inputs& i) {
         New(i).labels = {{"a", "b"}, {"c", "d"}};
       },
       [](Inputs& i) {
         New(i).labels = {{"a", "b\", c=\"d"}};
       }},
      {"list and text",
       [](Inputs& i) {
         i.desired.sinks[0].written["x"] = std::vector<std::string>{"a"};
       },
       [](Inputs& i) { i.desired.sinks[0].written["x"] = std::string("a"); }},
      {"number and text",
       [](Inputs& i) { i.desired.sinks[0].written["x"] = int64_t{1}; },
       [](Inputs& i) { i.desired.sinks[0].written["x"] = std::string("1"); }},
      {"without a policy",
       [](Inputs& i) { i.desired.policy.max_revocations = 5; }, nothing},
      {"a rule without a value that differs",
       [](Inputs& i) { i.desired.policy.set_at[rule::kUnmanaged] = {}; },
       nothing},
      {"--rotate beside a pending edit",
       [](Inputs& i) {
         i.desired.tokens[0].scopes = ScopeSet::Of({"vso.work"});
         i.options.diff.rotate = {"ci"};
       },
       [](Inputs& i) {
         i.desired.tokens[0].scopes = ScopeSet::Of({"vso.work"});
       }},
      {"--rotate of what is new",
       [](Inputs& i) { i.options.diff.rotate = {"new"}; }, nothing},
      {"--target", [](Inputs& i) { i.options.targets = {"*"}; }, nothing},
      {"--allow-revocations",
       [](Inputs& i) { i.options.allowed_revocations = 99; }, nothing},
      {"--allow-empty-list",
       [](Inputs& i) { i.options.allow_empty_list = true; }, nothing},
      {"another user", [](Inputs& i) { i.actual.user_oid = "x"; }, nothing},
      {"what a new place holds",
       [](Inputs& i) {
         New(i).deliver[0].adopt = true;
         i.actual.records["main:new"].state = HeldRecord::State::kForeign;
       },
       [](Inputs& i) { New(i).deliver[0].adopt = true; }},
  };
  for (const Row& row : rows) {
    EXPECT_NE(DigestOf(row.one), DigestOf(row.other)) << row.name;
  }
}

// What two approved pull requests and a nightly run may do to each other.
TEST_F(Told, TheSame) {
  const std::string digest = DigestOf([](Inputs&) {});
  struct Row {
    const char* name;
    std::function<void(Inputs&)> edit;
  };
  const auto all = [](Inputs& i,
                      const std::function<void(ActualToken&)>& edit) {
    for (auto& [name, snapshot] : i.actual.organizations) {
      for (ActualToken& token : snapshot.tokens) edit(token);
    }
  };
  const std::vector<Row> rows = {
      {"a start date",
       [&](Inputs& i) {
         all(i, [](ActualToken& token) {
           token.valid_from -= absl::Hours(9);
           token.valid_to -= absl::Hours(9);
         });
       }},
      {"an end",
       [&](Inputs& i) {
         all(i, [](ActualToken& token) { token.valid_to += absl::Seconds(9); });
       }},
      {"the grace of a token that needs no change",
       [](Inputs& i) { i.desired.tokens[0].grace = absl::Hours(1); }},
      {"the lifetime of one",
       [](Inputs& i) { i.desired.tokens[0].lifetime += kDay; }},
      {"the owner of one", [](Inputs& i) { i.desired.tokens[0].owner = "x"; }},
      {"the settings of a sink that no change uses",
       [](Inputs& i) {
         i.desired.sinks[1].written["path"] = std::string("x");
       }},
      {"a line of the file",
       [](Inputs& i) {
         New(i).where = SourceLocation{"x", 9};
       }},
      {"an hour", [](Inputs& i) { i.now += absl::Hours(1); }},
      {"a rotation that falls due", [](Inputs& i) { i.now += 25 * kDay; }},
      {"a stranger",
       [](Inputs& i) {
         ActualToken token;
         token.id =
             *AuthorizationId::Parse("ffffffff-0000-4000-8000-000000000000");
         token.display_name = "by hand";
         token.valid_to = i.now + kDay;
         i.actual.organizations["contoso"].tokens.push_back(token);
       }},
  };
  for (const Row& row : rows) EXPECT_EQ(DigestOf(row.edit), digest) << row.name;
}

// An update of a token whose dates moved: they are on both sides of it.
TEST_F(Told, StartDatesAreNotInADigest) {
  const auto edit = [&](absl::Duration earlier) {
    return DigestOf([&](Inputs& i) {
      i.desired.tokens[0].scopes = ScopeSet::Of({"vso.work"});
      for (ActualToken& token : i.actual.organizations["contoso"].tokens) {
        token.valid_from -= earlier;
      }
    });
  };
  EXPECT_EQ(edit(absl::ZeroDuration()), edit(absl::Hours(20)));
}

// An edit that is made in place is approved as that: not with a new secret that
// somebody asks for, but with one that falls due while it waits.
TEST_F(Told, AnUpdateIsNotARotation) {
  const auto edit = [](Inputs& i) {
    i.desired.tokens[0].scopes = ScopeSet::Of({"vso.work"});
  };
  const std::string digest = DigestOf(edit);
  EXPECT_EQ(DigestOf([&](Inputs& i) {
              edit(i);
              i.now += 25 * kDay;
            }),
            digest);
  EXPECT_NE(DigestOf([&](Inputs& i) {
              edit(i);
              i.desired.tokens[0].lifetime = kDay;
            }),
            digest);
  EXPECT_NE(DigestOf([&](Inputs& i) {
              edit(i);
              i.desired.tokens[0].deliver.push_back(PlaceOf("files:ci"));
            }),
            digest);
  // Where updates renew the secret, a rotation makes the same edit.
  EXPECT_EQ(DigestOf([&](Inputs& i) {
              edit(i);
              i.actual.records.begin()->second.record->renewed_by_update = true;
            }),
            digest);
  // Whatever name of the token the flag has.
  for (const char* name : {"ci", "token.ci"}) {
    EXPECT_NE(DigestOf([&](Inputs& i) {
                edit(i);
                i.options.diff.rotate = {name};
              }),
              digest);
  }
}

}  // namespace
}  // namespace patform
