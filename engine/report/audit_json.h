#pragma once

#include <string>

#include "engine/inquiry/audit.h"

namespace patform {

// The audit as one JSON document and a newline, keys in a fixed order:
// schemas/audit.schema.json. Holds no secret.
std::string RenderAuditJson(const AuditReport& report);

}  // namespace patform
