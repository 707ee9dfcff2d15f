#pragma once

#include <string>

#include "engine/inquiry/status.h"

namespace patform {

// An iCalendar file (RFC 5545): an event for each thing that a person must do,
// at the instant by which it must be done, and one for the release that must
// have run before the first token ends. What is overdue or has no date is an
// event of the whole day of `as_of`. UIDs are those of the thing, so that a
// calendar that reads the next run's file moves its events. Pure.
std::string RenderCalendar(const StatusReport& report);

}  // namespace patform
