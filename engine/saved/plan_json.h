#pragma once

#include <boost/json/object.hpp>

#include "engine/model/json_fields.h"
#include "engine/plan/plan.h"

namespace patform {

// A Plan as an object of a saved plan: what any reader finds there without
// planning. patform itself reads of it what a plan is made from and takes the
// rest from the planner (plan_file.h). Counts, digest and approval are not in
// it; they follow from the rest or are beside it. (What `plan --format json`
// prints is something else: report/json.h.)
boost::json::object PlanJson(const Plan& plan);

// What does not follow from configuration, world and request: as_of,
// snapshot_taken_at, assumed_empty, identity.
Plan ReadPlanInputs(const JsonFields& fields);

}  // namespace patform
