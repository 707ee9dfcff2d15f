#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/cli/command.h"
#include "engine/inquiry/status.h"

// What the commands that show the status share.
namespace patform::cli {

// Of which tokens.
std::vector<Flag> StatusArguments();
// Whose status, as of when, and what of it is shown.
std::vector<Flag> StatusFlags();

// Reads what exists and makes the status of it; prints what is wrong with the
// configuration.
absl::StatusOr<StatusReport> StatusFor(const Arguments& arguments,
                                       Ports& ports);

// As one of the formats that are files: "json", "html", "ics".
std::string RenderStatusAs(std::string_view format, const StatusReport& report);

// kIncomplete: something could not be read; kChanges, with
// --detailed-exitcode: a token ends, and nothing renews it.
ExitCode StatusExitCode(const Arguments& arguments, const StatusReport& report);

}  // namespace patform::cli
