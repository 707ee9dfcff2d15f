#include "providers/system/system_clock.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/time/clock.h"

namespace patform::system {

SystemClock::SystemClock(std::function<bool()> interrupted)
    : interrupted_(std::move(interrupted)) {}

absl::Time SystemClock::Now() { return absl::Now(); }

Deadline SystemClock::Monotonic() { return std::chrono::steady_clock::now(); }

bool SystemClock::SleepUntil(Deadline until) {
  for (Deadline now = Monotonic(); now < until; now = Monotonic()) {
    if (interrupted_()) return false;
    std::this_thread::sleep_until(
        std::min<Deadline>(until, now + std::chrono::milliseconds(50)));
  }
  return true;
}

}  // namespace patform::system
