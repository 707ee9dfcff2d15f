#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "engine/saved/plan_file.h"

namespace patform {

// What a run may do with a saved plan, after it has read the configuration and
// the world again and has planned again.
struct Clearance {
  // Why it may do nothing, for people: two levels, the deeper one indented by
  // two spaces. Empty: it may.
  std::vector<std::string> stale;
  // The changes that may be done: those of the new plan that are the ones of
  // the saved plan.
  Plan plan;
  // Changes of the new plan that the saved one does not have.
  int beyond = 0;
};

// Exactly the saved plan, or nothing: every change in it must still be the one
// that was reviewed, for the same configuration. What else moved in the world
// does not matter. `desired`, `actual` and `now` are this run's, planned with
// the options of the saved plan.
Clearance ClearExactly(const SavedPlan& saved, const DesiredState& desired,
                       const ActualState& actual, const Plan& now);

// What was approved, as far as it is still to do, and maintenance. `approved`
// is what the digest was made from, `wanted` what `now` wants to be approved.
Clearance ClearApproved(const SavedPlan& approved, const Plan& now,
                        const Approval& wanted);

// The same where nothing but the digest is known: it must be that of `now`,
// unless nothing in `now` needs an approval. `wanted` is asked only if it is
// not.
Clearance ClearApproved(const std::string& digest, const Plan& now,
                        absl::FunctionRef<Approval()> wanted);

}  // namespace patform
