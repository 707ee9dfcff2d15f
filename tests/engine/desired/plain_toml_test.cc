#include "engine/desired/plain_toml.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "engine/desired/toml_limits.h"
#include "engine/desired/toml_reader.h"
#include "tests/fakes/toml_dump.h"

namespace patform {
namespace {

// "plain", "other", or what differs from what the library reads.
std::string Judged(const std::string& text) {
  const std::optional<TomlValue> plain = ParsePlainToml(text);
  if (!plain) return "other";
  const TomlResult any = ParseAnyToml(text);
  if (!any.ok) return "taken, although: " + any.error;
  const std::string got = Dump(*plain), want = Dump(any.root);
  return got == want ? "plain" : "read as\n" + got + "instead of\n" + want;
}

TEST(PlainToml, WhatTeamsWrite) {
  EXPECT_EQ(Judged("# tokens of a team\n"
                   "format = 1\n"
                   "workspace = \"bench\"   # which\n"
                   "include = [\"teams/*.toml\", \"more.toml\"]\n"
                   "\n"
                   "[defaults]\n"
                   "lifetime = \"180d\"\n"
                   "deliver = [{ to = \"files\", at = \"{name}\" },\n"
                   "           {to=\"b\",adopt=false,n=-2}]\n"
                   "[sink.files]\n"
                   "type = \"file\"\n"
                   "\n"
                   "  [token.\"ci packaging\"]\n"
                   "\tscopes = [\n"
                   "    \"vso.code\",\n"
                   "    \"vso.build\",\n"
                   "  ]\n"
                   "[token.empty]\n"
                   "list = []\n"
                   "table = {}\n"
                   "text = \"\"\n"
                   "[sink.second]\n"
                   "type = \"file\""),
            "plain");
}

TEST(PlainToml, WhatIsPlainAndWhatIsNot) {
  const struct {
    const char* text;
    const char* want;
  } rows[] = {
      {"a = 1", "plain"},
      {"a = 1\n", "plain"},
      {"a=1#\n", "plain"},
      {"a = 0\n", "plain"},
      {"a = -0\n", "plain"},
      {"a = 123456789012345678\n", "plain"},
      {"a = [[1], [true, \"x\"]]", "plain"},
      {"a = [1,]\n", "plain"},
      {"a = [\n\n]\n", "plain"},
      {"\"a b\" = 1\n", "plain"},
      {"[t]\n[t.a]\n[u]\n[t.b]\n", "plain"},
      {"[t.a]\n[t.\"b\"]\nx = 1\n", "plain"},
      {"[t]\nx = 1\n[t.a]\nx = 1\n", "plain"},
      {"[t.t]\nt = 1\n", "plain"},
      {"", "other"},
      {"# nothing\n", "other"},
      // Doubles.
      {"a = 1\na = 2\n", "other"},
      {"a = 1\n\"a\" = 2\n", "other"},
      {"a = {b = 1, b = 2}\n", "other"},
      {"[t]\n[t]\n", "other"},
      {"[t.a]\n[t.a]\n", "other"},
      {"[t.a]\n[t.\"a\"]\n", "other"},
      {"[t.a]\n[t]\n", "other"},
      {"[t]\na = 1\n[t.a]\n", "other"},
      {"t = 1\n[t]\n", "other"},
      {"t = 1\n[t.a]\n", "other"},
      {"t = {}\n[t.a]\n", "other"},
      {"[t]\na = 1\na = 1\n", "other"},
      {"[t.a]\nb = 1\nb = 1\n", "other"},
      // The rest of the language.
      {"a.b = 1\n", "other"},
      {"[a.b.c]\n", "other"},
      {"[ a ]\n", "other"},
      {"[a . b]\n", "other"},
      {"[[a]]\n", "other"},
      {"a = 'x'\n", "other"},
      {"a = \"\"\"x\"\"\"\n", "other"},
      {"a = \"\\n\"\n", "other"},
      {"a = \"\xc3\xa9\"\n", "other"},
      {"# \xc3\xa9\na = 1\n", "other"},
      {"a = \"\t\"\n", "other"},
      {"a = 1.5\n", "other"},
      {"a = 1e5\n", "other"},
      {"a = +1\n", "other"},
      {"a = 1_000\n", "other"},
      {"a = 0x1\n", "other"},
      {"a = 1234567890123456789\n", "other"},
      {"a = 2026-11-28\n", "other"},
      {"a = 07:00:00\n", "other"},
      {"a = inf\n", "other"},
      {"a = [ # c\n1]\n", "other"},
      {"a = 1\r\n", "other"},
      {"\xef\xbb\xbf"
       "a = 1\n",
       "other"},
      {"a = [[[[[1]]]]]\n", "other"},
      // No TOML at all.
      {"a\n", "other"},
      {"a =\n", "other"},
      {"= 1\n", "other"},
      {"a = 1 b = 2\n", "other"},
      {"a = 1]\n", "other"},
      {"a = 01\n", "other"},
      {"a = -\n", "other"},
      {"a = truer\n", "other"},
      {"a = True\n", "other"},
      {"a = \"x\n", "other"},
      {"a = \"x\" \"y\"\n", "other"},
      {"a = [1 2]\n", "other"},
      {"a = [,]\n", "other"},
      {"a = [1\n", "other"},
      {"a = {b = 1,}\n", "other"},
      {"a = {b = 1\n}\n", "other"},
      {"a = {,}\n", "other"},
      {"a = {b}\n", "other"},
      {"[a\n", "other"},
      {"[]\n", "other"},
      {"[a.]\n", "other"},
      {"[a] b\n", "other"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(Judged(row.text), row.want) << row.text;
}

// Documents of pieces that fit, nearly fit, or do not.
TEST(PlainToml, IsWhatTheLibraryReads) {
  const std::vector<std::string> pieces = {"a",
                                           "b",
                                           "\"a\"",
                                           "\"c d\"",
                                           " = ",
                                           "=",
                                           "1",
                                           "-2",
                                           "\"x\"",
                                           "\"\"",
                                           "true",
                                           "false",
                                           "[",
                                           "]",
                                           "{",
                                           "}",
                                           ", ",
                                           ",",
                                           "\n",
                                           "\n",
                                           "\n",
                                           "[t]\n",
                                           "[t.a]\n",
                                           "[t.b]\n",
                                           "[u.a]\n",
                                           "[\"t\".\"c d\"]\n",
                                           "a = 1\n",
                                           "b = [1, 2]\n",
                                           "c = {a = 1}\n",
                                           "# c\n",
                                           " ",
                                           "\t",
                                           ".",
                                           "a = \"x\"\n",
                                           "0",
                                           "'"};
  std::mt19937 random(20261128);
  int plain = 0;
  for (int turn = 0; turn < 200'000; ++turn) {
    std::string text;
    for (unsigned n = random() % 12 + 1; n > 0; --n) {
      text += pieces[random() % pieces.size()];
    }
    const std::string judged = Judged(text);
    if (judged == "other") continue;
    ASSERT_EQ(judged, "plain") << text;
    ++plain;
  }
  EXPECT_GT(plain, 5000);
}

}  // namespace
}  // namespace patform
