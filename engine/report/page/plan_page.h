#pragma once

#include <string>

#include "engine/plan/plan.h"

namespace patform {

// The plan as one file for a browser that loads nothing, for a review: what
// ends, widens or moves first, then every change, whole. Nothing of it is
// folded, cut or left out, with the script or without. The same plan gives the
// same bytes. Text from outside is inert (html.h). Pure.
std::string RenderPlanPage(const Plan& plan);

}  // namespace patform
