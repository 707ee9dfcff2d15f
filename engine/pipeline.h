#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/apply/executor.h"
#include "engine/desired/read_desired.h"
#include "engine/model/actual_state.h"
#include "engine/model/desired_state.h"
#include "engine/observed/list_tokens.h"
#include "engine/observed/prefetch.h"
#include "engine/plan/plan.h"
#include "engine/ports/ports.h"

namespace patform {

// What a user asked for, as far as the pipeline needs it.
struct PipelineRequest {
  std::string config;  // file or directory
  std::string policy;  // file; empty: none
  ServiceOptions service;
  PlanOptions plan;
  // Not empty: what exists is read from this file, and nothing is contacted.
  std::string snapshot;
  std::string baseline;  // an earlier snapshot or saved plan; empty: none
  absl::Time now;        // the one reading of the clock of this run
  // `now` was asked for (--now): it is taken as it is. Else what is decided is
  // decided at that instant of the service's clock.
  bool now_is_asked = false;
};

// Stage 1. Reads the configuration. Faults are in `diagnostics` and the status
// is kInvalidArgument; warnings are there too when it succeeds. With `prefetch`
// the lists of the organizations that it names are begun, unless the request is
// for a plan from a snapshot.
absl::StatusOr<DesiredState> LoadDesired(Ports& ports,
                                         const PipelineRequest& request,
                                         std::vector<Diagnostic>& diagnostics,
                                         Prefetch* prefetch = nullptr);

struct Planned {
  DesiredState desired;
  ActualState actual;
  Plan plan;
  PlanOptions options;  // that it was made with, an earlier look included
};

// Stages 2 and 3. Reads what exists and plans. Makes nothing that could write.
absl::StatusOr<Planned> PlanFor(Ports& ports, const PipelineRequest& request,
                                DesiredState desired,
                                const ListProgress& progress,
                                Prefetch& prefetch);

// Stage 4. Performs the plan. The error is for what prevents it from starting;
// what happens to a change is in the result.
absl::StatusOr<ApplyResult> ApplyPlan(Ports& ports,
                                      const PipelineRequest& request,
                                      const Planned& planned, int parallelism,
                                      ApplyListener& listener);

// Stage 2 alone, for commands that only look.
struct ReadOptions {
  std::vector<Realm> realms;
  // True: the sinks' records and every expired and revoked token, too: what a
  // plan may need under any other configuration. False: tokens alone; expired
  // and revoked ones only where they tell whose a marked token is.
  bool everything = false;
};
absl::StatusOr<ActualState> ReadActual(Ports& ports,
                                       const PipelineRequest& request,
                                       const DesiredState& desired,
                                       const ReadOptions& options,
                                       const ListProgress& progress);

// What stage 1 reads with, from the file or directory `path`.
ReadInput ReadInputOf(Ports& ports, const PipelineRequest& request,
                      const std::string& path);

// Removes what runs that died have left in the stores that the configuration
// names, used or not: a half-written file may hold a secret that works. And old
// versions, where a sink is to keep them for some time only.
void TidySinks(Ports& ports, const DesiredState& desired);

}  // namespace patform
