#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/strings.h"
#include "engine/diff/diff.h"
#include "engine/policy/guards.h"

namespace patform {

// What was asked for on the command line, as far as it changes a plan.
struct PlanOptions {
  DiffOptions diff;
  // Token names or globs; empty: all.
  std::vector<std::string> targets;
  int allowed_revocations = -1;
  bool allow_empty_list = false;
  std::optional<Baseline> baseline;
};

// Is the token of that name and address one that the targets ask for?
inline bool IsTargeted(const std::vector<std::string>& targets,
                       std::string_view name, std::string_view address) {
  return targets.empty() || std::any_of(targets.begin(), targets.end(),
                                        [&](const std::string& target) {
                                          return GlobMatch(target, name) ||
                                                 GlobMatch(target, address);
                                        });
}

}  // namespace patform
