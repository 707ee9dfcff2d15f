#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/base/environment.h"

namespace patform {

// The variables of `values`, as they are when one is asked for.
inline EnvironmentLookup EnvironmentOf(
    const std::map<std::string, std::string>& values) {
  return [&values](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

}  // namespace patform
