#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace patform {

// "90d", "12h", "30m", "45s", or several with the larger unit first: "1d12h".
// A day is 24 hours. kInvalidArgument with what was expected; nothing wraps:
// the longest is 100 years.
absl::StatusOr<absl::Duration> ParseDuration(std::string_view text);

// The shortest form that ParseDuration reads back: "1d12h", "0s".
std::string DurationText(absl::Duration duration);

}  // namespace patform
