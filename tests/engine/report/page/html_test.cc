#include "engine/report/page/html.h"

#include <gtest/gtest.h>

#include <utility>

namespace patform {
namespace {

constexpr char kHead[] = "<!DOCTYPE html>\n";

TEST(Html, TextIsNothingButText) {
  EXPECT_EQ(HtmlText("a<b>&amp;\"'"), "a&lt;b&gt;&amp;amp;&quot;'");
  // As every other renderer shows it.
  EXPECT_EQ(HtmlText("\x1b[31m\u202e\n"), "\\x1b[31m\\u{202e}\\n");
  EXPECT_EQ(HtmlText("##vso[x]"), "#\\x23vso[x]");
}

TEST(Html, AttributesTooAreText) {
  Html page;
  page.Begin("p", {{"class", "a\"><script>"}, {"hidden", ""}})
      .Text("</p>")
      .End();
  EXPECT_EQ(std::move(page).Take(),
            std::string(kHead) +
                "<p class=\"a&quot;&gt;&lt;script&gt;\" hidden>&lt;/p&gt;</p>");
}

TEST(Html, EachElementIsEndedInTurn) {
  Html page;
  page.Begin("ul").Element("li", "a").Begin("li").Name("b").End().End();
  page.Void("meta", {{"charset", "utf-8"}}).Shape("rect", {{"x", "1%"}});
  EXPECT_EQ(std::move(page).Take(),
            std::string(kHead) +
                "<ul><li>a</li><li><bdi>b</bdi></li></ul>"
                "<meta charset=\"utf-8\"><rect x=\"1%\"/>");
}

TEST(Html, ProseHasCode) {
  const std::pair<const char*, const char*> rows[] = {
      {"set `a` or `b`.", "set <code>a</code> or <code>b</code>."},
      {"`a`", "<code>a</code>"},
      {"no code", "no code"},
      {"one ` alone", "one ` alone"},
      {"`<b>` and ` more", "<code>&lt;b&gt;</code> and ` more"},
      {"", ""},
  };
  for (const auto& [prose, want] : rows) {
    Html page;
    page.Prose(prose);
    EXPECT_EQ(std::move(page).Take(), std::string(kHead) + want) << prose;
  }
}

TEST(Html, TimesAreForProgramsToo) {
  Html page;
  page.Day(absl::FromUnixSeconds(1'800'000'000)).Dot();
  page.Minute(absl::FromUnixSeconds(1'800'000'000));
  EXPECT_EQ(std::move(page).Take(),
            std::string(kHead) +
                "<time datetime=\"2027-01-15T08:00:00Z\">2027-01-15</time> · "
                "<time datetime=\"2027-01-15T08:00:00Z\">2027-01-15 08:00 "
                "UTC</time>");
}

}  // namespace
}  // namespace patform
