#include "engine/base/clock.h"

#include <gtest/gtest.h>

#include "absl/time/civil_time.h"
#include "tests/fakes/fake_clock.h"

namespace patform {
namespace {

const absl::Time kNow = absl::FromCivil(
    absl::CivilSecond(2026, 11, 23, 19, 29, 23), absl::UTCTimeZone());

TEST(FormatInstant, InUtcWithFractionsWhereThereAreAny) {
  EXPECT_EQ(FormatInstant(kNow), "2026-11-23T19:29:23Z");
  EXPECT_EQ(FormatInstant(kNow + absl::Milliseconds(320)),
            "2026-11-23T19:29:23.32Z");
  EXPECT_EQ(FormatInstant(kNow + absl::Nanoseconds(1)),
            "2026-11-23T19:29:23.000000001Z");
  EXPECT_EQ(FormatInstant(absl::UnixEpoch()), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatInstant(absl::FromCivil(absl::CivilSecond(33, 1, 2),
                                          absl::UTCTimeZone())),
            "0033-01-02T00:00:00Z");
}

TEST(FormatMinute, ForPeople) {
  EXPECT_EQ(FormatMinute(kNow), "2026-11-23 19:29 UTC");
}

TEST(FormatSpan, TheTwoLargestUnits) {
  const struct {
    absl::Duration span;
    const char* want;
  } kCases[] = {
      {absl::ZeroDuration(), "0s"},
      {absl::Milliseconds(999), "0s"},
      {absl::Seconds(45), "45s"},
      {absl::Seconds(60), "1m"},
      {absl::Seconds(61), "1m 1s"},
      {absl::Minutes(90), "1h 30m"},
      {absl::Hours(3), "3h"},
      {absl::Hours(3) + absl::Seconds(5), "3h"},  // the next unit is zero
      {absl::Hours(24 * 29 + 4), "29d 4h"},
      {absl::Hours(24 * 29) + absl::Minutes(5), "29d"},
      {absl::Hours(24 * 365), "365d"},
      {-absl::Hours(3), "3h"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(FormatSpan(c.span), c.want) << c.span;
  }
}

TEST(FormatRelative, BeforeAndAfter) {
  const struct {
    absl::Duration ahead;
    const char* want;
  } kCases[] = {
      {absl::ZeroDuration(), "now"},
      {absl::Milliseconds(900), "now"},
      {-absl::Milliseconds(900), "now"},
      {absl::Seconds(2), "in 2s"},
      {-absl::Seconds(2), "2s ago"},
      {absl::Minutes(59) + absl::Seconds(59), "in 59m 59s"},
      // From an hour on, rounded to minutes: the service's dates are whole
      // seconds and "29d 23h" is a month less a blink.
      {absl::Hours(24 * 30) - absl::Seconds(1), "in 30d"},
      {absl::Hours(1) + absl::Seconds(31), "in 1h 1m"},
      {-absl::Hours(26), "1d 2h ago"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(FormatRelative(kNow + c.ahead, kNow), c.want) << c.ahead;
  }
}

TEST(After, IsOnTheMonotonicClock) {
  FakeClock clock(kNow);
  const Deadline now = clock.Monotonic();
  EXPECT_EQ(After(clock, absl::Seconds(5)) - now, std::chrono::seconds(5));
  EXPECT_EQ(After(clock, absl::ZeroDuration()), now);
}

}  // namespace
}  // namespace patform
