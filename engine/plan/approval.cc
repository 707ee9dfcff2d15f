#include "engine/plan/approval.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <cstring>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/canonical_json.h"
#include "engine/base/digest.h"
#include "engine/base/strings.h"
#include "engine/diff/endings.h"
#include "engine/model/token_key.h"
#include "engine/plan/classify.h"
#include "engine/plan/configuration.h"
#include "engine/plan/field_differences.h"

namespace patform {
namespace {

namespace json = boost::json;

constexpr char kDigestPrefix[] = "sha256:";
constexpr size_t kDigestDigits = 64;

// Rotations for these reasons are updates at a service that gives an updated
// token a new secret (diff/token_diff.cc).
bool IsUpdateElsewhere(Reason reason) {
  return reason == Reason::kScopeChanged || reason == Reason::kRenamed ||
         reason == Reason::kExpiresChanged ||
         reason == Reason::kAllOrganizationsChanged;
}

// What somebody asks for, without what time or a run that died adds to it: an
// edit that an update in place would make is that update, although the token
// has fallen due meanwhile and a rotation makes both.
const char* Intent(const Change& change, const json::array& new_places) {
  if (change.action != Action::kRotate || !new_places.empty()) {
    return Word(change.action);
  }
  if (IsUpdateElsewhere(change.reason)) return Word(Action::kUpdate);
  if (!ByTimeOrCrash(change.reason)) return Word(change.action);
  const bool edited = std::any_of(
      change.fields.begin(), change.fields.end(),
      [](const FieldChange& field) { return field.field != "valid_to"; });
  return Word(edited ? Action::kUpdate : Action::kFinish);
}

// What is there before the change.
const char* Existing(const Change& change) {
  if (!change.before) return "nothing";
  return change.action == Action::kCreate ? "ended" : "token";
}

// Part of the digest: never to be reworded.
using Held = HeldRecord::State;
constexpr WordFor<Held> kHolding[] = {
    {Held::kAbsent, "nothing"},
    {Held::kPresent, "a record"},
    {Held::kForeign, "a value of somebody else"},
    {Held::kUnknown, "unknown"},
    {Held::kTorn, "a secret and the record of another one"},
    {Held::kSilent, "what it was given last"}};
static_assert(AllInOrder(kHolding, Held::kSilent));

const char* Holding(Held state) {
  return kHolding[static_cast<size_t>(state)].word;
}

// The places that get a secret of this token for the first time.
json::array NewPlaces(const Change& change, const ActualState& actual) {
  json::array places;
  if (change.decision.kind != Decision::Kind::kMake) return places;
  for (const Delivery& place : change.deliver) {
    if (HoldsSecretOf(change, place, actual)) continue;
    json::object object = {
        {"sink", place.sink}, {"at", place.at}, {"key", place.key}};
    const auto held = actual.records.find(place.Address());
    const bool known = held != actual.records.end();
    object["holds"] =
        Holding(known ? held->second.state : HeldRecord::State::kUnknown);
    if (known && held->second.record) {
      object["of"] = held->second.record->token;
      object["of_organization"] = held->second.record->organization;
    }
    places.push_back(std::move(object));
  }
  return places;
}

// What ends, as a revocation: not the earlier generations of a token that
// stays.
json::array Ends(const Change& change) {
  std::map<AuthorizationId, std::string> ends;
  for (const Ending& ending : EndingsOf(change)) {
    if (ending.revocation) ends[ending.id] = ending.display_name;
  }
  json::array array;
  for (const auto& [id, name] : ends) {
    array.push_back(
        json::object{{"authorization_id", id.ToString()}, {"name", name}});
  }
  return array;
}

json::object Content(const Change& change, const ActualState& actual,
                     const DesiredToken* declared) {
  json::array new_places = NewPlaces(change, actual);
  const char* intent = Intent(change, new_places);
  json::object content = {{"intent", intent},
                          {"name", change.name},
                          {"exists", Existing(change)},
                          {"ends", Ends(change)},
                          {"new_places", std::move(new_places)}};
  // Without a mark, or to be released: only its id shows which is meant.
  if (change.before && change.before->id &&
      (change.before->generation == 0 || change.action == Action::kRelease)) {
    content["token"] = change.before->id->ToString();
  }
  json::object from;
  for (const FieldChange& field : change.fields) {
    // The end of a life follows from the declared lifetime and the clock.
    if (field.field != "valid_to") from[field.field] = field.before;
  }
  content["from"] = std::move(from);
  if (declared != nullptr) {
    content["declared"] = TokenJson(*declared, Places::kWithout);
  }
  return content;
}

// Compares what one change is now with what was approved of it.
class Comparison {
 public:
  Comparison(const ApprovedChange& approved, const ApprovedChange& now)
      : address_(now.address),
        approved_(json::parse(approved.content).as_object()),
        now_(json::parse(now.content).as_object()) {}

  std::vector<std::string> Lines() && {
    for (const char* key : {"intent", "name", "exists", "token"}) Plain(key);
    for (const char* key : {"ends", "new_places"}) Fewer(key);
    Members("from", " before the change");
    Members("declared", "");
    return std::move(lines_);
  }

 private:
  static const json::value& At(const json::object& object,
                               json::string_view key) {
    static const json::value& null = *new json::value;
    const json::value* value = object.if_contains(key);
    return value == nullptr ? null : *value;
  }
  static const json::object& ObjectAt(const json::object& object,
                                      const char* key) {
    static const json::object& nothing = *new json::object;
    const json::value& value = At(object, key);
    return value.is_object() ? value.get_object() : nothing;
  }

  void Say(const std::string& what, const char* when, const std::string& was,
           const std::string& is) {
    lines_.push_back(absl::StrCat(Visible(address_), ": ", what, when,
                                  ": approved ", was, ", now ", is));
  }

  void Plain(const char* key) {
    const json::value& was = At(approved_, key);
    const json::value& is = At(now_, key);
    if (Canonical(was) != Canonical(is)) Say(key, "", Drawn(was), Drawn(is));
  }

  // Whatever of the list was not in the approved one.
  void Fewer(const char* key) {
    std::set<std::string> known;
    const json::value& was = At(approved_, key);
    const json::value& is = At(now_, key);
    for (const json::value& item : was.as_array())
      known.insert(Canonical(item));
    for (const json::value& item : is.as_array()) {
      if (known.count(Canonical(item)) == 0)
        return Say(key, "", Drawn(was), Drawn(is));
    }
  }

  void Members(const char* key, const char* when) {
    const json::object& was = ObjectAt(approved_, key);
    const json::object& is = ObjectAt(now_, key);
    for (const FieldDifference& each :
         DifferencesOf(FieldsOf(was), FieldsOf(is))) {
      Say(Visible(each.field), when, each.before, each.now);
    }
  }

  const std::string& address_;
  const json::object approved_;
  const json::object now_;
  std::vector<std::string> lines_;
};

// "[policy]: max_lifetime: approved "90d", now nothing".
void CompareText(const std::string& subject, const std::string& approved,
                 const std::string& now, std::vector<std::string>& lines) {
  if (approved == now) return;
  for (const FieldDifference& each :
       DifferencesOf(FieldsOf(json::parse(approved).as_object()),
                     FieldsOf(json::parse(now).as_object()))) {
    lines.push_back(absl::StrCat(subject, ": ", each.field, ": approved ",
                                 each.before, ", now ", each.now));
  }
}

void CompareRequests(const Approval& approved, const Approval& now,
                     std::vector<std::string>& lines) {
  for (const std::string& name : now.rotate) {
    if (approved.rotate.count(name) > 0) continue;
    lines.push_back(
        absl::StrCat("--rotate ", Visible(name), " was not approved"));
  }
  if (approved.targets != now.targets) {
    lines.push_back(absl::StrCat("--target: approved ",
                                 Drawn(TextsJson(approved.targets)), ", now ",
                                 Drawn(TextsJson(now.targets))));
  }
  if (now.allowed_revocations > approved.allowed_revocations) {
    lines.push_back(absl::StrCat("--allow-revocations ",
                                 now.allowed_revocations, " was not approved"));
  }
  if (now.allow_empty_list && !approved.allow_empty_list) {
    lines.push_back("--allow-empty-list was not approved");
  }
}

void CompareRules(const Approval& approved, const Approval& now,
                  std::vector<std::string>& lines) {
  CompareText("[auth]", approved.auth, now.auth, lines);
  CompareText("[policy]", approved.policy, now.policy, lines);
  for (const auto& [name, content] : now.sinks) {
    const auto known = approved.sinks.find(name);
    // A change that was not approved is reported by itself.
    if (known == approved.sinks.end()) continue;
    CompareText(absl::StrCat("[sink.", Visible(name), "]"), known->second,
                content, lines);
  }
  for (const auto& [name, content] : now.identities) {
    const auto known = approved.identities.find(name);
    if (known == approved.identities.end()) continue;
    CompareText(SignInTable(name), known->second, content, lines);
  }
}

}  // namespace

std::string Intention(const ApprovedChange& change) {
  const json::value content = json::parse(change.content);
  const json::string& intent = content.at("intent").as_string();
  for (const ActionRow& row : kActionWords) {
    if (intent == row.word) return absl::StrCat("to ", row.to_be);
  }
  return "to be changed";
}

Approval MakeApproval(const DesiredState& desired, const ActualState& actual,
                      const PlanOptions& options,
                      const std::vector<Change>& changes) {
  const bool any =
      std::any_of(changes.begin(), changes.end(), [](const Change& change) {
        return change.change_class == ChangeClass::kPolicy;
      });
  absl::flat_hash_map<TokenKey, const DesiredToken*> tokens;
  if (any) {
    tokens.reserve(desired.tokens.size());
    for (const DesiredToken& token : desired.tokens) {
      tokens[{token.identity, token.organization, token.name}] = &token;
    }
  }
  // Another earlier look only stops a plan; what it stops is not done.
  const auto& [diff, targets, allowed_revocations, allow_empty_list, baseline] =
      options;
  const auto& [rotate] = diff;
  Approval approval;
  approval.workspace = desired.workspace;
  approval.user_oid = actual.user_oid;
  approval.rotate = rotate;
  approval.targets = targets;
  approval.allowed_revocations = allowed_revocations;
  approval.allow_empty_list = allow_empty_list;
  approval.auth = Canonical(AuthJson(desired.auth, Places::kWithout));
  approval.policy = Canonical(PolicyJson(desired.policy, Places::kWithout));
  std::set<std::string> sinks;
  for (const Change& change : changes) {
    if (change.change_class != ChangeClass::kPolicy) continue;
    const auto found =
        tokens.find({change.identity, change.organization, change.name});
    const DesiredToken* token = found == tokens.end() ? nullptr : found->second;
    if (!change.identity.empty()) {
      if (const AuthConfig* auth = desired.FindAuth(change.identity)) {
        json::object object = AuthJson(*auth, Places::kWithout);
        object["owner"] = actual.UserOf(change.identity);
        approval.identities[change.identity] = Canonical(object);
      }
    }
    approval.changes.push_back({change.address, change.organization,
                                change.identity,
                                Canonical(Content(change, actual, token))});
    if (token == nullptr) continue;
    // All places, although an update in place does not deliver: it may have
    // become a rotation by the time of the release.
    for (const Delivery& place : token->deliver) sinks.insert(place.sink);
  }
  std::sort(approval.changes.begin(), approval.changes.end());
  approval.changes.erase(
      std::unique(approval.changes.begin(), approval.changes.end()),
      approval.changes.end());
  for (const std::string& name : sinks) {
    const SinkConfig* sink = desired.FindSink(name);
    if (sink == nullptr) continue;
    approval.sinks[name] = Canonical(SinkJson(*sink, Places::kWithout));
  }
  return approval;
}

namespace {

// "\"NAME\":CONTENT,…": each of what is canonical JSON already.
std::string Members(const std::map<std::string, std::string>& by_name) {
  std::string out;
  for (const auto& [name, content] : by_name) {
    absl::StrAppend(&out, out.empty() ? "" : ",", Canonical(json::string(name)),
                    ":", content);
  }
  return out;
}

}  // namespace

std::string CanonicalApproval(const Approval& approval) {
  const auto& [workspace, user_oid, rotate, targets, allowed_revocations,
               allow_empty_list, auth, policy, sinks, identities, changes] =
      approval;
  const auto text = [](const std::string& value) {
    return Canonical(json::string(value));
  };
  // Put together by hand, in the order of the keys: the parts are canonical
  // JSON already, and there may be a hundred thousand.
  std::string out = absl::StrCat(
      "{\"allow_empty_list\":", allow_empty_list ? "true" : "false",
      ",\"allowed_revocations\":", allowed_revocations, ",\"auth\":", auth,
      ",\"changes\":[");
  const char* separator = "";
  for (const ApprovedChange& change : changes) {
    absl::StrAppend(&out, separator, "{\"address\":", text(change.address),
                    ",\"content\":", change.content);
    if (!change.identity.empty()) {
      absl::StrAppend(&out, ",\"identity\":", text(change.identity));
    }
    absl::StrAppend(&out, ",\"organization\":", text(change.organization), "}");
    separator = ",";
  }
  absl::StrAppend(&out, "]");
  if (!identities.empty()) {
    absl::StrAppend(&out, ",\"identities\":{", Members(identities), "}");
  }
  absl::StrAppend(
      &out, ",\"owner\":", text(user_oid), ",\"policy\":", policy,
      ",\"rotate\":", Canonical(TextsJson({rotate.begin(), rotate.end()})),
      ",\"sinks\":{");
  absl::StrAppend(&out, Members(sinks),
                  "},\"targets\":", Canonical(TextsJson(targets)),
                  ",\"version\":3,\"workspace\":", text(workspace), "}");
  return out;
}

std::string Digest(const Approval& approval) {
  return kDigestPrefix + Sha256(CanonicalApproval(approval));
}

bool IsDigest(const std::string& text) {
  return text.size() == strlen(kDigestPrefix) + kDigestDigits &&
         absl::StartsWith(text, kDigestPrefix) &&
         text.find_first_not_of("0123456789abcdef", strlen(kDigestPrefix)) ==
             std::string::npos;
}

std::vector<std::string> BeyondApproval(const Approval& approved,
                                        const Approval& now) {
  std::vector<std::string> lines;
  const auto differs = [&](const char* what, const std::string& was,
                           const std::string& is) {
    if (was == is) return;
    lines.push_back(absl::StrCat(what, ": approved \"", Visible(was),
                                 "\", now \"", Visible(is), "\""));
  };
  differs("workspace", approved.workspace, now.workspace);
  differs("user", approved.user_oid, now.user_oid);
  // What needs no approval does not ask for its flags and rules either.
  if (now.changes.empty()) return lines;
  CompareRequests(approved, now, lines);
  CompareRules(approved, now, lines);
  for (const ApprovedChange& change : now.changes) {
    if (std::binary_search(approved.changes.begin(), approved.changes.end(),
                           change)) {
      continue;
    }
    // If a token has several changes, the one that differs least.
    std::optional<std::vector<std::string>> least;
    for (const ApprovedChange& other : approved.changes) {
      if (other.address != change.address ||
          other.organization != change.organization ||
          other.identity != change.identity) {
        continue;
      }
      std::vector<std::string> found = Comparison(other, change).Lines();
      if (!least || found.size() < least->size()) least = std::move(found);
    }
    if (!least) {
      lines.push_back(absl::StrCat(Visible(change.address), ": ",
                                   Intention(change),
                                   ", which was not approved"));
      continue;
    }
    lines.insert(lines.end(), least->begin(), least->end());
  }
  return lines;
}

}  // namespace patform
