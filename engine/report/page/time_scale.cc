#include "engine/report/page/time_scale.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace patform {
namespace {

// As long as the longest life, and some: one date in the year 9999 would make
// all others one line.
constexpr absl::Duration kFarthest = absl::Hours(24 * 400);
constexpr absl::Duration kLeast = absl::Hours(24 * 7);
constexpr int kMostAlways = 8;
constexpr int kMostTicks = 32;

// A step of the calendar: so many days, or else so many months.
struct Step {
  int days, months;
};
constexpr Step kSteps[] = {{1, 0}, {2, 0}, {7, 0}, {14, 0},
                           {0, 1}, {0, 2}, {0, 3}, {0, 6}};

absl::CivilDay Next(absl::CivilDay day, Step step) {
  if (step.days > 0) return day + step.days;
  return absl::CivilDay(absl::CivilMonth(day) + step.months);
}

// The first day of the steps that is not before `from`. Steps of days begin on
// a Monday, of months with a January.
absl::CivilDay First(absl::Time from, Step step) {
  const absl::CivilDay day = absl::ToCivilDay(from, absl::UTCTimeZone());
  absl::CivilDay at;
  if (step.days > 0) {
    const int64_t since = day - absl::CivilDay(2001, 1, 1);  // a Monday
    at = day - (since % step.days + step.days) % step.days;
  } else {
    const int month = (day.month() - 1) / step.months * step.months + 1;
    at = absl::CivilDay(day.year(), month, 1);
  }
  while (absl::FromCivil(at, absl::UTCTimeZone()) < from) at = Next(at, step);
  return at;
}

std::vector<absl::CivilDay> DaysOf(absl::Time from, absl::Time to, int most) {
  std::vector<absl::CivilDay> days;
  for (const Step& step : kSteps) {
    days.clear();
    for (absl::CivilDay day = First(from, step);
         absl::FromCivil(day, absl::UTCTimeZone()) <= to &&
         static_cast<int>(days.size()) <= most;
         day = Next(day, step)) {
      days.push_back(day);
    }
    if (static_cast<int>(days.size()) <= most) break;
  }
  return days;
}

// A month by its name, and by its year where that begins.
std::string LabelOf(absl::CivilDay day) {
  const std::string month = absl::FormatTime(
      "%b", absl::FromCivil(day, absl::UTCTimeZone()), absl::UTCTimeZone());
  if (day.day() != 1) return absl::StrCat(month, " ", day.day());
  return day.month() == 1 ? absl::StrCat(month, " ", day.year()) : month;
}

// From the first of some instants to the last.
class Extent {
 public:
  explicit Extent(absl::Time now)
      : now_(now), from_(now - kLeast), to_(now + kLeast) {}

  void Add(const std::optional<absl::Time>& time) {
    if (!time) return;
    from_ = std::min(from_, *time);
    to_ = std::max(to_, *time);
  }

  TimeScale Scale() const {
    const absl::Time from = std::max(from_, now_ - kFarthest);
    const absl::Time to = std::min(to_, now_ + kFarthest);
    // Room at both edges, for marks and for the word "now".
    const absl::Duration edge = (to - from) / 40;
    return TimeScale(from - edge, to + edge);
  }

 private:
  const absl::Time now_;
  absl::Time from_, to_;
};

}  // namespace

double TimeScale::At(absl::Time time) const {
  const double share = absl::FDivDuration(time - from_, to_ - from_);
  return std::clamp(share, 0.0, 1.0) * 100;
}

std::vector<TimeScale::Tick> TimeScale::Ticks() const {
  const std::vector<absl::CivilDay> always = DaysOf(from_, to_, kMostAlways);
  std::vector<absl::CivilDay> all = DaysOf(from_, to_, kMostTicks);
  all.insert(all.end(), always.begin(), always.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::vector<Tick> ticks;
  for (const absl::CivilDay& day : all) {
    const absl::Time at = absl::FromCivil(day, absl::UTCTimeZone());
    ticks.push_back(
        {at, LabelOf(day),
         std::find(always.begin(), always.end(), day) != always.end()});
  }
  return ticks;
}

std::string Percent(double value) { return absl::StrFormat("%.2f%%", value); }

TimeScale ScaleOf(const StatusReport& report) {
  Extent extent(report.as_of);
  for (const TokenStatus& token : report.tokens) {
    for (const GenerationStatus& row : token.generations) {
      extent.Add(row.valid_from);
      extent.Add(row.valid_to);
    }
    extent.Add(token.makes_until);
  }
  return extent.Scale();
}

TimeScale ScaleOf(const Plan& plan) {
  Extent extent(plan.as_of);
  for (const Change& change : plan.changes.changes) {
    for (const std::optional<TokenFacts>* facts :
         {&change.before, &change.after}) {
      if (!*facts) continue;
      extent.Add((*facts)->valid_from);
      extent.Add((*facts)->valid_to);
    }
  }
  return extent.Scale();
}

}  // namespace patform
