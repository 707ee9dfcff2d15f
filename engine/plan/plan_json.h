#pragma once

#include <boost/json/object.hpp>

#include "engine/plan/json_fields.h"
#include "engine/plan/plan.h"

namespace patform {

// A Plan as an object of a saved plan, and back: all that a report shows, so
// that it reads the same from the file. Counts, digest, approval and targets
// are not in it; they follow from the rest or stand beside it. (What `plan
// --format json` prints is another thing: report/json.h.)
boost::json::object PlanJson(const Plan& plan);
Plan ReadPlanJson(const JsonFields& fields);

boost::json::value WhereJson(const SourceLocation& where);
SourceLocation ReadWhere(const JsonFields& fields, const char* key);

Approval ReadApproval(const JsonFields& fields);

}  // namespace patform
