#pragma once

#include <string>
#include <vector>

#include "engine/diff/change.h"
#include "engine/model/actual_state.h"
#include "engine/model/desired_state.h"

namespace patform {

// "file, path = \"secrets\", mode = \"0600\"": the type and settings of a sink
// as the configuration writes them. Of what the environment fills in, which
// nobody may see, a fingerprint.
std::string DescribeSink(const SinkConfig& sink);

// What is known of each place that `change` delivers to, in their order.
std::vector<PlaceFacts> DescribePlaces(const Change& change,
                                       const DesiredState& desired,
                                       const ActualState& actual);

}  // namespace patform
