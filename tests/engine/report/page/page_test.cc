#include "engine/report/page/page.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

// The hashes are compared with a browser's by the suite `page`.
TEST(Page, NothingButOurOwnRuns) {
  const std::vector<std::string> rules = absl::StrSplit(PagePolicy(), "; ");
  ASSERT_EQ(rules.size(), 7u);
  EXPECT_EQ(rules[0], "default-src 'none'");
  EXPECT_TRUE(absl::StartsWith(rules[1], "style-src 'sha256-"));
  EXPECT_TRUE(absl::StartsWith(rules[2], "script-src 'sha256-"));
  EXPECT_EQ(rules[3], "base-uri 'none'");
  EXPECT_EQ(rules[4], "form-action 'none'");
  EXPECT_EQ(rules[5], "require-trusted-types-for 'script'");
  EXPECT_EQ(rules[6], "trusted-types 'none'");
  EXPECT_FALSE(absl::StrContains(PagePolicy(), "unsafe"));
}

// An element ends at the first of these, whatever a string or a comment.
TEST(Page, NothingEndsStyleAndScriptEarly) {
  for (const char* text : {PageStyle(), PageScript()}) {
    EXPECT_FALSE(absl::StrContains(text, "</"));
    EXPECT_FALSE(absl::StrContains(text, "<!--"));
    EXPECT_FALSE(absl::StrContains(text, "http"));
    EXPECT_FALSE(absl::StrContains(text, "@import"));
    EXPECT_FALSE(absl::StrContains(text, "innerHTML"));
    EXPECT_TRUE(IsValidUtf8(text));
  }
}

TEST(Page, TheTitleIsText) {
  const std::string page = EndPage(BeginPage("</title><script>"));
  EXPECT_TRUE(
      absl::StrContains(page, "<title>&lt;/title&gt;&lt;script&gt;</title>"));
  EXPECT_TRUE(absl::StrContains(
      EndPage(BeginPage(std::string(70, 'x'))),
      absl::StrCat("<title>", std::string(60, 'x'), "…</title>")));
  EXPECT_TRUE(absl::EndsWith(page, "</script>\n</body>\n</html>\n"));
}

}  // namespace
}  // namespace patform
