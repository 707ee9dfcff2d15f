#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/inquiry/status.h"
#include "engine/plan/plan.h"

// Where an instant is on a line that is as wide as there is room for: in
// per cent, so that no script is needed to draw it. Pure.
namespace patform {

class TimeScale {
 public:
  TimeScale(absl::Time from, absl::Time to) : from_(from), to_(to) {}

  absl::Time from() const { return from_; }
  absl::Time to() const { return to_; }

  // 0 to 100; what is outside is at the edge.
  double At(absl::Time time) const;

  struct Tick {
    absl::Time at;
    std::string label;
    bool always = false;  // or only where a part of the line is shown larger
  };
  // In order. Few enough to be read: at most eight that are there always.
  std::vector<Tick> Ticks() const;

 private:
  absl::Time from_, to_;
};

// "12.34%"
std::string Percent(double value);

// All that lives or is to be made, and now; at most 400 days to each side.
TimeScale ScaleOf(const StatusReport& report);
// The same of all that a plan changes.
TimeScale ScaleOf(const Plan& plan);

}  // namespace patform
