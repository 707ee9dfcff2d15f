#pragma once

#include <optional>
#include <string>
#include <vector>

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

}  // namespace patform
