#pragma once

#include <string>

#include "engine/plan/plan.h"

namespace patform {

// The plan as one JSON document and a newline, keys in a fixed order:
// schemas/plan.schema.json. Shaped after Terraform's plan JSON, so that rules
// that are written for its resource_changes work here. Holds no secret.
std::string RenderPlanJson(const Plan& plan);

}  // namespace patform
