#pragma once

#include <string>

#include "engine/inquiry/status.h"
#include "engine/report/style.h"

namespace patform {

// The status as a person reads it: a table with a row for each generation,
// then a paragraph for whatever needs one, then the counts. The same status
// gives the same bytes; all text from outside is made visible.
std::string RenderStatus(const StatusReport& report, const Style& style);

}  // namespace patform
