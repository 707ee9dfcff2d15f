#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patform::emulator {

// The target of a request, taken apart and percent-decoded.
struct Target {
  std::vector<std::string> path;  // segments, empty ones left out
  std::vector<std::pair<std::string, std::string>> query;

  // The first value of that name, in any case of letters.
  std::optional<std::string> Find(std::string_view name) const;
  // Is segment `i` that word, in any case?
  bool Is(size_t i, std::string_view word) const;
};

Target ParseTarget(std::string_view target);

}  // namespace patform::emulator
