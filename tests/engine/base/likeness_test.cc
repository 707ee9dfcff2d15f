#include "engine/base/likeness.h"

#include <gtest/gtest.h>

namespace patform {
namespace {

struct Row {
  const char* text;
  const char* decoded;
  const char* folded;
  const char* likeness;
};

constexpr Row kRows[] = {
    {"ci", "ci", "ci", "ci"},
    {"CI-Build", "CI-Build", "ci-build", "ci-build"},
    // Encoded for HTML, by name, number, twice, and what only looks like it.
    {"Q&amp;A", "Q&A", "q&a", "q&a"},
    {"Q&amp;amp;A", "Q&A", "q&a", "q&a"},
    {"O&#39;Brien", "O'Brien", "o'brien", "o'brien"},
    {"caf&#xE9;", "caf\u00e9", "caf\u00e9", "caf\u00e9"},
    {"caf&#233;", "caf\u00e9", "caf\u00e9", "caf\u00e9"},
    {"a&lt;b&gt;c&quot;", "a<b>c\"", "a<b>c\"", "a<b>c\""},
    {"a&b;c & d", "a&b;c & d", "a&b;c & d", "a&b;c & d"},
    {"&#0;&#xd800;&#1114112;", "&#0;&#xd800;&#1114112;",
     "&#0;&#xd800;&#1114112;", "&#0;&#xd800;&#1114112;"},
    // Trimmed.
    {"  a   b ", "a b", "a b", "a b"},
    {"a\u00a0b", "a\u00a0b", "a b", "a b"},
    // Normalized; other case beyond ASCII.
    {"cafe\u0301", "caf\u00e9", "caf\u00e9", "caf\u00e9"},
    {"CAF\u00c9", "CAF\u00c9", "caf\u00e9", "caf\u00e9"},
    {"Stra\u00dfe", "Stra\u00dfe", "strasse", "strasse"},
    {"\uff23\uff29", "\uff23\uff29", "ci", "ci"},
    {"\ufb01x", "\ufb01x", "fix", "fix"},
    {"\u03a3\u03c2", "\u03a3\u03c2", "\u03c3\u03c3", "\u03c3\u03c3"},
    // What shows nothing.
    {"a\u200db\u00ad", "a\u200db\u00ad", "ab", "ab"},
    // What looks alike.
    {"\u0441i", "\u0441i", "\u0441i", "ci"},
    {"\u0391", "\u0391", "\u03b1", "a"},
    {"\u0392", "\u0392", "\u03b2", "b"},
    {"\u015f\u0219", "\u015f\u0219", "\u015f\u0219", "\u015f\u015f"},
    {"\u0103", "\u0103", "\u0103", "\u01ce"},
    {"\u0131i\u0307", "\u0131i\u0307", "\u0131i\u0307", "ii"},
    {"\u0444", "\u0444", "\u0444", "\u0444"},
    // Not UTF-8.
    {"a\xff", "a\xff", "a\xff", "a\ufffd"},
};

TEST(Likeness, Table) {
  for (const Row& row : kRows) {
    EXPECT_EQ(Decoded(row.text), row.decoded) << row.text;
    EXPECT_EQ(Folded(row.text), row.folded) << row.text;
    EXPECT_EQ(Likeness(row.text), row.likeness) << row.text;
    // What is done once is done.
    EXPECT_EQ(Folded(row.folded), row.folded) << row.text;
    EXPECT_TRUE(SameFolded(row.text, row.folded)) << row.text;
    EXPECT_TRUE(SameDecoded(row.text, row.decoded)) << row.text;
    if (IsFolded(row.text)) {
      EXPECT_EQ(Folded(row.text), row.text);
    }
  }
  EXPECT_FALSE(SameFolded("a", "b"));
  EXPECT_FALSE(SameDecoded("a", "A"));
  EXPECT_TRUE(IsFolded("ci-build 2"));
  for (const char* text : {"", " a", "a ", "a  b", "A", "a&b", "\u00e9"}) {
    EXPECT_FALSE(IsFolded(text)) << text;
  }
  EXPECT_EQ(Decomposed("caf\u00e9"), "cafe\u0301");
}

TEST(Likeness, JoinersBetweenPictographs) {
  struct Joined {
    const char* text;
    const char* want;
  };
  constexpr Joined kJoined[] = {
      {"\U0001f469\u200d\U0001f4bb", "\U0001f469\U0001f4bb"},
      {"\U0001f469\U0001f3fd\u200d\U0001f4bb",
       "\U0001f469\U0001f3fd\U0001f4bb"},
      {"\u2764\ufe0f\u200d\U0001f525", "\u2764\U0001f525"},
      {"\u2764\ufe0f", "\u2764"},
      // Nothing is joined.
      {"a\u200db", "a\u200db"},
      {"\U0001f469\u200d", "\U0001f469\u200d"},
      {"\u200d\U0001f469", "\u200d\U0001f469"},
      {"\U0001f469\u200d\u200d\U0001f469", "\U0001f469\u200d\u200d\U0001f469"},
      {"a\ufe0f", "a\ufe0f"},
      {"#\ufe0f\u200d\U0001f469", "#\ufe0f\u200d\U0001f469"},
      {"\U0001f3fd\u200d\U0001f469\U0001f3fd\U0001f3fd",
       "\U0001f3fd\u200d\U0001f469\U0001f3fd\U0001f3fd"},
  };
  for (const Joined& row : kJoined) {
    EXPECT_EQ(WithoutJoiners(row.text), row.want) << row.text;
  }
}

}  // namespace
}  // namespace patform
