#pragma once

#include "engine/desired/problems.h"
#include "engine/model/desired_state.h"

namespace patform {

// What only all tokens and sinks together show: names that repeat or differ
// by case only, sinks that are missing or unused, places that two secrets
// would go to, renames that collide. Also fills in what a delivery leaves to
// its sink (the default `at`).
void CheckTogether(Problems& problems, DesiredState& state);

}  // namespace patform
