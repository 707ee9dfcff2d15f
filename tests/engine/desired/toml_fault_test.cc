#include "engine/desired/toml_fault.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/desired/toml_reader.h"

namespace patform {
namespace {

// "LINE:COLUMN what|fix" for what the parser refuses; "no words": its own.
std::string Explained(const std::string& text) {
  const TomlResult result = ParseToml(text);
  if (result.ok) return "TOML";
  const auto fault = ExplainToml(text, result.at.line);
  if (!fault) return "no words";
  return absl::StrCat(
      fault->at.line, ":", fault->at.column, " ", fault->what, "|", fault->fix,
      fault->other_line > 0 ? absl::StrCat("other: ", fault->other_line) : "");
}

TEST(TomlFault, Slips) {
  const struct {
    const char* text;
    const char* want;
  } kCases[] = {
      {"organization = contoso\n",
       "1:16 the value of `organization` has no quotes|write organization = "
       "\"contoso\""},
      {"a = 1\nlifetime = 30d # days\n",
       "2:12 the value of `lifetime` has no quotes|write lifetime = \"30d\""},
      {"purpose = build the thing",
       "1:11 the value of `purpose` has no quotes|write purpose = \"build the "
       "thing\""},
      {"workspace: \"w\"\n",
       "1:10 `workspace` is followed by a colon|TOML has an equals sign: "
       "workspace = …"},
      {"workspace = \xe2\x80\x9cw\xe2\x80\x9d\n",
       "1:13 the value of `workspace` is in typographic quotes|TOML knows only "
       "straight ones: workspace = \"…\""},
      {"prevent_revoke = True\n",
       "1:18 `prevent_revoke` cannot be True|write prevent_revoke = true"},
      {"verify = no\n", "1:10 `verify` cannot be no|write verify = false"},
      {"owner = null\n",
       "1:9 `owner` cannot be null|TOML has no such value; leave the key out"},
      {"owner =\n",
       "1:8 `owner` has no value|write one, such as owner = \"…\""},
      {"owner = \"a\nb = 1\n",
       "1:9 the string of `owner` has no closing quote|close it on the same "
       "line"},
      {"path = \"C:\\secrets\"\n",
       "1:11 this backslash begins no escape|for a path write / or single "
       "quotes, 'C:\\temp'; for a backslash write two"},
      {"[token.a b]\n",
       "1:2 the name in [token.a b] needs quotes|write [token.\"a b\"]"},
      {"[token.a\nb = 1\n", "1:2 the bracket is not closed|write [token.a]"},
      {"[token.a]\n[token.b]\n[token.a]\n",
       "3:2 token \"a\" is declared twice|other: 1"},
      {"[token.\"nightly build\"]\n[token.'nightly build']\n",
       "2:2 token \"nightly build\" is declared twice|other: 1"},
      {"x = \"\"\"\n[sink.a]\n\"\"\"\n[sink.a]\n[sink.a]\n",
       "5:2 [sink.a] is in this file twice|other: 4"},
      {"[token.a]\nscopes = [\n  \"x\",\n]\nscopes = []\n",
       "5:1 `scopes` is set twice in [token.a]|other: 2"},
      {"format = 1\nformat = 1\n", "2:1 `format` is set twice|other: 1"},
      {"a = [\"x\" \"y\"]\n", "no words"},
      {"expires = 2026-02-30T00:00:00Z\n", "no words"},
      {"[[token.a]]\n[[token.a]]\n", "TOML"},
      {"a = true\nb = inf\nc = 0x1f\nd = 2026-01-01\n", "TOML"},
  };
  for (const auto& c : kCases) EXPECT_EQ(Explained(c.text), c.want) << c.text;
}

// Whatever bytes there are, and wherever the parser gave up.
TEST(TomlFault, EveryBeginningOfAFile) {
  const std::string text =
      "a = \"\\\"x\"\n[b.\"c\\\"d\"]\ne = '''\n#'''\nf = [{ g = \"]\" }, # "
      "]\n]\n";
  for (size_t size = 0; size <= text.size(); ++size) {
    const std::string part = text.substr(0, size);
    for (int line = 0; line <= 9; ++line) {
      const auto fault = ExplainToml(part, line);
      if (fault) {
        EXPECT_EQ(fault->at.line, line) << part;
      }
    }
  }
}

}  // namespace
}  // namespace patform
