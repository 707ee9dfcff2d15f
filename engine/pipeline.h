#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/actual/take_snapshot.h"
#include "engine/apply/executor.h"
#include "engine/model/desired_state.h"
#include "engine/model/snapshot.h"
#include "engine/plan/plan.h"
#include "engine/world.h"

namespace patform {

// What a user asked for, as far as the pipeline needs it.
struct PipelineRequest {
  std::string config;  // file or directory
  std::string policy;  // file; empty: none
  ServiceOptions service;
  PlanOptions plan;
  absl::Time now;  // the one reading of the clock of this run
};

struct Planned {
  DesiredState desired;
  ActualState actual;
  Plan plan;
};

// Reads the configuration. Faults are in `diagnostics` and the status is
// kInvalidArgument; warnings are there too when it succeeds.
absl::StatusOr<DesiredState> LoadDesired(World& world,
                                         const PipelineRequest& request,
                                         std::vector<Diagnostic>& diagnostics);

// Reads what exists and plans. Makes nothing that could write.
absl::StatusOr<Planned> PlanFor(World& world, const PipelineRequest& request,
                                DesiredState desired,
                                const SnapshotProgress& progress);

// Performs the plan. The error is for what stands in the way of starting;
// what happens to a change is in the result.
absl::StatusOr<ApplyResult> ApplyPlan(World& world,
                                      const PipelineRequest& request,
                                      const Planned& planned, int parallelism,
                                      ApplyListener& listener);

}  // namespace patform
