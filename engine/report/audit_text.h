#pragma once

#include <string>

#include "engine/inquiry/audit.h"
#include "engine/report/style.h"

namespace patform {

// The audit as a person reads it: a block for each token with a risk, the
// gravest first, then what to do about each kind of risk, then the counts. All
// text from outside is made visible.
std::string RenderAudit(const AuditReport& report, const Style& style);

}  // namespace patform
