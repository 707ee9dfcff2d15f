#pragma once

#include "absl/status/status.h"
#include "engine/cli/arguments.h"
#include "engine/inquiry/status.h"
#include "engine/ports/ports.h"
#include "engine/report/metrics.h"

// What --metrics asks for; nothing happens without the flag.
namespace patform::cli {

// Before anything is done: could the file be written?
absl::Status CheckMetrics(const Arguments& arguments, Ports& ports);

// `report` is of all tokens.
absl::Status WriteMetrics(const Arguments& arguments, Ports& ports,
                          const StatusReport& report);
absl::Status WriteMetrics(const Arguments& arguments, Ports& ports,
                          const LastApply& apply);

}  // namespace patform::cli
