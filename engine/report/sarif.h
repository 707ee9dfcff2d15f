#pragma once

#include <string>

#include "engine/plan/plan.h"

namespace patform {

// The plan's findings and what it could not decide as SARIF 2.1.0, on the lines
// of the configuration. Changes are not findings: a plan that keeps to the
// rules has no results.
std::string RenderPlanSarif(const Plan& plan);

}  // namespace patform
