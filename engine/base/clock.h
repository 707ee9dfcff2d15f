#pragma once

#include <chrono>
#include <string>

#include "absl/time/time.h"

namespace patform {

// A point on the monotonic clock by which a blocking call must have answered.
using Deadline = std::chrono::steady_clock::time_point;

// Port: time. Wall time is for data and for showing, monotonic time for
// measuring and for deadlines. Safe to call from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() = 0;
  virtual Deadline Monotonic() = 0;
  // Blocks until `until`, or until the program is interrupted; true: the time
  // is reached, false: interrupted.
  virtual bool SleepUntil(Deadline until) = 0;
};

inline Deadline After(Clock& clock, absl::Duration d) {
  return clock.Monotonic() + absl::ToChronoNanoseconds(d);
}

// 2026-11-23T19:29:23Z; fractions only where there are any, UTC always.
std::string FormatInstant(absl::Time time);

// A whole instant for people: 2026-11-23 19:29 UTC.
std::string FormatMinute(absl::Time time);

// A date for people: 2026-11-23. UTC.
std::string FormatDay(absl::Time time);

// The two largest units that are not zero: 29d 4h, 3h, 45s, 0s.
std::string FormatSpan(absl::Duration span);

// "in 29d 4h", "2h ago", "now".
std::string FormatRelative(absl::Time time, absl::Time now);

}  // namespace patform
