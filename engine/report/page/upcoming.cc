#include "engine/report/page/upcoming.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace patform {

// What happens by itself, or by a release that runs as it should: nobody has to
// do anything for it. What somebody must do is in engine/inquiry/duty.h.
std::vector<Upcoming> UpcomingOf(const StatusReport& report) {
  std::vector<Upcoming> events;
  const auto add = [&](const TokenStatus& token, absl::Time at,
                       std::string what) {
    if (at > report.as_of) {
      events.push_back({at, &token, std::move(what)});
    }
  };
  for (const TokenStatus& token : report.tokens) {
    // A token that nothing renews may have a window all the same.
    if (token.unrenewed) {
      add(token, token.unrenewed->ends, "ends, and nothing renews it");
    } else if (token.due_at) {
      add(token, *token.due_at, "falls due and is renewed");
    }
    // Older generations end on their own dates, beside the one in service.
    for (const GenerationStatus& row : token.generations) {
      if (row.next == NextStep::kEndItself && row.at) {
        add(token, *row.at,
            absl::StrCat("the grace of generation ", row.generation, " ends"));
      } else if (row.next == NextStep::kWait && row.at) {
        add(token, *row.at,
            absl::StrCat("generation ", row.generation,
                         " is given up if no run delivered it"));
      }
    }
  }
  std::stable_sort(
      events.begin(), events.end(),
      [](const Upcoming& a, const Upcoming& b) { return a.at < b.at; });
  return events;
}

}  // namespace patform
