#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "engine/cli/arguments.h"
#include "engine/pipeline.h"
#include "engine/ports/ports.h"
#include "engine/saved/plan_file.h"

// What was saved or approved, for the commands that do it, check it or show it.
namespace patform::cli {

// Reads the saved plan, if one is named; nullopt: none is. It is the one of
// --approve, where that is given as well, or else the error is stale.
absl::StatusOr<std::optional<SavedPlan>> LoadNamedPlan(
    const Arguments& arguments, Ports& ports);

// What to plan when `saved` is released: what it was planned with, and what the
// user lifts now.
PlanOptions OptionsOf(const SavedPlan& saved, const PlanOptions& asked);

// What of `planned` may be done: all of it, or what a saved plan or an approved
// digest allows. A stale error says why there is nothing.
absl::StatusOr<Plan> ReleasePlan(const Arguments& arguments, Ports& ports,
                                 const std::optional<SavedPlan>& saved,
                                 const Planned& planned);

}  // namespace patform::cli
