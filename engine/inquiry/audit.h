#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/words.h"
#include "engine/model/actual_state.h"
#include "engine/model/desired_state.h"
#include "engine/plan/plan.h"
#include "engine/policy/rule_info.h"

// All tokens of a user, declared or not, the gravest risk first. Pure: what the
// service and the sinks hold goes in, words and points come out.
namespace patform {

// What is wrong with a token, the gravest first.
enum class Risk {
  kGlobal,         // valid in all organizations; the service ends such tokens
  kFullAccess,     // can do everything that its user can
  kHighPrivilege,  // a scope that can change code, permissions or pipelines
  kLongLived,      // lives longer than the policy allows, or than 90 days
  kExpiring,       // ends within 14 days, and nothing renews it
  kUndeclared,     // in no configuration
  kUnused,         // ours, and no sink's record names it
  kReplaceable,    // an Entra token would do
};

struct RiskRow {
  Risk value;
  const char* word;  // stable snake_case
  int points;
  const char* why;  // a sentence without a full stop
  const char* fix;  // likewise
};
// What is wrong for the reason that a rule has is told in the rule's words.
inline constexpr RiskRow kRiskWords[] = {
    {Risk::kGlobal, "global_token", 100, WhyOf(rule::kAllOrganizations),
     "make one token for each organization that needs it, then revoke this "
     "one"},
    {Risk::kFullAccess, "full_access", 80, WhyOf(rule::kFullScope),
     "find out what uses it, and give that the scopes it needs"},
    {Risk::kHighPrivilege, "high_privilege", 30,
     WhyOf(rule::kHighPrivilegeScopes),
     "ask for a weaker scope, and keep its life short"},
    {Risk::kLongLived, "long_lived", 20, WhyOf(rule::kMaxLifetime),
     "declare it with a short `lifetime`: rotation renews it in time"},
    {Risk::kExpiring, "expiring", 50, "what uses it stops when it ends",
     "declare it with `deliver`, or replace it before that"},
    {Risk::kUndeclared, "undeclared", 10, WhyOf(rule::kUnmanaged),
     "declare it (`patform import`), or revoke it"},
    {Risk::kUnused, "unused", 10,
     "no sink's record names it: nobody knows who has it",
     "`patform apply` tidies up what it made; what is watched by hand can "
     "get a `deliver`"},
    {Risk::kReplaceable, "replaceable", 5,
     "git and the REST API take Entra tokens, which last an hour and need "
     "no store",
     "let its user sign in with Entra (a service principal or a managed "
     "identity), then revoke it"},
};
constexpr auto& WordsOf(Risk) { return kRiskWords; }
static_assert(AllInOrder(kRiskWords, Risk::kReplaceable));

constexpr const RiskRow& InfoOf(Risk risk) {
  return kRiskWords[static_cast<size_t>(risk)];
}

// Stable: part of the JSON format.
enum class RiskLevel { kNone, kLow, kMedium, kHigh, kCritical };
inline constexpr WordFor<RiskLevel> kRiskLevelWords[] = {
    {RiskLevel::kNone, "none"},
    {RiskLevel::kLow, "low"},
    {RiskLevel::kMedium, "medium"},
    {RiskLevel::kHigh, "high"},
    {RiskLevel::kCritical, "critical"}};
constexpr auto& WordsOf(RiskLevel) { return kRiskLevelWords; }
static_assert(AllInOrder(kRiskLevelWords, RiskLevel::kCritical));

RiskLevel LevelOf(int points);

struct TokenRisk {
  Risk risk = Risk::kGlobal;
  std::string what;  // a predicate: "lives 300d"
};

struct AuditedToken {
  std::string organization;
  std::string identity;  // as in Realm
  ActualToken token;
  std::string address;  // token.NAME if it is declared; else ""
  SourceLocation where;
  std::vector<TokenRisk> risks;  // the gravest first
  int points = 0;
};

struct AuditReport {
  std::string workspace;  // "" without a configuration
  std::string user_oid;   // of the user of [auth]; or ""
  // Those of the other users whose tokens are here, by identity; or "".
  std::map<std::string, std::string> users;
  std::vector<std::string> organizations;
  absl::Time as_of;
  std::optional<absl::Time> snapshot_taken_at;
  // Every live one: those that end soon and that nothing renews by their end,
  // then the others by their points.
  std::vector<AuditedToken> tokens;
  // What is in places that no table names any more: of which token, and what.
  std::vector<Note> strays;
  std::vector<Finding> findings;  // of [policy], over what exists
  // Whose lists could not be read, and why: for people.
  std::vector<std::string> unread;
  bool complete = true;  // every list and every record could be read

  int CountOf(RiskLevel level) const;
};

// `plan`: what would be done now; null: there is no configuration, and what
// only a configuration shows (kUndeclared, kUnused) is not looked for.
AuditReport MakeAudit(const DesiredState& desired, const ActualState& actual,
                      const Plan* plan, absl::Time now);

}  // namespace patform
