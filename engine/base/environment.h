#pragma once

#include <functional>
#include <optional>
#include <string>

namespace patform {

// The value of an environment variable; nullopt: it is not set.
using EnvironmentLookup =
    std::function<std::optional<std::string>(const std::string& name)>;

}  // namespace patform
