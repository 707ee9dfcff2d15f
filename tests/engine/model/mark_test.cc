#include "engine/model/mark.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace patform {
namespace {

constexpr char kNonce[] = "k7wq2m5tzr4xh1nd";

// "name|workspace|generation|nonce" or "" for no mark.
std::string Dump(std::string_view display_name) {
  const auto parsed = ParseDisplayName(display_name);
  if (!parsed) return "";
  return absl::StrCat(std::string(parsed->name), "|",
                      std::string(parsed->workspace), "|", parsed->generation,
                      "|", std::string(parsed->nonce));
}

TEST(Mark, StandsBehindTheName) {
  EXPECT_EQ(DisplayName("ci-packaging", {"platform", 3, kNonce}),
            "ci-packaging ~pf:platform#3.k7wq2m5tzr4xh1nd");
}

TEST(Mark, IsReadBack) {
  const struct {
    const char* display_name;
    const char* want;
  } kCases[] = {
      {"ci ~pf:platform#3.k7wq2m5tzr4xh1nd", "ci|platform|3|k7wq2m5tzr4xh1nd"},
      {"with blanks  ~pf:w#1.k7wq2m5tzr4xh1nd",
       "with blanks |w|1|k7wq2m5tzr4xh1nd"},
      {"x ~pf:a.b-c_d#12.0000000000000000", "x|a.b-c_d|12|0000000000000000"},
      {"x ~pf:w#999999999999999999.k7wq2m5tzr4xh1nd",
       "x|w|999999999999999999|k7wq2m5tzr4xh1nd"},
      // The last mark is the one; the rest is part of the name.
      {"a ~pf:w#1.k7wq2m5tzr4xh1nd ~pf:v#2.zzzzzzzzzzzzzzzz",
       "a ~pf:w#1.k7wq2m5tzr4xh1nd|v|2|zzzzzzzzzzzzzzzz"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Dump(c.display_name), c.want) << c.display_name;
  }
}

TEST(Mark, WhatIsNotWellFormedIsNone) {
  const std::string long_workspace(kMaxWorkspace + 1, 'w');
  const std::string kCases[] = {
      "",
      "ci",
      "~pf:w#1.k7wq2m5tzr4xh1nd",       // no name, no blank
      " ~pf:w#1.k7wq2m5tzr4xh1nd",      // no name
      "ci~pf:w#1.k7wq2m5tzr4xh1nd",     // no blank
      "ci ~pf:#1.k7wq2m5tzr4xh1nd",     // no workspace
      "ci ~pf:W#1.k7wq2m5tzr4xh1nd",    // upper case
      "ci ~pf:w w#1.k7wq2m5tzr4xh1nd",  // a blank in it
      "ci ~pf:" + long_workspace + "#1.k7wq2m5tzr4xh1nd",
      "ci ~pf:w1.k7wq2m5tzr4xh1nd",    // no #
      "ci ~pf:w#.k7wq2m5tzr4xh1nd",    // no generation
      "ci ~pf:w#0.k7wq2m5tzr4xh1nd",   // generations begin at 1
      "ci ~pf:w#01.k7wq2m5tzr4xh1nd",  // one form only
      "ci ~pf:w#-1.k7wq2m5tzr4xh1nd",
      "ci ~pf:w#+1.k7wq2m5tzr4xh1nd",
      "ci ~pf:w#1x.k7wq2m5tzr4xh1nd",
      "ci ~pf:w#1000000000000000000.k7wq2m5tzr4xh1nd",  // 19 digits
      "ci ~pf:w#1k7wq2m5tzr4xh1nd",                     // no dot
      "ci ~pf:w#1.k7wq2m5tzr4xh1n",                     // nonce too short
      "ci ~pf:w#1.k7wq2m5tzr4xh1ndd",                   // … too long
      "ci ~pf:w#1.k7wq2m5tzr4xh1nD",                    // … upper case
      "ci ~pf:w#1.k7wq2m5tzr4xh1n.",
      "ci ~pf:w#1.k7wq2m5tzr4xh1nd ",  // something behind it
      "ci ~pf:w#1.k7wq2m5tzr4xh1nd (copy)",
  };
  for (const std::string& display_name : kCases) {
    EXPECT_EQ(Dump(display_name), "") << display_name;
  }
}

TEST(Mark, TheLongestNameWithTheLongestMarkFits) {
  const std::string name(kMaxTokenName, 'n');
  const std::string workspace(kMaxWorkspace, 'w');
  const std::string display_name =
      DisplayName(name, {workspace, 999'999'999'999'999'999, kNonce});
  EXPECT_EQ(display_name.size(), static_cast<size_t>(kMaxDisplayName));
  EXPECT_EQ(Dump(display_name),
            absl::StrCat(name, "|", workspace, "|999999999999999999|", kNonce));
}

TEST(HumanName, IsWhatStandsInFrontOfTheMark) {
  EXPECT_EQ(HumanName("ci ~pf:team#3.aaaaaaaaaaaaaaaa"), "ci");
  EXPECT_EQ(HumanName("ci ~pf:team#3.short"), "ci ~pf:team#3.short");
  EXPECT_EQ(HumanName(""), "");
}

}  // namespace
}  // namespace patform
