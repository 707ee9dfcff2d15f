#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/model/desired_state.h"
#include "engine/model/snapshot.h"
#include "engine/plan/plan.h"

// All tokens of a user, declared or not, the gravest risk first. Pure: what the
// service and the sinks say goes in, words and points come out.
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
inline constexpr Risk kLastRisk = Risk::kReplaceable;

const char* Name(Risk risk);  // stable snake_case
int PointsOf(Risk risk);
const char* WhyOf(Risk risk);  // a sentence without a full stop
const char* FixOf(Risk risk);  // likewise

enum class RiskLevel { kNone, kLow, kMedium, kHigh, kCritical };

const char* Name(RiskLevel level);  // stable: "none", "low" …
RiskLevel LevelOf(int points);

struct TokenRisk {
  Risk risk = Risk::kGlobal;
  std::string what;  // a predicate: "lives 300d"
};

struct AuditedToken {
  std::string organization;
  ActualToken token;
  std::string address;  // token.NAME if it is declared; else ""
  SourceLocation where;
  std::vector<TokenRisk> risks;  // the gravest first
  int points = 0;
};

struct AuditReport {
  std::string workspace;  // "" without a configuration
  std::string user_oid;   // of the signed-in user; or ""
  std::vector<std::string> organizations;
  absl::Time as_of;
  std::optional<absl::Time> snapshot_taken_at;
  std::vector<AuditedToken> tokens;  // every live one, ranked
  std::vector<Finding> findings;     // of [policy], over what exists
  bool complete = true;              // every record could be read

  int CountOf(RiskLevel level) const;
};

// `plan`: what would be done now; null: there is no configuration, and what
// only a configuration tells (kUndeclared, kUnused) is not looked for.
AuditReport MakeAudit(const DesiredState& desired, const ActualState& actual,
                      const Plan* plan, absl::Time now);

}  // namespace patform
