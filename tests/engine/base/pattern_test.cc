#include "engine/base/pattern.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace patform {
namespace {

TEST(Pattern, MatchesTheWholeText) {
  struct Case {
    const char *pattern, *text;
    bool want;
  };
  const std::vector<Case> cases = {
      {"[a-z]+", "ci", true},
      {"[a-z]+", "ci-1", false},
      {"[a-z]+", "1ci", false},
      {"a|ab", "ab", true},
      {"^ci$", "ci", true},
      {"", "", true},
      {"", "a", false},
      {"ci-\\d{2}", "ci-07", true},
      {"(?i)CI", "ci", true},
      {".", "é", true},  // a character, not a byte
      {"\\p{Greek}+", "λμ", true},
      {".*", "two\nlines", false},
  };
  for (const Case& c : cases) {
    const Pattern pattern(c.pattern);
    EXPECT_FALSE(pattern.fault()) << c.pattern;
    EXPECT_EQ(pattern.Matches(c.text), c.want) << c.pattern << " " << c.text;
  }
}

TEST(Pattern, SaysWhatIsWrongAndWhere) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"ci-[a-z", "a [ is never closed: [a-z"},
      {"(a", "a ( is never closed: (a"},
      {"a)b", "this ) closes nothing: a)b"},
      {"a-[z-a]", "there is no such range or class of characters: z-a"},
      {"[[:no:]]", "there is no such range or class of characters: [:no:]"},
      {"x*a**", "this repeats a repetition: **"},
      {"+x", "there is nothing to repeat: +"},
      {"ab\\q", "there is no such escape: \\q"},
      {"(a)\\1", "there is no such escape: \\1"},
      {"a\\", "the backslash at the end escapes nothing: a\\"},
      {"a{1001}", "this repeats too often (at most 1000 times): {1001}"},
      {"ci(?!x)", "there is no such group (no look-ahead or look-behind): (?!"},
      {"(?P<n", "this names no group: (?P<n"},
      {"a\xff", "it is not UTF-8: a\xff"},
      {"((\\pL{100}){9}){1}",
       "it is too large: {…} multiplies what it repeats: ((\\pL{100}){9}){1}"},
  };
  for (const auto& [text, want] : cases) {
    const Pattern pattern(text);
    ASSERT_TRUE(pattern.fault()) << text;
    EXPECT_EQ(
        absl::StrCat(pattern.fault()->what, ": ",
                     text.substr(pattern.fault()->at, pattern.fault()->size)),
        want);
    EXPECT_FALSE(pattern.Matches(text));
  }
}

// An engine that backtracks is not done with these while the test runs, and one
// that recurses has no stack for the long text.
TEST(Pattern, NoPatternAndNoTextTakesItsTime) {
  const std::string many(100000, 'a');
  for (const char* text : {"(a+)+b", "(a|a)*b", "(a|aa)+b", "([a-z]+)*\\d",
                           "(.*)(.*)(.*)(.*)(.*)(.*)(.*)b", "(a?){500}b"}) {
    const Pattern pattern(text);
    ASSERT_FALSE(pattern.fault()) << text;
    EXPECT_FALSE(pattern.Matches(many)) << text;
    EXPECT_FALSE(pattern.Matches(std::string(64, 'a'))) << text;
  }
  EXPECT_TRUE(Pattern("(a|b)*").Matches(many));
}

TEST(Pattern, CanBeMoved) {
  Pattern pattern("a+");
  Pattern moved = std::move(pattern);
  EXPECT_TRUE(moved.Matches("aa"));
  EXPECT_EQ(moved.text(), "a+");
}

}  // namespace
}  // namespace patform
