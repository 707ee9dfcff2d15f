#include "engine/report/markdown_text.h"

#include <gtest/gtest.h>

#include <string>

namespace patform {
namespace {

TEST(MarkdownCode, NothingInItEndsIt) {
  const struct {
    const char* text;
    const char* want;
  } rows[] = {
      {"ci", "`ci`"},
      {"", "`(empty)`"},
      {"  ", "`(empty)`"},
      {"a`b", "``a`b``"},
      {"a```b`c", "````a```b`c````"},
      // A backtick at an end would join the fence.
      {"`a", "`` `a ``"},
      {"a``", "``` a`` ```"},
      {"`", "`` ` ``"},
      // A cell of a table ends at a bar, in code too.
      {"a|b", "`a\\x7cb`"},
      {"|||", "`\\x7c\\x7c\\x7c`"},
      {"a\\|b", "`a\\\\x7cb`"},
      {"a\nb", "`a\\nb`"},
      {"<b>@you #1 [x](y)", "`<b>@you #1 [x](y)`"},
  };
  for (const auto& row : rows) EXPECT_EQ(MarkdownCode(row.text), row.want);
}

TEST(MarkdownCode, IsCutWhereItSaysSo) {
  EXPECT_EQ(MarkdownCode("abcdef", 6), "`abcdef`");
  EXPECT_EQ(MarkdownCode("abcdefg", 6), "`abcdef…`");
  // What is shown counts, not what is meant.
  EXPECT_EQ(MarkdownCode("abc\nd", 4), "`abc…`");
}

TEST(MarkdownLink, LeadsWhereItSays) {
  const struct {
    const char* url;
    const char* want;
  } rows[] = {
      {"https://a.example/b?c=d#e", "[x](https://a.example/b?c=d#e)"},
      {"http://localhost:8080/", "[x](http://localhost:8080/)"},
      {"https://a.example/) [evil](https://b.example",
       "[x](https://a.example/%29%20%5Bevil%5D%28https://b.example)"},
      {"https://a.example/\"<>\\`", "[x](https://a.example/%22%3C%3E%5C%60)"},
      {"https://a.example/\n", "[x](https://a.example/%0A)"},
      {"javascript:alert(1)", ""},
      {"data:text/html,x", ""},
      {"HTTPS://a.example", ""},
      {" https://a.example", ""},
      {"", ""},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(MarkdownLink("x", row.url), row.want) << row.url;
  }
  EXPECT_EQ(MarkdownLink("x", "https://a/" + std::string(1000, 'x')), "");
}

TEST(MarkdownFence, IsLongerThanAnyInIt) {
  EXPECT_EQ(MarkdownFence("json", "{}\n"), "```json\n{}\n```\n");
  EXPECT_EQ(MarkdownFence("", "a\n```\nb\n"), "````\na\n```\nb\n````\n");
  EXPECT_EQ(MarkdownFence("", "`````\n"), "``````\n`````\n``````\n");
}

TEST(CommentWord, CannotEndAComment) {
  EXPECT_EQ(CommentWord("team-a.b_c:d"), "team-a.b_c:d");
  EXPECT_EQ(CommentWord("a --> b"), "a%20--%3E%20b");
  EXPECT_EQ(CommentWord("--!><"), "--%21%3E%3C");
  EXPECT_EQ(CommentWord("\xc3\xa4%"), "%C3%A4%25");
  EXPECT_EQ(CommentWord(std::string(201, 'x')).substr(0, 7), "sha256-");
}

}  // namespace
}  // namespace patform
