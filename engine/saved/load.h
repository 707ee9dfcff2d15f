#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "engine/base/secret.h"
#include "engine/plan/plan.h"
#include "engine/ports/ports.h"
#include "engine/saved/plan_file.h"

// The files that a run reads back, through the ports. Errors name the file.
namespace patform {

// The key in PATFORM_PLAN_KEY; empty: not set. kInvalidArgument: it is so short
// that it could be guessed.
absl::StatusOr<Secret> PlanKey(const Ports& ports);

// What `plan --out` wrote; errors as of ReadPlan().
absl::StatusOr<SavedPlan> LoadPlan(Ports& ports, const std::string& path);

// What `snapshot --out` wrote; errors as of ReadSnapshot().
absl::StatusOr<ActualState> LoadSnapshot(Ports& ports, const std::string& path);

// What an earlier file of either kind says of whose tokens these are.
absl::StatusOr<Baseline> LoadBaseline(Ports& ports, const std::string& path);

}  // namespace patform
