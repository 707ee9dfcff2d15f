#include "engine/plan/approval.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <cstring>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "engine/base/canonical_json.h"
#include "engine/base/digest.h"
#include "engine/base/json_text.h"
#include "engine/diff/endings.h"
#include "engine/model/token_key.h"
#include "engine/plan/classify.h"
#include "engine/plan/configuration.h"
#include "engine/plan/token_text.h"

namespace patform {
namespace {

namespace json = boost::json;

constexpr char kDigestPrefix[] = "sha256:";
constexpr size_t kDigestDigits = 64;
// Of the text that a digest is over.
constexpr int kVersion = 3;
// Of it in memory at once.
constexpr size_t kPiece = 64 << 10;

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
const char* Intent(const Change& change, bool new_places) {
  if (change.action != Action::kRotate || new_places) {
    return Word(change.action);
  }
  if (IsUpdateElsewhere(change.reason)) return Word(Action::kUpdate);
  if (!ByTimeOrCrash(change.reason)) return Word(change.action);
  return Word(IsEdited(change) ? Action::kUpdate : Action::kFinish);
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

// The places that get a secret of this token for the first time. Whether there
// are any.
bool WriteNewPlaces(const Change& change, const ActualState& actual,
                    JsonText& json) {
  bool any = false;
  json.Open('[');
  if (change.decision->kind == Decision::Kind::kMake) {
    for (const Delivery& place : change.deliver) {
      if (HoldsSecretOf(change, place, actual)) continue;
      any = true;
      const auto held = actual.records.find(place.Address());
      const bool known = held != actual.records.end();
      json.Open('{');
      json.Key("at").Text(place.at);
      json.Key("holds").Text(
          Holding(known ? held->second.state : HeldRecord::State::kUnknown));
      json.Key("key").Text(place.key);
      if (known && held->second.record) {
        json.Key("of").Text(held->second.record->token);
        json.Key("of_organization").Text(held->second.record->organization);
      }
      json.Key("sink").Text(place.sink);
      json.Close('}');
    }
  }
  json.Close(']');
  return any;
}

// What ends, as a revocation: not the earlier generations of a token that
// stays.
void WriteEnds(const Change& change, JsonText& json) {
  std::map<AuthorizationId, std::string> ends;
  for (const Ending& ending : EndingsOf(change)) {
    if (ending.revocation) ends[ending.id] = ending.display_name;
  }
  json.Open('[');
  for (const auto& [id, name] : ends) {
    json.Open('{');
    json.Key("authorization_id").Text(id.ToString());
    json.Key("name").Text(name);
    json.Close('}');
  }
  json.Close(']');
}

// The fields that differ, as they are now.
void WriteFrom(const Change& change, JsonText& json) {
  const std::vector<FieldChange> fields = FieldChangesOf(change);
  std::map<std::string_view, std::string_view> from;
  for (const FieldChange& field : fields) {
    // The end of a life follows from the declared lifetime and the clock.
    if (field.field != "valid_to") from[field.field] = field.before;
  }
  json.Open('{');
  for (const auto& [field, before] : from) json.Label(field).Text(before);
  json.Close('}');
}

// ApprovedChange::content. `declared`: nullptr if no table declares the token.
void WriteContent(const Change& change, const ActualState& actual,
                  const DesiredToken* declared, std::string& out) {
  std::string places;
  JsonText new_places(places);
  const bool any = WriteNewPlaces(change, actual, new_places);
  JsonText json(out);
  json.Open('{');
  if (declared != nullptr) WriteToken(*declared, json.Key("declared"));
  WriteEnds(change, json.Key("ends"));
  json.Key("exists").Text(Existing(change));
  WriteFrom(change, json.Key("from"));
  json.Key("intent").Text(Intent(change, any));
  json.Key("name").Text(change.name);
  json.Key("new_places").Raw(places);
  // Without a mark, or to be released: only its id shows which is meant.
  if (change.before && change.before->id &&
      (change.before->generation == 0 || change.action == Action::kRelease)) {
    json.Key("token").Text(change.before->id->ToString());
  }
  json.Close('}');
}

// One change and what is approved of it; `content` lives for the call.
using EachApproved =
    absl::FunctionRef<void(const Change& change, std::string_view content)>;

// The policy changes among `changes`, in the order of a digest, each once. What
// is approved of each is written when its turn comes: of a hundred thousand it
// takes more room than the rest of the plan.
class PolicyChanges {
 public:
  struct Entry {
    const Change* change;
    const DesiredToken* declared;  // null: no table declares it
    // What comes first in the order; beside the pointers, since a change is
    // large, and looking into a hundred thousand takes longer than the sorting.
    std::string_view address;
  };

  PolicyChanges(const DesiredState& desired, const ActualState& actual,
                const std::vector<Change>& changes)
      : actual_(actual) {
    for (const Change& change : changes) {
      if (change.change_class != ChangeClass::kPolicy) continue;
      sorted_.push_back({&change, nullptr, change.address});
    }
    if (sorted_.empty()) return;
    absl::flat_hash_map<TokenKey, const DesiredToken*> tokens;
    tokens.reserve(desired.tokens.size());
    for (const DesiredToken& token : desired.tokens) {
      tokens[{token.identity, token.organization, token.name}] = &token;
    }
    for (Entry& entry : sorted_) {
      const auto found =
          tokens.find({entry.change->identity, entry.change->organization,
                       entry.change->name});
      if (found != tokens.end()) entry.declared = found->second;
    }
    std::stable_sort(
        sorted_.begin(), sorted_.end(),
        [](const Entry& a, const Entry& b) { return Compare(a, b) < 0; });
  }

  const std::vector<Entry>& sorted() const { return sorted_; }

  void Each(EachApproved each) const {
    std::string content;
    for (size_t i = 0; i < sorted_.size();) {
      size_t end = i + 1;
      while (end < sorted_.size() && Compare(sorted_[i], sorted_[end]) == 0) {
        ++end;
      }
      if (end == i + 1) {
        content.clear();
        Write(sorted_[i], content);
        each(*sorted_[i].change, content);
      } else {
        Several(i, end, each);
      }
      i = end;
    }
  }

 private:
  // By what ApprovedChange compares in front of its content.
  static int Compare(const Entry& a, const Entry& b) {
    if (const int address = a.address.compare(b.address)) return address;
    const int organization =
        a.change->organization.compare(b.change->organization);
    if (organization != 0) return organization;
    return a.change->identity.compare(b.change->identity);
  }

  void Write(const Entry& entry, std::string& content) const {
    WriteContent(*entry.change, actual_, entry.declared, content);
  }

  // Of one address: by content, and what is the same counts once.
  void Several(size_t begin, size_t end, EachApproved each) const {
    std::set<std::string> contents;
    for (size_t i = begin; i < end; ++i) {
      std::string content;
      Write(sorted_[i], content);
      contents.insert(std::move(content));
    }
    for (const std::string& content : contents) {
      each(*sorted_[begin].change, content);
    }
  }

  const ActualState& actual_;
  std::vector<Entry> sorted_;
};

// An approval without its changes.
Approval Around(const DesiredState& desired, const ActualState& actual,
                const PlanOptions& options, const PolicyChanges& changes) {
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
  std::set<std::string_view> sinks, identities;
  for (const auto& [change, declared, address] : changes.sorted()) {
    if (!change->identity.empty()) identities.insert(change->identity);
    if (declared == nullptr) continue;
    // All places, although an update in place does not deliver: it may have
    // become a rotation by the time of the release.
    for (const Delivery& place : declared->deliver) sinks.insert(place.sink);
  }
  for (std::string_view name : identities) {
    const std::string identity(name);
    const AuthConfig* auth = desired.FindAuth(identity);
    if (auth == nullptr) continue;
    json::object object = AuthJson(*auth, Places::kWithout);
    object["owner"] = actual.UserOf(identity);
    approval.identities[identity] = Canonical(object);
  }
  for (std::string_view name : sinks) {
    const SinkConfig* sink = desired.FindSink(std::string(name));
    if (sink == nullptr) continue;
    approval.sinks[sink->name] = Canonical(SinkJson(*sink, Places::kWithout));
  }
  return approval;
}

// "\"NAME\":CONTENT,…": each of what is canonical JSON already.
void WriteMembers(const std::map<std::string, std::string>& by_name,
                  JsonText& json) {
  json.Open('{');
  for (const auto& [name, content] : by_name) json.Label(name).Raw(content);
  json.Close('}');
}

void WriteChange(std::string_view address, std::string_view organization,
                 std::string_view identity, std::string_view content,
                 JsonText& json) {
  json.Open('{');
  json.Key("address").Text(address);
  json.Key("content").Raw(content);
  if (!identity.empty()) json.Key("identity").Text(identity);
  json.Key("organization").Text(organization);
  json.Close('}');
}

// What of an approval stands before its changes, and what behind them.
void WriteHead(const Approval& approval, JsonText& json) {
  json.Open('{');
  json.Key("allow_empty_list").Flag(approval.allow_empty_list);
  json.Key("allowed_revocations").Number(approval.allowed_revocations);
  json.Key("auth").Raw(approval.auth);
  json.Key("changes").Open('[');
}

void WriteTail(const Approval& approval, JsonText& json) {
  json.Close(']');
  if (!approval.identities.empty()) {
    WriteMembers(approval.identities, json.Key("identities"));
  }
  json.Key("owner").Text(approval.user_oid);
  json.Key("policy").Raw(approval.policy);
  json.Key("rotate").Raw(
      Canonical(TextsJson({approval.rotate.begin(), approval.rotate.end()})));
  WriteMembers(approval.sinks, json.Key("sinks"));
  json.Key("targets").Raw(Canonical(TextsJson(approval.targets)));
  json.Key("version").Number(kVersion);
  json.Key("workspace").Text(approval.workspace);
  json.Close('}');
}

}  // namespace

Approval MakeApproval(const DesiredState& desired, const ActualState& actual,
                      const PlanOptions& options,
                      const std::vector<Change>& changes) {
  const PolicyChanges policy(desired, actual, changes);
  Approval approval = Around(desired, actual, options, policy);
  policy.Each([&](const Change& change, std::string_view content) {
    approval.changes.push_back({change.address, change.organization,
                                change.identity, std::string(content)});
  });
  return approval;
}

std::string CanonicalApproval(const Approval& approval) {
  std::string out;
  JsonText json(out);
  WriteHead(approval, json);
  for (const ApprovedChange& change : approval.changes) {
    const auto& [address, organization, identity, content] = change;
    WriteChange(address, organization, identity, content, json);
  }
  WriteTail(approval, json);
  return out;
}

ApprovalDigest DigestOf(const DesiredState& desired, const ActualState& actual,
                        const PlanOptions& options,
                        const std::vector<Change>& changes) {
  const PolicyChanges policy(desired, actual, changes);
  const Approval around = Around(desired, actual, options, policy);
  ApprovalDigest result;
  Sha256Stream sha;
  std::string text;
  JsonText json(text);
  WriteHead(around, json);
  policy.Each([&](const Change& change, std::string_view content) {
    ++result.changes;
    WriteChange(change.address, change.organization, change.identity, content,
                json);
    if (text.size() < kPiece) return;
    // All but the last byte, by which the next one knows that it needs a comma.
    sha.Add(std::string_view(text).substr(0, text.size() - 1));
    text.erase(0, text.size() - 1);
  });
  WriteTail(around, json);
  sha.Add(text);
  result.digest = kDigestPrefix + sha.Finish();
  return result;
}

bool IsDigest(const std::string& text) {
  return text.size() == strlen(kDigestPrefix) + kDigestDigits &&
         absl::StartsWith(text, kDigestPrefix) &&
         text.find_first_not_of("0123456789abcdef", strlen(kDigestPrefix)) ==
             std::string::npos;
}

}  // namespace patform
