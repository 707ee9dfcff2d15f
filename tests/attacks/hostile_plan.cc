#include "tests/attacks/hostile_plan.h"

#include <algorithm>
#include <random>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "engine/base/strings.h"
#include "engine/model/mark.h"
#include "engine/model/places.h"
#include "engine/plan/places.h"

namespace patform {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

// What somebody who wants to deceive would write.
const std::vector<std::string>& Words() {
  static const auto& kWords = *new std::vector<std::string>{
      "prod",
      "\x1b[2K\rsafe",
      "\x1b]8;;http://evil.example\x07x\x1b]8;;\x07",
      "a\nPlan: 0 to create",
      "a\r\n\r\n## Nothing ends",
      "\u202eevil\u202c",
      "\u2066x\u2069\u200b\u200d\ufeff",
      "\u034f\u2800\uffa0",
      "\u00ad\u180e\U000e0041\U000e0042",
      "\u0085\u009b2J\u2028x\u2029",
      "e\u0301\u0301\u0301\u0301",
      "\u05d0\u05d1\u0660",
      "\u0440\u0430ypal",
      "\uff03\uff03vso[task.complete]",
      "</details>\n\n# out",
      "</details><details open>",
      "</code></pre><script>alert(1)</script>",
      "```\n- x",
      "~~~\n# x",
      "`",
      "`` ``` ` |",
      "a|b|c`d``e",
      "| --- | --- |",
      "\\",
      "\\|",
      "x\\\"",
      "&#124;&NewLine;&lt;b&gt;",
      "![x](https://evil.example/x.png)",
      "[digest](http://evil.example) @team #1 AB#2",
      "<!-- patform:v1 workspace=w -->",
      "<!-- patform:digest sha256:0 -->",
      "-->",
      "##vso[task.complete]",
      "##[group]x",
      "::stop-commands::x",
      "\n::error file=x::y",
      "%0a::warning::x",
      "]]><x>&amp;\"'",
      "\",\"revoke\":0,\"",
      "\" (0000) ends",
      "\", owner \"you",
      "\\x7c\\u{7c}",
      std::string(300, 'x') + "/end",
      "\\u{202e}",
      "%0A%25%AZP25",
      "is new, with vso.code",
      "\u26d4 INCOMPLETE",
  };
  return kWords;
}

class Maker {
 public:
  explicit Maker(uint32_t seed) : random_(seed) {}

 protected:
  int Below(int n) { return static_cast<int>(random_() % n); }

  std::string Word() {
    if (Below(200) == 0) return std::string(4000, 'y') + "/end";
    return Words()[Below(static_cast<int>(Words().size()))];
  }

  // UTF-8, as every text of the service and of a file is.
  std::string Text() {
    return Below(3) > 0 ? Word() : absl::StrCat(Word(), " ", Word());
  }

  // A scope, which has no space in it.
  std::string Scope() {
    return absl::StrReplaceAll(absl::StrCat("vso.added", ++scopes_, Word()),
                               {{" ", "_"}});
  }

  AuthorizationId Id() {
    return *AuthorizationId::Parse(
        absl::StrFormat("%08x-0000-4000-8000-000000000000", ++ids_));
  }

  // Mostly a few, sometimes more than any comment has room for.
  int Size() {
    const int kind = Below(100);
    return 1 + Below(kind == 0 ? 200 : kind < 5 ? 60 : 6);
  }

  void SetSink(SinkConfig& sink) {
    sink.name = "files";
    sink.type = "file";
    sink.settings["path"] = sink.written["path"] = path_ = Text();
  }

  HostileItem& Item(const char* kind, const std::string& address) {
    HostileItem item;
    item.kind = kind;
    item.address = address;
    items_.push_back(std::move(item));
    return items_.back();
  }

  void Ends(const std::string& address, const AuthorizationId& id,
            const std::string& name, const std::string& owner) {
    HostileItem& item = Item("ends", address);
    item.id = id.ToString();
    item.name = name;
    item.owner = owner;
  }

  void Widens(const std::string& address, std::vector<std::string> scopes,
              std::string phrase) {
    HostileItem& item = Item("widens", address);
    item.scopes = std::move(scopes);
    item.phrase = std::move(phrase);
  }

  void Moves(const std::string& address, const Delivery& place) {
    HostileItem& item = Item("moves", address);
    item.place = place.Address();
    item.path = path_;
  }

  std::mt19937 random_;
  std::vector<HostileItem> items_;
  std::string path_;
  int ids_ = 0, scopes_ = 0, places_ = 0;
};

// Changes put together by hand.
class FromParts : public Maker {
 public:
  explicit FromParts(uint32_t seed) : Maker(seed) {
    plan_.workspace = "w";
    plan_.organizations = {"contoso"};
    plan_.as_of = HostileTime();
    plan_.stable_until = absl::InfiniteFuture();
    plan_.digest = "sha256:" + std::string(64, '0');
    ++plan_.policy_changes;
    SetSink(sink_);
    for (int i = Size(); i > 0; --i) Add(i);
    plan_.counts = CountActions(plan_.changes.changes);
  }

  HostilePlan Take() {
    return {std::move(plan_), std::move(items_), std::nullopt};
  }

 private:
  // And bytes that are no UTF-8.
  std::string Bytes() { return Below(30) == 0 ? "\xff\xfe\x80x" : Text(); }

  TokenFacts Facts(const std::string& name) {
    TokenFacts facts;
    facts.id = Id();
    facts.display_name = name;
    facts.scopes = ScopeSet::Of({"vso.code", "vso.build"});
    facts.valid_from = HostileTime() - 10 * kDay;
    facts.valid_to = HostileTime() + 20 * kDay;
    facts.generation = 1;
    return facts;
  }

  Collect End(const Change& change, int64_t generation, Reason reason) {
    Collect end{Id(),         generation,           reason,
                std::nullopt, HostileTime() + kDay, Bytes()};
    if (Below(2) == 0) end.retire_at = HostileTime() + absl::Hours(1);
    Ends(change.address, end.id, end.display_name,
         generation > 0 ? change.owner : "");
    return end;
  }

  void Add(int i) {
    Change change;
    change.name = absl::StrCat(Bytes(), i);
    change.address = TokenAddress(change.name);
    change.organization = "contoso";
    change.owner = Bytes();
    change.where = {absl::StrCat(Word(), ".toml"), i, 1, 3};
    change.before = Facts(change.name);
    switch (Below(5)) {
      case 0:
        Revoke(change);
        break;
      case 1:
        Update(change);
        break;
      case 2:
        change.before.reset();
        Make(change, Action::kCreate);
        break;
      case 3:
        Release(change);
        break;
      default:
        Make(change, Action::kRotate);
    }
    plan_.changes.changes.push_back(std::move(change));
  }

  void Revoke(Change& change) {
    change.action = Action::kRevoke;
    change.reason = Reason::kUnmanaged;
    const int64_t generation = Below(2);
    for (int n = 1 + Below(3); n > 0; --n) {
      change.revoke.push_back(End(change, generation, Reason::kUnmanaged));
    }
  }

  void Release(Change& change) {
    change.action = Action::kRelease;
    change.after = change.before;
    HostileItem& item = Item("moves", change.address);
    item.was = change.name;
    item.phrase = "is released: ";
  }

  void Update(Change& change) {
    change.action = Action::kUpdate;
    change.reason = Reason::kScopeChanged;
    change.after = change.before;
    std::vector<std::string> scopes = {"vso.code", "vso.build"};
    for (int n = 1 + Below(3); n > 0; --n) {
      scopes.push_back(Scope());
      Widens(change.address, {scopes.back()}, "gets the scope ");
    }
    change.after->scopes = ScopeSet::Of(scopes);
    if (Below(3) == 0) {
      change.after->all_organizations = true;
      Widens(change.address, {}, "is valid in all organizations of its user");
    }
    if (Below(3) == 0) {
      change.after->display_name = Bytes() + "!";
      HostileItem& item = Item("moves", change.address);
      item.was = change.name;
      item.name = change.after->display_name;
      item.phrase = "is renamed from ";
    }
    switch (Below(3)) {
      case 0:
        break;
      case 1:
        change.after->valid_to = HostileTime() + 60 * kDay;
        Widens(change.address, {}, "lives until ");
        break;
      default:
        change.before->generation = change.after->generation = 0;
        change.after->valid_to = HostileTime() + absl::Minutes(2);
        Ends(change.address, *change.before->id, change.name, "");
    }
  }

  void Make(Change& change, Action action) {
    change.action = action;
    change.reason = Reason::kSecretNotInSink;
    change.decision.Mutable().kind = Decision::Kind::kMake;
    change.decision.Mutable().generation = 2;
    change.after = Facts(change.name);
    change.after->id.reset();
    change.after->valid_to = HostileTime() + 90 * kDay;
    if (change.before) {
      Widens(change.address, {}, "lives longer than before: ");
    } else {
      const std::string scope = Scope();
      change.after->scopes = ScopeSet::Of({"vso.code", scope});
      Widens(change.address, {"vso.code", scope}, "is new, with ");
    }
    for (int n = 1 + Below(5); n > 0; --n) {
      Delivery place;
      place.sink = "files";
      place.at = absl::StrCat("place", ++places_, "/", Bytes());
      change.deliver.push_back(place);
      change.places.push_back({DescribeSink(sink_), Bytes(), false});
      Moves(change.address, place);
    }
    for (int n = Below(4); n > 0; --n) {
      change.decision.Mutable().collect.push_back(
          End(change, 0, Reason::kSuperseded));
    }
  }

  SinkConfig sink_;
  Plan plan_;
};

// A configuration and a world, from which patform makes the plan.
class FromWorld : public Maker {
 public:
  explicit FromWorld(uint32_t seed) : Maker(seed) {
    desired_.workspace = "w";
    desired_.organization = "contoso";
    desired_.files = {"patform.toml"};
    desired_.sinks.emplace_back();
    SetSink(desired_.sinks.back());
    actual_.taken_at = HostileTime();
    TokenList& snapshot = actual_.organizations["contoso"];
    snapshot.organization = "contoso";
    snapshot.has_history = true;
    revoke_unmanaged_ = Below(4) == 0;
    if (revoke_unmanaged_) desired_.policy.unmanaged = Unmanaged::kRevoke;
    for (int i = Size(); i > 0; --i) Add(i);
    std::sort(
        snapshot.tokens.begin(), snapshot.tokens.end(),
        [](const ActualToken& a, const ActualToken& b) { return a.id < b.id; });
  }

  HostilePlan Take() {
    const PlanOptions options;
    HostilePlan made;
    made.plan = MakePlan(desired_, actual_, options, HostileTime());
    made.items = std::move(items_);
    made.saved = SavePlan(made.plan, options, desired_, actual_);
    return made;
  }

 private:
  // A name that a configuration may have.
  std::string Declared(int i) {
    const std::string word = Text();
    const bool good = !HoldsInvisible(word) && CodePoints(word) < 140 &&
                      word.front() != ' ' && !absl::StrContains(word, " ~pf:");
    return good ? absl::StrCat(word, i) : absl::StrCat("t", i);
  }

  ActualToken& Live(const std::string& display_name) {
    ActualToken token;
    token.id = Id();
    token.display_name = display_name;
    token.scopes = ScopeSet::Of({"vso.code"});
    token.valid_from = HostileTime() - 10 * kDay;
    token.valid_to = HostileTime() + 80 * kDay;
    std::vector<ActualToken>& tokens = actual_.organizations["contoso"].tokens;
    tokens.push_back(token);
    return tokens.back();
  }

  // A generation of `token`, whose secret is in its place, or was.
  AuthorizationId Own(const DesiredToken& token, bool held) {
    const std::string nonce = NonceFor(absl::StrFormat("%016d", ids_),
                                       PlacesPrint(desired_, token.deliver));
    const ActualToken live = Live(DisplayName(token.name, {"w", 1, nonce}));
    if (held) {
      HeldRecord& record = actual_.records[token.deliver[0].Address()];
      record.state = HeldRecord::State::kPresent;
      record.version = "1";
      record.record.emplace();
      record.record->id = live.id;
      record.record->generation = 1;
      record.record->workspace = "w";
      record.record->organization = "contoso";
      record.record->token = token.name;
      record.record->address = token.deliver[0].Address();
      record.record->valid_to = live.valid_to;
      record.record->written_at = live.valid_from;
    }
    return live.id;
  }

  void New(const DesiredToken& token, const std::string& address) {
    Widens(address, {"vso.code"}, "is new, with ");
    Moves(address, token.deliver[0]);
  }

  void Add(int i) {
    DesiredToken token;
    token.name = Declared(i);
    token.organization = "contoso";
    token.scopes = ScopeSet::Of({"vso.code"});
    token.lifetime = 90 * kDay;
    token.owner = Text();
    token.where = SourceRef("patform.toml", 3 * i, 1, 1);
    Delivery place;
    place.sink = "files";
    place.at = absl::StrCat("place", ++places_, "/", Declared(i));
    token.deliver = {place};
    actual_.records[place.Address()] = HeldRecord::Absent();
    const std::string address = TokenAddress(token.name);
    switch (Below(6)) {
      case 0:
        token.ensure = Ensure::kAbsent;
        Ends(address, Own(token, false), token.name, token.owner);
        token.deliver.clear();
        break;
      case 1: {
        Own(token, true);
        const std::string scope = absl::StrCat("vso.added", ++scopes_);
        token.scopes = ScopeSet::Of({"vso.code", scope});
        Widens(address, {scope}, "gets the scope ");
        break;
      }
      case 2:
        New(token, address);
        break;
      case 3:
        Own(token, false);
        Moves(address, place);
        break;
      case 4: {
        const ActualToken stranger = Live(absl::StrCat(Text(), i));
        token.replaces = {stranger.id};
        New(token, address);
        Ends(address, stranger.id, stranger.display_name, "");
        break;
      }
      default: {
        // Nobody's table: it stays, unless the policy ends it.
        const ActualToken stranger = Live(absl::StrCat(Text(), i));
        if (revoke_unmanaged_) {
          Ends(TokenAddress(stranger.display_name), stranger.id,
               stranger.display_name, "");
        }
        return;
      }
    }
    desired_.tokens.push_back(std::move(token));
  }

  DesiredState desired_;
  ActualState actual_;
  bool revoke_unmanaged_ = false;
};

}  // namespace

absl::Time HostileTime() { return absl::FromUnixSeconds(1'800'000'000); }

HostilePlan MakeHostilePlan(uint32_t seed) {
  if (seed % 2 == 0) return FromParts(seed).Take();
  return FromWorld(seed).Take();
}

}  // namespace patform
