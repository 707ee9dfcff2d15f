#pragma once

#include <string>

#include "engine/plan/plan.h"

namespace patform {

// The plan as JUnit XML, for the test tab of a CI system: a suite for the plan
// as a whole and one for each organization, a test case for each token that the
// plan speaks of. An error finding is a failure, what could not be decided is
// skipped, warnings and what would be done are the case's output. Text from
// outside is made visible and escaped. Thirty lines of XML by hand: pugixml and
// tinyxml2 would build a tree of it first, and refuse none of the characters
// that XML cannot hold.
std::string RenderPlanJunit(const Plan& plan);

}  // namespace patform
