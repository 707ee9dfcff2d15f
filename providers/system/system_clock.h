#pragma once

#include <functional>

#include "engine/base/clock.h"

namespace patform::system {

// The machine's clocks. Sleeping ends early when `interrupted` turns true; it
// is asked every 50 ms.
class SystemClock : public Clock {
 public:
  explicit SystemClock(std::function<bool()> interrupted);
  absl::Time Now() override;
  Deadline Monotonic() override;
  bool SleepUntil(Deadline until) override;

 private:
  std::function<bool()> interrupted_;
};

}  // namespace patform::system
