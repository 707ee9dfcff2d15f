#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/apply/executor.h"
#include "engine/model/desired_state.h"
#include "engine/model/snapshot.h"
#include "engine/observed/list_tokens.h"
#include "engine/observed/prefetch.h"
#include "engine/plan/plan.h"
#include "engine/ports/ports.h"
#include "engine/saved/plan_file.h"

namespace patform {

// What a user asked for, as far as the pipeline needs it.
struct PipelineRequest {
  std::string config;  // file or directory
  std::string policy;  // file; empty: none
  ServiceOptions service;
  PlanOptions plan;
  // Not empty: the world is read from this file, and nothing is contacted.
  std::string snapshot;
  std::string baseline;  // an earlier snapshot or saved plan; empty: none
  absl::Time now;        // the one reading of the clock of this run
  // `now` was asked for (--now): it is taken as it is. Else what is decided is
  // decided at that instant of the service's clock.
  bool now_is_asked = false;
};

// The lists of tokens that a plan will need, begun while the configuration is
// still being read. Must not outlive the ports.
class EarlyLists {
 public:
  EarlyLists(Ports& ports, const PipelineRequest& request)
      : ports_(ports), request_(request) {}

  // A reader that can not be had is left for PlanFor to ask for and explain.
  void Begin(const AuthConfig& auth, const std::string& organization);
  // Null: was not begun.
  ListAhead* Find(const std::string& organization);
  // Is there one alone, still being read or to come? Of several the last begins
  // the sooner, the sooner all files are read.
  bool OneToCome();

 private:
  Ports& ports_;
  const PipelineRequest& request_;
  std::map<std::string, std::unique_ptr<ListAhead>> lists_;
};

struct Planned {
  DesiredState desired;
  ActualState actual;
  Plan plan;
  PlanOptions options;  // that it was made with, an earlier look included
};

// Reads the configuration. Faults are in `diagnostics` and the status is
// kInvalidArgument; warnings are there too when it succeeds. With `lists`
// those of the organizations it names are begun, unless the request is for a
// plan from a snapshot.
absl::StatusOr<DesiredState> LoadDesired(Ports& ports,
                                         const PipelineRequest& request,
                                         std::vector<Diagnostic>& diagnostics,
                                         EarlyLists* lists = nullptr);

// Reads what exists, with the expired and revoked tokens: what `plan` may need
// under any other configuration.
absl::StatusOr<ActualState> ReadWorldFor(Ports& ports,
                                         const PipelineRequest& request,
                                         const DesiredState& desired,
                                         const SnapshotProgress& progress);

// Reads the tokens of these organizations and no records; with the expired and
// revoked ones where only they tell whose a marked token is.
absl::StatusOr<ActualState> ReadTokens(
    Ports& ports, const PipelineRequest& request, const DesiredState& desired,
    const std::vector<std::string>& organizations,
    const SnapshotProgress& progress);

// Reads what exists and plans. Makes nothing that could write.
absl::StatusOr<Planned> PlanFor(Ports& ports, const PipelineRequest& request,
                                DesiredState desired,
                                const SnapshotProgress& progress,
                                EarlyLists* lists = nullptr);

// The key in PATFORM_PLAN_KEY; empty: not set. kInvalidArgument: it is so short
// that it could be guessed.
absl::StatusOr<Secret> PlanKey(const Ports& ports);

// A file that `plan --out` or `snapshot --out` wrote. Errors name it.
absl::StatusOr<SavedPlan> LoadPlan(Ports& ports, const std::string& path);
absl::StatusOr<ActualState> LoadSnapshot(Ports& ports, const std::string& path);

// Removes what runs that died have left in the stores that the configuration
// names, used or not: a half-written file may hold a secret that works.
void TidySinks(Ports& ports, const DesiredState& desired);

// Performs the plan. The error is for what stands in the way of starting;
// what happens to a change is in the result.
absl::StatusOr<ApplyResult> ApplyPlan(Ports& ports,
                                      const PipelineRequest& request,
                                      const Planned& planned, int parallelism,
                                      ApplyListener& listener);

}  // namespace patform
