#pragma once

#include <map>
#include <memory>
#include <ostream>
#include <string>

#include "engine/apply/executor.h"
#include "engine/base/clock.h"
#include "engine/report/style.h"

namespace patform {

// A step that takes longer than this is reported as still running, again and
// again.
inline constexpr absl::Duration kHeartbeat = absl::Seconds(10);

// What a person watches while an apply runs: a line when a change starts and
// when it ends, and heartbeats between; on a terminal the step in hand below
// them, written over.
std::unique_ptr<ApplyListener> MakeProgress(std::ostream& out, Clock& clock,
                                            const Style& style, bool terminal,
                                            int columns);

// What a program reads: one JSON object a line (events.h).
std::unique_ptr<ApplyListener> MakeEventStream(std::ostream& out, Clock& clock);

}  // namespace patform
