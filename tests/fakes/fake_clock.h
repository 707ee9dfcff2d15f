#pragma once

#include <chrono>
#include <mutex>

#include "absl/time/time.h"
#include "engine/base/clock.h"

namespace patform {

// A clock that moves when it is told to. Sleeping is instant.
class FakeClock : public Clock {
 public:
  explicit FakeClock(absl::Time now) : now_(now) {}

  absl::Time Now() override {
    std::lock_guard<std::mutex> lock(mutex_);
    Move(step_);
    return now_;
  }
  Deadline Monotonic() override {
    std::lock_guard<std::mutex> lock(mutex_);
    return monotonic_;
  }
  bool SleepUntil(Deadline until) override {
    std::lock_guard<std::mutex> lock(mutex_);
    if (until > monotonic_) Move(absl::FromChrono(until - monotonic_));
    return true;
  }

  void Tick(absl::Duration d) {
    std::lock_guard<std::mutex> lock(mutex_);
    Move(d);
  }
  // By how much every reading of the wall time moves it.
  void SetStep(absl::Duration step) {
    std::lock_guard<std::mutex> lock(mutex_);
    step_ = step;
  }

 private:
  void Move(absl::Duration d) {
    now_ += d;
    monotonic_ += absl::ToChronoNanoseconds(d);
  }

  std::mutex mutex_;
  absl::Time now_;
  Deadline monotonic_ = Deadline(std::chrono::hours(1));
  absl::Duration step_;
};

}  // namespace patform
