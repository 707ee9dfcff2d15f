#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "engine/base/environment.h"

namespace patform {

// What the name of an environment variable that a configuration may read
// begins with. A pull request writes the configuration: it must not be able to
// name a credential that the machine happens to hold.
inline constexpr char kVariablePrefix[] = "PATFORM_VAR_";
// The longest NAME in ${NAME}.
inline constexpr size_t kMaxVariableName = 128;
// In bytes. What is longer is neither a path nor a host.
inline constexpr size_t kMaxVariableValue = 4096;

// Fills in {name} from `values` and, if `environment` is given, ${NAME} from
// its variable PATFORM_VAR_NAME and from no other. {{ and }} give { and }, $${
// gives ${. kInvalidArgument for an unknown or unclosed {…}, and for ${…} where
// it is not allowed, with a name that no variable has, or whose variable is not
// set or is too long. No message holds a value.
absl::StatusOr<std::string> Interpolate(
    const std::string& text, const std::map<std::string, std::string>& values,
    const EnvironmentLookup& environment = nullptr);

}  // namespace patform
