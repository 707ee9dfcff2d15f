#include "engine/base/wrap.h"

#include <gtest/gtest.h>

namespace patform {
namespace {

TEST(Wrapped, BreaksAtSpaces) {
  const struct {
    const char* text;
    int columns;
    int hanging;
    const char* want;
  } kCases[] = {
      {"", 10, 0, ""},
      {"short", 10, 0, "short"},
      {"one two three", 0, 0, "one two three"},
      {"one two three", 7, 0, "one two\nthree"},
      {"one two three", 8, 2, "one two\n  three"},
      {"  one two three", 9, 0, "  one two\n  three"},
      {"one two\nthree four\n", 7, 0, "one two\nthree\nfour\n"},
      // What does not fit anywhere stays whole: it may be copied.
      {"see https://dev.azure.com/contoso", 10, 0,
       "see\nhttps://dev.azure.com/contoso"},
      {"\xc3\xa4\xc3\xa4 \xc3\xb6\xc3\xb6 \xc3\xbc", 5, 0,
       "\xc3\xa4\xc3\xa4 \xc3\xb6\xc3\xb6\n\xc3\xbc"},
      // What a log would read as a command does not begin a line.
      {"one two ::set-env x", 7, 0, "one two ::set-env\nx"},
      {"one two  ::set-env x", 7, 0, "one two  ::set-env\nx"},
      {"one two ##[group]x", 7, 0, "one two ##[group]x"},
      // Colours take no room.
      {"\x1b[31mone\x1b[0m two three", 7, 0, "\x1b[31mone\x1b[0m two\nthree"},
      {"                    deep down here", 20, 0,
       "                    deep\n          down here"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Wrapped(c.text, c.columns, c.hanging), c.want) << c.text;
  }
}

TEST(ColumnsOf, CountsWhatIsSeen) {
  EXPECT_EQ(ColumnsOf(""), 0);
  EXPECT_EQ(ColumnsOf("a\xc3\xa4"), 2);
  EXPECT_EQ(ColumnsOf("\x1b[1mab\x1b[0m"), 2);
  EXPECT_EQ(ColumnsOf("\x1b[ab"), 4);
}

}  // namespace
}  // namespace patform
