#pragma once

#include "engine/model/actual_state.h"
#include "engine/model/desired_state.h"
#include "engine/plan/plan.h"

// What `apply --maintenance` does: what time and interrupted runs ask for,
// which the merged file authorises, while edits wait for their approval.
//
// A token can have both: an edit that waits and a rotation that is due. Its
// consumers must not lose their secret over an approval that takes long, so it
// is rotated as it is in service: with the scopes and the organizations of the
// token there, into the places that hold its secret. The edit waits on. A new
// name waits whole: what is in service has no place under it.
namespace patform {

struct Maintenance {
  // The file with the edits taken back that would stand in the way; what the
  // changes of `plan` are to be made with.
  DesiredState desired;
  // Its changes are maintenance, all of them; `waiting` has the others. A
  // broken rule about a token that this plan leaves alone is a warning in it.
  Plan plan;
};

// `plan` is what MakePlan() makes of the others at `now`. Pure.
Maintenance MaintenanceOf(const DesiredState& desired,
                          const ActualState& actual, const PlanOptions& options,
                          const Plan& plan);

}  // namespace patform
