#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/diagnostic.h"
#include "engine/diff/change.h"
#include "engine/model/desired_state.h"

namespace patform {

// When the service ends tokens that are valid in all organizations.
inline constexpr char kGlobalTokensEnd[] = "2026-12-01";

// A rule that is broken. Rule ids are stable; rule_info.h has what each asks
// for, and why.
struct Finding {
  std::string rule;  // "max_lifetime", "max_revocations" …
  // The token's address, or its display name if it is in no configuration;
  // empty: of the plan as a whole.
  std::string address;
  std::string what;
  std::string fix;
  SourceLocation where;
  Severity severity = Severity::kError;
  // An exception from the rule has ended. The calendar alone broke it, so it
  // concerns this token and keeps nothing else from being done.
  bool lapsed = false;
};

// An exception that ends within this time is announced.
inline constexpr absl::Duration kExceptionNotice = absl::Hours(24 * 14);

// Is any of them an error?
bool HasErrors(const std::vector<Finding>& findings);
// Does any of them forbid the plan as a whole? What has lapsed forbids only
// what it is about.
bool Forbids(const std::vector<Finding>& findings);
// How many are of `severity`?
int CountOf(const std::vector<Finding>& findings, Severity severity);

// The rules of [policy] over what is declared, in file order. `now`: from when
// a life up to `expires` is counted, and which exceptions still hold. What is
// broken and excepted is a note in `excepted`, if that is given.
std::vector<Finding> CheckDesired(const DesiredState& desired, absl::Time now,
                                  std::vector<Note>* excepted = nullptr);

// The ids of the rules that `policy` sets, in the order of PolicyRules: what
// holds if CheckDesired and CheckExisting find nothing.
std::vector<std::string> RulesInForce(const PolicyConfig& policy);

// The first instant after `now` at which an exception ends, or its end begins
// to be announced.
absl::Time NextExceptionEnd(const PolicyConfig& policy, absl::Time now);

}  // namespace patform
