#pragma once

#include <string>
#include <vector>

#include "engine/plan/plan.h"
#include "engine/report/style.h"

namespace patform {

// The words of `--format`, "text" first.
const std::vector<std::string>& PlanFormats();
// Those that also make sense in a file beside the main output.
const std::vector<std::string>& PlanFileFormats();

// The plan in one of PlanFormats(). The same plan, saved and read again or not,
// gives the same bytes. `style` is for text alone.
std::string RenderPlanAs(const std::string& format, const Plan& plan,
                         const Style& style);

}  // namespace patform
