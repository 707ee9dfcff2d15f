#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/diagnostic.h"
#include "engine/diff/change.h"
#include "engine/model/desired_state.h"

namespace patform {

// A rule that is broken. Rule ids are stable.
struct Finding {
  std::string rule;     // "max_lifetime", "max_revocations" …
  std::string address;  // of the token; empty: of the plan as a whole
  std::string what;
  std::string fix;
  SourceLocation where;
};

// The rules of [policy] over what is declared, in file order. `now`: from when
// a life up to `expires` is counted.
std::vector<Finding> CheckDesired(const DesiredState& desired, absl::Time now);

// Revocations that one apply may do when the policy does not say.
inline constexpr int kDefaultMaxRevocations = 10;

// The brakes over what would be done. `allowed_revocations`: from the command
// line, lifts max_revocations; negative: not given.
std::vector<Finding> CheckGuards(const DesiredState& desired,
                                 const ChangeSet& changes,
                                 int allowed_revocations);

}  // namespace patform
