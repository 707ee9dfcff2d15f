#pragma once

#include <memory>
#include <ostream>

#include "engine/apply/executor.h"
#include "engine/base/clock.h"
#include "engine/base/waiting.h"
#include "engine/report/style.h"

namespace patform {

// A step or a wait that takes longer than this is reported as still going on,
// again and again.
inline constexpr absl::Duration kHeartbeat = absl::Seconds(10);

// What is told while an apply runs.
class ApplyProgress : public ApplyListener {
 public:
  // A request begins to wait; from any thread. It is reported with the next
  // Tick() that finds it waiting.
  virtual void Waits(const Waiting& waiting) = 0;
};

struct ProgressOptions {
  Style style{false};
  bool terminal = false;
  int columns = 80;
  int changes = 0;  // how many there are: "Created after 2s (3/40)"
};

// What a person watches: a line when a change starts and when it ends. On a
// terminal, below these, a line for each change in hand, written over; else a
// heartbeat. Why a change failed is in the result (text.h), and only there.
std::unique_ptr<ApplyProgress> MakeProgress(std::ostream& out, Clock& clock,
                                            const ProgressOptions& options);

// What a program reads: one JSON object a line (events.h).
std::unique_ptr<ApplyProgress> MakeEventStream(std::ostream& out, Clock& clock);

}  // namespace patform
