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

// Defers the revocations of `changes` that would leave a place with a dead
// secret, because nothing of `changes` puts another there. Diff() has done so;
// again where changes were taken out.
void DeferServed(const ActualState& actual, ChangeSet& changes);

// By their ends.
void SortUnrenewed(ChangeSet& changes);

}  // namespace patform
