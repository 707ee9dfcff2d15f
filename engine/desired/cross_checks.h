#pragma once

#include "absl/types/span.h"
#include "engine/desired/problems.h"
#include "engine/model/desired_state.h"
#include "engine/ports/secret_sink.h"

namespace patform {

// What only all tokens and sinks together show: names that repeat or differ
// by case only, sinks that are missing or unused, places that two secrets
// would go to, primary places that cannot be primary, renames that collide.
// Also fills in what a delivery leaves to its sink (the default `at`).
void CheckTogether(Problems& problems, absl::Span<const SinkType> types,
                   DesiredState& state);

}  // namespace patform
