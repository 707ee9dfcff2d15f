#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/inquiry/doctor.h"

namespace patform {

// The checks as JSON on one line: schemas/doctor.schema.json.
std::string RenderDoctorJson(const std::vector<Check>& checks, absl::Time now);

}  // namespace patform
