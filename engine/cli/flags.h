#pragma once

#include <initializer_list>
#include <vector>

#include "engine/cli/command.h"

// Flags that several commands share, each declared once.
namespace patform::cli {

Flag TargetFlag();  // --target
Flag IdentityFlag(const char* help);
Flag SnapshotFlag();  // --snapshot
Flag NowFlag();       // --now
Flag OutFlag(const char* help);
Flag FormatFlag(std::vector<std::string> formats, const char* help);
Flag DetailedExitCodeFlag(const char* help);

// An argument: the file that `plan --out` wrote.
Flag PlanArgument();
// What `plan` prints to have it approved, as a flag or as an argument.
Flag DigestFlag(const char* names, const char* help);

// What the operator allows: --allow-host; and all of it.
Flag AllowHostFlag();
std::vector<Flag> GrantFlags();

std::vector<Flag> PolicyFlags();
// How to reach the token service, and the policy.
std::vector<Flag> ConnectionFlags();
// The above, what a plan is to be of, and its guards.
std::vector<Flag> PlanningFlags();
// In which formats a plan is shown, and where.
std::vector<Flag> PlanFormatFlags();

// --metrics; of what shows a state also whether tokens are named there.
Flag MetricsFlag();
std::vector<Flag> StatusMetricsFlags();

// One list of several.
std::vector<Flag> Join(std::initializer_list<std::vector<Flag>> lists);

// Two flags that do not go together, and what is said of it.
struct Conflict {
  Target one;
  Target other;
  const char* why;
};
const std::vector<Conflict>& Conflicts();

}  // namespace patform::cli
