#pragma once

#include <string>
#include <vector>

#include "engine/apply/executor.h"
#include "engine/plan/plan.h"
#include "engine/report/style.h"

namespace patform {

// The plan as a person reads it. The same plan gives the same bytes. All text
// from outside is made visible.
std::string RenderPlan(const Plan& plan, const Style& style);

// What an apply of `plan` did and what is left. "Complete" is the word for an
// apply that left nothing: no failure, no step, no token undecided.
std::string RenderResult(const Plan& plan, const ApplyResult& result,
                         const Style& style);

// One line on what an effect does, for progress: "minting generation 2".
std::string Describe(const Change& change, const Effect& effect);

}  // namespace patform
