#pragma once

#include <string>

#include "engine/inquiry/status.h"

namespace patform {

// The status as one file for a browser that loads nothing: what a person must
// do and by when, what comes next, and the life of every token on one line of
// time. All of it is there without a script; the script sorts, filters and
// finds. The same status gives the same bytes. Text from outside is inert
// (html.h). Pure.
std::string RenderStatusPage(const StatusReport& report);

}  // namespace patform
