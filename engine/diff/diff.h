#pragma once

#include <set>
#include <string>

#include "absl/time/time.h"
#include "engine/diff/change.h"
#include "engine/model/actual_state.h"
#include "engine/model/desired_state.h"

namespace patform {

// The address of the note that a clock is in doubt.
inline constexpr char kClockNote[] = "clock";

struct DiffOptions {
  std::set<std::string> rotate;  // names to rotate whatever their age
};

// What must change so that what is becomes what is wanted, at `now` by the
// service's clock (ActualState::ServiceTime). Pure: the same inputs give the
// same changes in the same order.
ChangeSet Diff(const DesiredState& desired, const ActualState& actual,
               const DiffOptions& options, absl::Time now);

}  // namespace patform
