#include "engine/policy/guards.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"
#include "engine/diff/endings.h"
#include "engine/model/mark.h"
#include "engine/model/own_places.h"
#include "engine/model/token_key.h"

namespace patform {
namespace {

int Live(const TokenList& listed) {
  return static_cast<int>(std::count_if(
      listed.tokens.begin(), listed.tokens.end(),
      [](const ActualToken& t) { return t.state == TokenState::kActive; }));
}

// The live tokens that carry this workspace's mark.
int LiveMarked(const ActualState& actual, const std::string& workspace) {
  int marked = 0;
  for (const auto& [name, listed] : actual.organizations) {
    for (const ActualToken& token : listed.tokens) {
      if (token.state != TokenState::kActive) continue;
      const auto parsed = ParseDisplayName(token.display_name);
      marked += parsed && parsed->workspace == workspace ? 1 : 0;
    }
  }
  return marked;
}

// The tokens of this workspace that live, whatever generations they have: those
// with its mark, and those without one that a table declares by their name.
std::set<TokenKey> LiveNames(const DesiredState& desired,
                             const ActualState& actual) {
  std::set<TokenKey> declared, live;
  for (const DesiredToken& token : desired.tokens) {
    declared.insert({token.identity, token.organization, token.name});
  }
  for (const auto& [realm, listed] : actual.organizations) {
    for (const ActualToken& token : listed.tokens) {
      if (token.state != TokenState::kActive) continue;
      const auto marked = ParseDisplayName(token.display_name);
      const TokenKey key = {realm.identity, realm.organization,
                            HumanName(token.display_name)};
      const bool ours = marked ? marked->workspace == desired.workspace
                               : declared.count(key) > 0;
      if (ours) live.insert(key);
    }
  }
  return live;
}

class Guards {
 public:
  Guards(const DesiredState& desired, const ActualState& actual,
         const ChangeSet& changes, const GuardOptions& options)
      : desired_(desired),
        actual_(actual),
        changes_(changes),
        options_(options) {}

  std::vector<Finding> Run() {
    WrongUsers();
    SameUser();
    WrongOrganization();
    EmptyList();
    MaxRevocations();
    PreventRevoke();
    return std::move(findings_);
  }

 private:
  void Stop(const char* rule, std::string what, std::string fix,
            SourceLocation where = {}, std::string address = "") {
    findings_.push_back({rule, std::move(address), std::move(what),
                         std::move(fix), std::move(where)});
  }

  // Each identity by itself.
  void WrongUsers() {
    if (!actual_.user_oid.empty()) {
      WrongUser("", actual_.user_oid,
                options_.baseline ? options_.baseline->user_oid : "");
    }
    for (const auto& [identity, user_oid] : actual_.users) {
      std::string before;
      if (options_.baseline) {
        const auto known = options_.baseline->users.find(identity);
        if (known != options_.baseline->users.end()) before = known->second;
      }
      WrongUser(identity, user_oid, before);
    }
  }

  // `before`: who it was at the earlier look; "": not known.
  void WrongUser(const std::string& identity, const std::string& user_oid,
                 const std::string& before) {
    const char* kFix =
        "sign in as the user whose tokens these are; if another user takes "
        "over, deliver to new places";
    const std::string signed_in =
        absl::StrCat("signed in ", identity.empty() ? "" : "as ", identity,
                     identity.empty() ? "" : " ", "is the user ", user_oid);
    if (!before.empty() && before != user_oid) {
      Stop(kWrongUser,
           absl::StrCat(signed_in, "; on ",
                        FormatMinute(options_.baseline->taken_at), " it was ",
                        before),
           kFix);
      return;
    }
    const OwnPlaces own(desired_, identity);
    std::set<std::string> others;
    for (const auto& [address, held] : actual_.records) {
      if (!held.record || held.record->workspace != desired_.workspace ||
          held.record->user_oid.empty() || !own.Has(address)) {
        continue;
      }
      if (held.record->user_oid == user_oid) return;
      others.insert(held.record->user_oid);
    }
    if (others.empty()) return;
    Stop(kWrongUser,
         absl::StrCat(signed_in, "; every record in ",
                      identity.empty() ? "the sinks" : "its places", " is of ",
                      absl::StrJoin(others, " or ")),
         kFix);
  }

  // Each would take the other's tokens for its own that left the file, and end
  // them. Whoever is signed in may not be known; one token in two users' lists
  // shows it, too.
  void SameUser() {
    std::map<std::string, std::string> identities;  // by oid
    if (!actual_.user_oid.empty()) identities[actual_.user_oid] = "";
    for (const auto& [identity, user_oid] : actual_.users) {
      const auto [other, is_new] = identities.emplace(user_oid, identity);
      if (!is_new) Same(other->second, identity);
    }
    if (!options_.several_users) return;
    std::map<AuthorizationId, const Realm*> seen;
    for (const auto& [realm, listed] : actual_.organizations) {
      for (const ActualToken& token : listed.tokens) {
        const auto [first, is_new] = seen.emplace(token.id, &realm);
        const std::string& other = first->second->identity;
        if (is_new || other == realm.identity) continue;
        Same(other, realm.identity);
        break;
      }
    }
  }

  void Same(const std::string& one, const std::string& other) {
    if (!same_.emplace(one, other).second) return;
    Stop(kSameUser,
         absl::StrCat(SignInTable(one), " and ", SignInTable(other),
                      " sign in the same user",
                      actual_.UserOf(other).empty()
                          ? ""
                          : absl::StrCat(" (", actual_.UserOf(other), ")"),
                      ": each would end the other's tokens"),
         "sign in as two users, or let one identity own all of its tokens");
  }

  void WrongOrganization() {
    if (!options_.baseline || options_.baseline->live.empty()) return;
    std::vector<std::string> before, now;
    for (const auto& [realm, count] : options_.baseline->live) {
      if (actual_.organizations.count(realm) > 0 ||
          actual_.unread.count(realm) > 0) {
        return;
      }
      before.push_back(realm.ToString());
    }
    for (const auto& [realm, listed] : actual_.organizations) {
      now.push_back(realm.ToString());
    }
    Stop(kWrongOrganization,
         absl::StrCat("the tokens are of ", absl::StrJoin(now, ", "), "; on ",
                      FormatMinute(options_.baseline->taken_at),
                      " they were of ", absl::StrJoin(before, ", ")),
         "name the organization that is meant in the configuration, or plan "
         "without --baseline");
  }

  // A service that lists nothing at all is more often another identity or an
  // outage than the truth; the plan would then mint everything again.
  void EmptyList() {
    if (options_.allow_empty_list) return;
    for (const auto& [realm, listed] : actual_.organizations) {
      if (Live(listed) > 0) continue;
      int before = 0;
      if (options_.baseline) {
        const auto known = options_.baseline->live.find(realm);
        if (known != options_.baseline->live.end()) before = known->second;
      }
      const int recorded = Forgotten(listed);
      if (before == 0 && recorded == 0) continue;
      Stop(kEmptyList,
           absl::StrCat(
               "the service lists no token in ", realm.ToString(), "; ",
               before > 0
                   ? absl::StrCat("on ",
                                  FormatMinute(options_.baseline->taken_at),
                                  " it listed ", Count(before, "live token"))
                   : absl::StrCat(Count(recorded, "record"),
                                  " in the sinks name",
                                  recorded == 1 ? "s one" : " some",
                                  ", and the service knows none of them")),
           "check who is signed in and that the organization is the right "
           "one; if the tokens are really gone, continue with "
           "--allow-empty-list");
    }
  }

  // Records of this organization, if the service does not know a single token
  // that they name, alive or not.
  int Forgotten(const TokenList& listed) const {
    std::set<AuthorizationId> known;
    for (const ActualToken& token : listed.tokens) known.insert(token.id);
    const OwnPlaces own(desired_, listed.identity);
    int records = 0;
    for (const auto& [address, held] : actual_.records) {
      if (!held.record || held.record->workspace != desired_.workspace ||
          held.record->organization != listed.organization ||
          !own.Has(address)) {
        continue;
      }
      if (known.count(held.record->id) > 0) return 0;
      ++records;
    }
    return records;
  }

  void MaxRevocations() {
    int revocations = 0;
    for (const Change& change : changes_.changes) {
      revocations += RevocationsOf(change);
    }
    const PolicyConfig& policy = desired_.policy;
    std::string because;
    int limit = policy.max_revocations.value_or(kDefaultMaxRevocations);
    if (policy.max_revocations_share) {
      const int live = LiveMarked(actual_, desired_.workspace);
      // Rounded up: a share must not forbid the only revocation for ever.
      const int share = static_cast<int>(
          std::ceil(*policy.max_revocations_share * live - 1e-9));
      if (!policy.max_revocations || share < limit) {
        limit = share;
        because = absl::StrCat(
            " (", absl::StrCat(*policy.max_revocations_share * 100), "% of ",
            Count(live, "live token"), ")");
      }
    }
    limit = std::max(limit, options_.allowed_revocations);
    if (revocations <= limit) return MostOfAll(revocations);
    Stop(kMaxRevocations,
         absl::StrCat("the plan revokes ", Count(revocations, "token"),
                      "; at most ", limit, because, " may be revoked at once"),
         absl::StrCat("read the plan; if it is meant, apply with "
                      "--allow-revocations ",
                      revocations),
         policy.At(kMaxRevocations));
  }

  // Without a share in the policy: tokens, not generations, and only what the
  // workspace has. `ensure = "absent"` of one token alone says by its name that
  // it is to go.
  void MostOfAll(int revocations) {
    if (revocations == 0 || desired_.policy.max_revocations_share ||
        options_.allowed_revocations >= revocations) {
      return;
    }
    const std::set<TokenKey> live = LiveNames(desired_, actual_);
    std::set<TokenKey> gone;
    int absent = 0;
    for (const Change& change : changes_.changes) {
      const bool ends =
          change.action == Action::kRevoke || change.action == Action::kUpdate;
      const TokenKey key = {change.identity, change.organization, change.name};
      if (!ends || RevocationsOf(change) == 0 || live.count(key) == 0) {
        continue;
      }
      gone.insert(key);
      if (change.reason == Reason::kDeclaredAbsent) ++absent;
    }
    const int count = static_cast<int>(gone.size()) - (absent == 1 ? 1 : 0);
    if (count <= kDefaultMaxShare * static_cast<double>(live.size())) return;
    Stop(kMaxRevocations,
         absl::StrCat(
             "the plan revokes ", count, " of the ",
             Count(static_cast<int>(live.size()), "token"),
             " that this workspace has; more than half may not be revoked at "
             "once"),
         absl::StrCat("check that every file of the configuration was read; "
                      "if it is meant, apply with --allow-revocations ",
                      revocations),
         desired_.policy.At(kMaxRevocations));
  }

  void PreventRevoke() {
    for (const Change& change : changes_.changes) {
      std::set<std::string> reported;  // several generations, one sentence
      for (const Ending& ending : EndingsOf(change)) {
        if (!ending.revocation) continue;
        const std::string* pattern = Protects(change, ending);
        if (pattern == nullptr) continue;
        std::string what =
            change.action == Action::kRevoke
                ? absl::StrCat("would be revoked (", Explain(change.reason))
                : absl::StrCat("would end \"", ending.HumanName(), "\" (",
                               ending.id.ToString());
        absl::StrAppend(&what, "), which the policy forbids (\"", *pattern,
                        "\")");
        if (!reported.insert(what).second) continue;
        Stop(kPreventRevoke, std::move(what),
             change.reason == Reason::kUndeclared
                 ? "put its table back into the configuration, or take the "
                   "name out of `prevent_revoke` first"
                 : "take the name out of `prevent_revoke` first",
             change.where, change.address);
      }
    }
  }

  // The pattern of `prevent_revoke` that a token which ends is under, by any
  // name or address that it has; null: none. Without regard to case: this rule
  // rather holds once too often.
  const std::string* Protects(const Change& change,
                              const Ending& ending) const {
    std::vector<std::string> names = {ending.display_name, ending.HumanName()};
    names.push_back(TokenAddress(names[1]));
    names.push_back(desired_.AddressOf(names[1], change.realm()));
    if (ending.generation > 0 || change.action == Action::kRevoke ||
        change.action == Action::kUpdate) {
      names.push_back(change.name);
      names.push_back(change.address);
    }
    for (std::string& name : names) absl::AsciiStrToLower(&name);
    for (const std::string& pattern : desired_.policy.prevent_revoke) {
      const std::string folded = absl::AsciiStrToLower(pattern);
      for (const std::string& name : names) {
        if (GlobMatch(folded, name)) return &pattern;
      }
    }
    return nullptr;
  }

  const DesiredState& desired_;
  const ActualState& actual_;
  const ChangeSet& changes_;
  const GuardOptions& options_;
  std::vector<Finding> findings_;
  std::set<std::pair<std::string, std::string>> same_;
};

}  // namespace

Baseline BaselineOf(const ActualState& earlier) {
  Baseline baseline;
  baseline.taken_at = earlier.taken_at;
  baseline.user_oid = earlier.user_oid;
  baseline.users = earlier.users;
  for (const auto& [realm, listed] : earlier.organizations) {
    baseline.live[realm] = Live(listed);
  }
  return baseline;
}

std::vector<std::string> GuardsInForce(const PolicyConfig& policy,
                                       const GuardOptions& options) {
  std::vector<std::string> guards = {kWrongUser};
  if (options.several_users) guards.emplace_back(kSameUser);
  if (options.baseline) guards.emplace_back(kWrongOrganization);
  if (!options.allow_empty_list) guards.emplace_back(kEmptyList);
  guards.emplace_back(kMaxRevocations);
  if (!policy.prevent_revoke.empty()) guards.emplace_back(kPreventRevoke);
  return guards;
}

std::vector<Finding> CheckGuards(const DesiredState& desired,
                                 const ActualState& actual,
                                 const ChangeSet& changes,
                                 const GuardOptions& options) {
  return Guards(desired, actual, changes, options).Run();
}

}  // namespace patform
