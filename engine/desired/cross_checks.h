#pragma once

#include "engine/desired/problems.h"
#include "engine/desired/read_desired.h"
#include "engine/model/desired_state.h"
#include "engine/ports/files.h"

namespace patform {

// What only all tokens and sinks together show: names that repeat or differ
// by case only, sinks that are missing or unused, places that two secrets
// would go to, primary places that cannot be primary, renames that collide.
// Also fills in what a delivery leaves to its sink (the default `at`).
void CheckTogether(Problems& problems, Files& files, const ReadInput& input,
                   DesiredState& state);

}  // namespace patform
