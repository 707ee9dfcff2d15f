#include "engine/plan/approval.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/sha256.h"
#include "engine/base/strings.h"
#include "engine/plan/canonical_json.h"
#include "engine/plan/configuration.h"

namespace patform {
namespace {

constexpr char kDigestPrefix[] = "sha256:";
constexpr size_t kDigestDigits = 64;

using TokensByPlace =
    absl::flat_hash_map<std::pair<std::string_view, std::string_view>,
                        const DesiredToken*>;

const char* Intent(Action action) {
  switch (action) {
    case Action::kRevoke:
      return "revoke";
    case Action::kRelease:
      return "release";
    default:
      return "ensure";
  }
}

// The tokens without a mark that the change touches: nothing but their id says
// which ones are meant.
std::string Unmarked(const Change& change) {
  std::set<std::string> ids;
  if (change.before && change.before->id && change.before->generation == 0) {
    ids.insert(change.before->id->ToString());
  }
  for (const std::vector<Collect>* ends :
       {&change.revoke, &change.decision.collect}) {
    for (const Collect& end : *ends) {
      if (end.generation == 0) ids.insert(end.id.ToString());
    }
  }
  return absl::StrJoin(ids, " ");
}

ApprovedChange Approved(const DesiredState& desired,
                        const TokensByPlace& tokens, const Change& change) {
  ApprovedChange approved;
  approved.address = change.address;
  approved.organization = change.organization;
  std::map<std::string, std::string>& facts = approved.facts;
  facts["intent"] = Intent(change.action);
  if (change.action != Action::kRevoke && change.action != Action::kRelease) {
    facts["exists"] = change.before ? "yes" : "no";
    for (const FieldChange& field : change.fields) {
      // The end of a life follows from the declared lifetime and the clock.
      if (field.field == "valid_to") continue;
      facts[absl::StrCat("from.", field.field)] = field.before;
    }
  }
  if (std::string ids = Unmarked(change); !ids.empty()) {
    facts["unmarked"] = std::move(ids);
  }
  const auto token = tokens.find({change.organization, change.name});
  if (token == tokens.end()) return approved;
  for (auto& [key, value] : DescribeToken(*token->second)) {
    facts[absl::StrCat("declared.", key)] = value;
  }
  // All places, although an update in place does not deliver: it may have
  // become a rotation by the time of the release.
  for (const Delivery& place : token->second->deliver) {
    const SinkConfig* sink = desired.FindSink(place.sink);
    if (sink == nullptr) continue;
    facts[absl::StrCat("sink.", place.sink)] = SinkFingerprint(*sink);
  }
  return approved;
}

// "declared.scopes" as the file and people call it.
std::string FieldName(const std::string& key) {
  for (const char* prefix : {"declared.", "from."}) {
    if (absl::StartsWith(key, prefix)) return key.substr(strlen(prefix));
  }
  return key;
}

std::string Quoted(const std::map<std::string, std::string>& facts,
                   const std::string& key) {
  const auto found = facts.find(key);
  if (found == facts.end() || found->second.empty()) return "nothing";
  return absl::StrCat("\"", Visible(found->second), "\"");
}

void Compare(const ApprovedChange& approved, const ApprovedChange& now,
             std::vector<std::string>& lines) {
  std::set<std::string> keys;
  for (const auto& [key, value] : approved.facts) keys.insert(key);
  for (const auto& [key, value] : now.facts) keys.insert(key);
  for (const std::string& key : keys) {
    const std::string was = Quoted(approved.facts, key);
    const std::string is = Quoted(now.facts, key);
    if (was == is) continue;
    const bool before = absl::StartsWith(key, "from.");
    lines.push_back(
        absl::StrCat(Visible(now.address), ": ", Visible(FieldName(key)),
                     before ? " before the change: approved " : ": approved ",
                     was, ", now ", is));
  }
}

}  // namespace

std::string Intention(const ApprovedChange& change) {
  const auto is = [&change](const char* key, const char* value) {
    const auto found = change.facts.find(key);
    return found != change.facts.end() && found->second == value;
  };
  return is("intent", "revoke")    ? "to be revoked"
         : is("intent", "release") ? "to be released"
         : is("exists", "no")      ? "to be created"
                                   : "to be changed";
}

Approval MakeApproval(const DesiredState& desired, const std::string& owner,
                      const std::vector<Change>& changes) {
  const bool any =
      std::any_of(changes.begin(), changes.end(), [](const Change& change) {
        return change.change_class == ChangeClass::kPolicy;
      });
  TokensByPlace tokens;
  if (any) {
    tokens.reserve(desired.tokens.size());
    for (const DesiredToken& token : desired.tokens) {
      tokens[{token.organization, token.name}] = &token;
    }
  }
  std::set<ApprovedChange> sorted;
  for (const Change& change : changes) {
    if (change.change_class != ChangeClass::kPolicy) continue;
    sorted.insert(Approved(desired, tokens, change));
  }
  Approval approval;
  approval.workspace = desired.workspace;
  approval.owner = owner;
  approval.changes.assign(sorted.begin(), sorted.end());
  return approval;
}

std::string Digest(const Approval& approval) {
  return kDigestPrefix + Sha256(Canonical(ToJson(approval)));
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
  differs("user", approved.owner, now.owner);
  for (const ApprovedChange& change : now.changes) {
    if (std::binary_search(approved.changes.begin(), approved.changes.end(),
                           change)) {
      continue;
    }
    const auto same =
        std::find_if(approved.changes.begin(), approved.changes.end(),
                     [&](const ApprovedChange& other) {
                       return other.address == change.address &&
                              other.organization == change.organization;
                     });
    if (same == approved.changes.end()) {
      lines.push_back(absl::StrCat(Visible(change.address), ": ",
                                   Intention(change),
                                   ", which was not approved"));
    } else {
      Compare(*same, change, lines);
    }
  }
  return lines;
}

}  // namespace patform
