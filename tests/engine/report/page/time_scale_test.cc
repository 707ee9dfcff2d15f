#include "engine/report/page/time_scale.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace patform {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);  // 2027-01-15
constexpr absl::Duration kDay = absl::Hours(24);

std::string Labels(const TimeScale& scale, bool all) {
  std::string text;
  for (const TimeScale::Tick& tick : scale.Ticks()) {
    if (all || tick.always) absl::StrAppend(&text, tick.label, "|");
  }
  return text;
}

TEST(TimeScale, Places) {
  const TimeScale scale(kNow, kNow + 10 * kDay);
  EXPECT_EQ(Percent(scale.At(kNow)), "0.00%");
  EXPECT_EQ(Percent(scale.At(kNow + 5 * kDay)), "50.00%");
  // What is outside is at the edge.
  EXPECT_EQ(Percent(scale.At(kNow - kDay)), "0.00%");
  EXPECT_EQ(Percent(scale.At(absl::InfiniteFuture())), "100.00%");
}

TEST(TimeScale, TicksAreFewEnoughToBeRead) {
  const struct {
    int days;
    const char* always;
  } rows[] = {
      {5, "Jan 16|Jan 17|Jan 18|Jan 19|Jan 20|"},
      {14, "Jan 17|Jan 19|Jan 21|Jan 23|Jan 25|Jan 27|Jan 29|"},
      {45, "Jan 18|Jan 25|Feb|Feb 8|Feb 15|Feb 22|Mar|"},
      {90, "Jan 25|Feb 8|Feb 22|Mar 8|Mar 22|Apr 5|"},
      {200, "Feb|Mar|Apr|May|Jun|Jul|Aug|"},
      {400, "Mar|May|Jul|Sep|Nov|Jan 2028|"},
      {800, "Apr|Jul|Oct|Jan 2028|Apr|Jul|Oct|Jan 2029|"},
  };
  for (const auto& row : rows) {
    const TimeScale scale(kNow, kNow + row.days * kDay);
    EXPECT_EQ(Labels(scale, false), row.always) << row.days;
    EXPECT_LE(scale.Ticks().size(), 40u) << row.days;
    EXPECT_GE(Labels(scale, true).size(), Labels(scale, false).size());
  }
}

TEST(TimeScale, HoldsAllThatLives) {
  StatusReport report;
  report.as_of = kNow;
  // With nothing at all, a week to each side.
  EXPECT_EQ(absl::ToInt64Hours(ScaleOf(report).to() - ScaleOf(report).from()),
            14 * 24 + 16);
  GenerationStatus row;
  row.valid_from = kNow - 30 * kDay;
  row.valid_to = kNow + 60 * kDay;
  report.tokens.emplace_back().generations = {row};
  TimeScale scale = ScaleOf(report);
  EXPECT_LT(scale.from(), *row.valid_from);
  EXPECT_GT(scale.to(), *row.valid_to);
  // One beyond any life does not make the others invisible.
  report.tokens[0].generations[0].valid_to = kNow + 40'000 * kDay;
  scale = ScaleOf(report);
  EXPECT_LT(scale.to(), kNow + 420 * kDay);
}

}  // namespace
}  // namespace patform
