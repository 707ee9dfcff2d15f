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
      {"a|b", "`a|b`"},
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

// A cell of a table ends at a bar, in code too, but not at an escaped one.
TEST(MarkdownCell, NothingInItEndsIt) {
  const struct {
    const char* text;
    const char* want;
  } rows[] = {
      {"ci", "`ci`"},
      {"a|b", "`a\\|b`"},
      {"|||", "`\\|\\|\\|`"},
      // Parsers do not agree on two backslashes.
      {"a\\|b", "`a\\\\x7cb`"},
      {"a\\\\|b", "`a\\\\\\x7cb`"},
      {"a`|", "``a`\\|``"},
      {"|`", "`` \\|` ``"},
  };
  for (const auto& row : rows) EXPECT_EQ(MarkdownCell(row.text), row.want);
  EXPECT_EQ(MarkdownCell(std::string(300, 'x')).size(), 302u);
}

// Words are prose; what is in quotes, and what a host could take for more than
// a word, is code.
TEST(MarkdownProse, OnlyWordsAreProse) {
  const struct {
    const char* text;
    const char* want;
  } rows[] = {
      {"", ""},
      {"lives longer than before", "lives longer than before"},
      {"gets the scope vso.work", "gets the scope `vso.work`"},
      {"is new, with vso.build vso.code, until 2027-03-10",
       "is new, with `vso.build` `vso.code`, until 2027-03-10"},
      {"ends \"gone\" (a000f778-0000, generation 2) at once: it's over",
       "ends `\"gone\"` (`a000f778-0000`, generation 2) at once: it's over"},
      {"is renamed from \"a \\\" @b\" to \"c|d\"",
       "is renamed from `\"a \\\" @b\"` to `\"c|d\"`"},
      {"asks for vso.work, which the policy forbids (\"vso.work\")",
       "asks for `vso.work`, which the policy forbids (`\"vso.work\"`)"},
      // Ours, as other formats write it.
      {"a weaker scope; `patform scopes` lists them",
       "a weaker scope; `patform scopes` lists them"},
      {"without `deliver`, nothing", "without `deliver`, nothing"},
      {"`replaces` names it", "`replaces` names it"},
      // Not ours.
      {"a`b c`d", "``a`b`` ``c`d``"},
      {"`A b`", "`` `A `` `` b` ``"},
      {"see @you #1 GH-12 www.evil.example https://evil.example",
       "see `@you` `#1` `GH-12` `www.evil.example` `https://evil.example`"},
      {"*a* _b_ ~c~ <d> [e](f) &amp; a|b \\c :smile:",
       "`*a*` `_b_` `~c~` `<d>` `[e](f)` `&amp`; `a|b` `\\c` `:smile`:"},
      {"x\"y z\"", "x`\"y z\"`"},
      {"\"a\"\"b`c\"", "``\"a\"\"b`c\"``"},
      {"\"not closed and @you", "`\"not closed and @you`"},
      {"a\nb", "`a\\nb`"},
      {"9 of 10, 1.5 → 2 = so", "9 of 10, 1.5 → 2 = so"},
      {"été", "`été`"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(MarkdownProse(row.text, 1000), row.want);
  }
  EXPECT_EQ(MarkdownProse("some words", 6), "some `w…`");
  EXPECT_EQ(MarkdownProse("\"some words\"", 6), "`\"some …`");
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
