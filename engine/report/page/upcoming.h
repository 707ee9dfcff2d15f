#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/inquiry/status.h"

// What comes next by the clock alone: renewals that fall due, graces that are
// over, ends. Pure.
namespace patform {

struct Upcoming {
  absl::Time at;
  const TokenStatus* token = nullptr;  // of the report, which must outlive it
  std::string what;                    // "falls due and is renewed"
};

// All after `as_of`, in order.
std::vector<Upcoming> UpcomingOf(const StatusReport& report);

}  // namespace patform
