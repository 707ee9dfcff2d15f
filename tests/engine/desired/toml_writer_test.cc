#include "engine/desired/toml_writer.h"

#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "engine/desired/toml_reader.h"

namespace patform {
namespace {

TEST(TomlWriter, Strings) {
  const struct {
    std::string text, want;
  } kRows[] = {
      {"", "\"\""},
      {"ci-packaging", "\"ci-packaging\""},
      {"späher 日本", "\"späher 日本\""},
      {"say \"x\" \\ y", "\"say \\\"x\\\" \\\\ y\""},
      {"two\nlines\tand\x01", "\"two\\u000Alines\\u0009and\\u0001\""},
      {std::string("nul\0", 4), "\"nul\\u0000\""},
      {"\u202eevil\u200b", "\"\\u202Eevil\\u200B\""},
      {"\U000e0041tag", "\"\\U000E0041tag\""},
      {"no \xff utf-8", "\"no \ufffd utf-8\""},
      {"${HOME} {name} '#=", "\"${HOME} {name} '#=\""},
  };
  for (const auto& row : kRows) EXPECT_EQ(TomlString(row.text), row.want);
}

TEST(TomlWriter, KeysAreBareWhereTheyMay) {
  const struct {
    std::string key, want;
  } kRows[] = {
      {"ci-packaging", "ci-packaging"},
      {"A_1", "A_1"},
      {"1979-05-27", "1979-05-27"},
      {"true", "true"},
      {"", "\"\""},
      {"a.b", "\"a.b\""},
      {"ci build", "\"ci build\""},
      {"é", "\"é\""},
      {"x]\n[y", "\"x]\\u000A[y\""},
  };
  for (const auto& row : kRows) EXPECT_EQ(TomlKey(row.key), row.want);
}

TEST(TomlWriter, WhatIsWrittenReadsBack) {
  std::mt19937 dice(7);
  const std::string parts[] = {"a",  "\"", "\\", "\n",     "\t",   "]",
                               "é",  "日", "😀",  "\u202e", "\x01", "#",
                               "\r", ".",  " ",  "\x7f",   "'''",  "\\u0041"};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (unsigned n = dice() % 12; n > 0; --n) {
      text += parts[dice() % std::size(parts)];
    }
    const TomlResult read = ParseToml(
        absl::StrCat("[t.", TomlKey(text), "]\nv = ", TomlString(text), "\n"));
    ASSERT_TRUE(read.ok) << read.error << ": " << Visible(text);
    const TomlValue::Member& table = read.root.Find("t")->value.members.at(0);
    EXPECT_EQ(table.key, text);
    EXPECT_EQ(table.value.Find("v")->value.text, text);
  }
}

}  // namespace
}  // namespace patform
