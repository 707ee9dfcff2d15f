#include "providers/system/system_clock.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/time/clock.h"

namespace patform::system {

SystemClock::SystemClock(std::function<bool()> interrupted)
    // `interrupted` is looked at while sleeping.
    : interrupted_(std::move(interrupted)) {}

// Wall time, for data; jumps when somebody sets it.
absl::Time SystemClock::Now() { return absl::Now(); }

// For waiting and deadlines; never jumps.
Deadline SystemClock::Monotonic() { return std::chrono::steady_clock::now(); }

// In slices, because a signal (SA_RESTART) does not end a sleep by itself.
bool SystemClock::SleepUntil(Deadline until) {
  for (Deadline now = Monotonic(); now < until; now = Monotonic()) {
    if (interrupted_()) return false;
    std::this_thread::sleep_until(
        std::min<Deadline>(until, now + std::chrono::milliseconds(50)));
  }
  return true;
}

}  // namespace patform::system
