#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/policy/rules.h"
#include "engine/report/style.h"

namespace patform {

// Broken rules for people: errors first, those of one rule together, by file
// and line. `omitted`: how many more there are of a rule. "" for none.
std::string RenderFindings(const std::vector<const Finding*>& findings,
                           const std::map<std::string, int>& omitted,
                           const Style& style);

// "2 errors and 1 warning"; "" for none.
std::string CountFindings(const std::vector<Finding>& findings);

}  // namespace patform
