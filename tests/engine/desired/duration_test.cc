#include "engine/desired/duration.h"

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
      {"30", "the unit is missing (d, h, m or s)"},
      {"3w", "\"w\" is not a unit (d, h, m or s)"},
      {"3 d", "\" \" is not a unit (d, h, m or s)"},
      {"1.5d", "\".\" is not a unit (d, h, m or s)"},
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

}  // namespace
}  // namespace patform
