#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/diagnostic.h"
#include "engine/diff/change.h"
#include "engine/model/desired_state.h"

namespace patform {

// How grave a finding is: an error stops the plan (exit code 5).
enum class Severity { kError, kWarning };

const char* Name(Severity severity);  // stable: "error", "warning"

// A rule that is broken. Rule ids are stable.
struct Finding {
  std::string rule;     // "max_lifetime", "max_revocations" …
  std::string address;  // of the token; empty: of the plan as a whole
  std::string what;
  std::string fix;
  SourceLocation where;
  Severity severity = Severity::kError;
};

// Is any of them an error?
bool HasErrors(const std::vector<Finding>& findings);

// The rules of [policy] over what is declared, in file order. `now`: from when
// a life up to `expires` is counted.
std::vector<Finding> CheckDesired(const DesiredState& desired, absl::Time now);

}  // namespace patform
