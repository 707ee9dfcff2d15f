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
    declared.insert({token.organization, token.name});
  }
  for (const auto& [name, listed] : actual.organizations) {
    for (const ActualToken& token : listed.tokens) {
      if (token.state != TokenState::kActive) continue;
      const auto marked = ParseDisplayName(token.display_name);
      const TokenKey key = {name, HumanName(token.display_name)};
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
    WrongUser();
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

  void WrongUser() {
    if (actual_.user_oid.empty()) return;
    const char* kFix =
        "sign in as the user whose tokens these are; if another user takes "
        "over, deliver to new places";
    if (options_.baseline && !options_.baseline->user_oid.empty() &&
        options_.baseline->user_oid != actual_.user_oid) {
      Stop(kWrongUser,
           absl::StrCat("signed in is the user ", actual_.user_oid, "; on ",
                        FormatMinute(options_.baseline->taken_at), " it was ",
                        options_.baseline->user_oid),
           kFix);
      return;
    }
    std::set<std::string> others;
    for (const auto& [address, held] : actual_.records) {
      if (!held.record || held.record->workspace != desired_.workspace ||
          held.record->user_oid.empty()) {
        continue;
      }
      if (held.record->user_oid == actual_.user_oid) return;
      others.insert(held.record->user_oid);
    }
    if (others.empty()) return;
    Stop(kWrongUser,
         absl::StrCat("signed in is the user ", actual_.user_oid,
                      "; every record in the sinks is of ",
                      absl::StrJoin(others, " or ")),
         kFix);
  }

  void WrongOrganization() {
    if (!options_.baseline || options_.baseline->live.empty()) return;
    std::vector<std::string> before, now;
    for (const auto& [name, count] : options_.baseline->live) {
      if (actual_.organizations.count(name) > 0 ||
          actual_.unread.count(name) > 0) {
        return;
      }
      before.push_back(name);
    }
    for (const auto& [name, listed] : actual_.organizations) {
      now.push_back(name);
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
    for (const auto& [name, listed] : actual_.organizations) {
      if (Live(listed) > 0) continue;
      int before = 0;
      if (options_.baseline) {
        const auto known = options_.baseline->live.find(name);
        if (known != options_.baseline->live.end()) before = known->second;
      }
      const int recorded = Forgotten(listed);
      if (before == 0 && recorded == 0) continue;
      Stop(kEmptyList,
           absl::StrCat(
               "the service lists no token in ", name, "; ",
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
    int records = 0;
    for (const auto& [address, held] : actual_.records) {
      if (!held.record || held.record->workspace != desired_.workspace ||
          held.record->organization != listed.organization) {
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
    if (desired_.policy.max_revocations_share ||
        options_.allowed_revocations >= revocations) {
      return;
    }
    const std::set<TokenKey> live = LiveNames(desired_, actual_);
    std::set<TokenKey> gone;
    int absent = 0;
    for (const Change& change : changes_.changes) {
      const bool ends =
          change.action == Action::kRevoke || change.action == Action::kUpdate;
      if (!ends || RevocationsOf(change) == 0 ||
          live.count({change.organization, change.name}) == 0) {
        continue;
      }
      gone.insert({change.organization, change.name});
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
    names.push_back(desired_.AddressOf(names[1], change.organization));
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
};

}  // namespace

Baseline BaselineOf(const ActualState& earlier) {
  Baseline baseline;
  baseline.taken_at = earlier.taken_at;
  baseline.user_oid = earlier.user_oid;
  for (const auto& [name, listed] : earlier.organizations) {
    baseline.live[name] = Live(listed);
  }
  return baseline;
}

std::vector<std::string> GuardsInForce(const PolicyConfig& policy,
                                       const GuardOptions& options) {
  std::vector<std::string> guards = {kWrongUser};
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
