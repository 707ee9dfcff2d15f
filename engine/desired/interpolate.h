#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace patform {

using EnvironmentLookup =
    std::function<std::optional<std::string>(const std::string&)>;

// Fills in {name} from `values` and, if `environment` is given, ${NAME} from
// it. {{ and }} stand for { and }, $${ for ${. kInvalidArgument says what is
// wrong: an unknown or unclosed {…}, ${…} where it may not stand or of a
// variable that is not set.
absl::StatusOr<std::string> Interpolate(
    const std::string& text, const std::map<std::string, std::string>& values,
    const EnvironmentLookup& environment = nullptr);

}  // namespace patform
