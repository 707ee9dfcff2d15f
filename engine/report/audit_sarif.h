#pragma once

#include <string>

#include "engine/inquiry/audit.h"

namespace patform {

// The audit's risks and broken rules as SARIF 2.1.0; of a declared token on its
// line. A risk is never more than a warning: only a policy makes errors.
std::string RenderAuditSarif(const AuditReport& report);

}  // namespace patform
