#pragma once

#include <string>

#include "engine/inquiry/status.h"

namespace patform {

// The status as one JSON document and a newline, keys in a fixed order:
// schemas/status.schema.json. Holds no secret.
std::string RenderStatusJson(const StatusReport& report);

}  // namespace patform
