#pragma once

#include <string>
#include <vector>

#include "engine/inquiry/doctor.h"
#include "engine/report/style.h"

namespace patform {

// A line for each check and one for what mends it, then the counts. All text
// from outside is made visible.
std::string RenderDoctor(const std::vector<Check>& checks, const Style& style);

}  // namespace patform
