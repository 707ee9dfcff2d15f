#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace patform {

// "2w", "90d", "12h", "30m", "45s", or several with the larger unit first:
// "1d12h". A week is 7 days, a day is 24 hours. kInvalidArgument with what was
// expected; nothing wraps: the longest is 100 years.
absl::StatusOr<absl::Duration> ParseDuration(std::string_view text);

// The form in days and less that ParseDuration reads back: "1d12h", "0s".
std::string DurationText(absl::Duration duration);

// How ParseDuration reads what other programs write: "30d" for "P30D", "30
// days", "30D" or "30", "1d12h" for "1.5d"; a month is taken for 30 days, a
// year for 365. nullopt: it is not clear what is meant.
std::optional<std::string> DurationSpelling(std::string_view text);

}  // namespace patform
