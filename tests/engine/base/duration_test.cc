#include "engine/base/duration.h"

#include <gtest/gtest.h>

namespace patform {
namespace {

TEST(Duration, Reads) {
  const struct {
    const char* text;
    int64_t seconds;
    const char* canonical;
  } cases[] = {
      {"90d", 90 * 86400, "90d"},
      {"12h", 43200, "12h"},
      {"30m", 1800, "30m"},
      {"45s", 45, "45s"},
      {"1d12h", 129600, "1d12h"},
      {"24h", 86400, "1d"},
      {"2w", 14 * 86400, "14d"},
      {"1w2d3h", 9 * 86400 + 10800, "9d3h"},
      {"0s", 0, "0s"},
      {"0d", 0, "0s"},
      {"36500d", 3153600000, "36500d"},
  };
  for (const auto& c : cases) {
    const auto duration = ParseDuration(c.text);
    ASSERT_TRUE(duration.ok()) << c.text;
    EXPECT_EQ(absl::ToInt64Seconds(*duration), c.seconds) << c.text;
    EXPECT_EQ(DurationText(*duration), c.canonical) << c.text;
  }
}

TEST(Duration, Refuses) {
  const struct {
    const char* text;
    const char* why;
  } cases[] = {
      {"", "it is empty"},
      {"-3d", "it is negative"},
      {"d", "a number is missing before the unit"},
      {"30", "the unit is missing (w, d, h, m or s)"},
      {"3y", "\"y\" is not a unit (w, d, h, m or s)"},
      {"2d1w", "the units must come largest first, each once"},
      {"3 d", "\" \" is not a unit (w, d, h, m or s)"},
      {"1.5d", "\".\" is not a unit (w, d, h, m or s)"},
      {"1h1d", "the units must come largest first, each once"},
      {"1d1d", "the units must come largest first, each once"},
      {"36501d", "it is longer than 100 years"},
      {"36500d1s", "it is longer than 100 years"},
      {"99999999999999999999999d", "it is longer than 100 years"},
      {"NaNd", "a number is missing before the unit"},
  };
  for (const auto& c : cases) {
    const auto duration = ParseDuration(c.text);
    ASSERT_FALSE(duration.ok()) << c.text;
    EXPECT_EQ(std::string(duration.status().message()), c.why) << c.text;
  }
}

// What others write, and what it is to be.
TEST(Duration, Spelling) {
  const struct {
    const char* text;
    const char* want;  // "": nothing is clear
  } cases[] = {
      {"P30D", "30d"},
      {"p30d", "30d"},
      {"P2W", "14d"},
      {"PT12H", "12h"},
      {"P1DT12H", "1d12h"},
      {"PT90M", "1h30m"},
      {"P1M", "30d"},
      {"P1MT1M", "30d1m"},
      {"P1Y", "365d"},
      {"30days", "30d"},
      {"30 days", "30d"},
      {"1 Day", "1d"},
      {"2 weeks", "14d"},
      {"12hours", "12h"},
      {"12hrs", "12h"},
      {"90min", "1h30m"},
      {"1mo", "30d"},
      {"3 months", "90d"},
      {"1y", "365d"},
      {"30D", "30d"},
      {"30", "30d"},
      {"1.5d", "1d12h"},
      {"12h1d", "1d12h"},
      {"1d 12h", "1d12h"},
      {"1d, 12h", "1d12h"},
      {"30-days", "30d"},
      {"", ""},
      {"-3d", ""},
      {"soon", ""},
      {"3 moons", ""},
      {"P", ""},
      {"0 days", ""},
      {"999999999999999y", ""},
      {"1d.", ""},
      {"1..5d", ""},
      {"d30", ""},
  };
  for (const auto& c : cases) {
    const auto spelling = DurationSpelling(c.text);
    EXPECT_EQ(spelling.value_or(""), c.want) << c.text;
    if (spelling) {
      EXPECT_TRUE(ParseDuration(*spelling).ok()) << c.text;
    }
  }
}

}  // namespace
}  // namespace patform
