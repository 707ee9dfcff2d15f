#pragma once

#include <string>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/plan/plan.h"
#include "engine/report/style.h"

namespace patform {

// The words of `--format`, "text" first.
const std::vector<std::string>& PlanFormats();
// Those that also make sense in a file beside the main output.
const std::vector<std::string>& PlanFileFormats();

// The plan in one of PlanFormats(). The same plan, saved and read again or not,
// gives the same bytes. `style` is only for text.
std::string RenderPlanAs(const std::string& format, const Plan& plan,
                         const Style& style);

// What is wrong with a configuration, for a log that pins it to the file: ""
// unless `format` is github or azure.
std::string RenderProblemsAs(const std::string& format,
                             const std::vector<Diagnostic>& diagnostics);

}  // namespace patform
