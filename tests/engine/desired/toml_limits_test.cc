#include "engine/desired/toml_limits.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace patform {
namespace {

std::string Times(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

// "3:7 nested too deep: at most 16 levels"; empty: within all limits.
std::string Excess(const std::string& text) {
  const std::optional<TomlExcess> excess = FindExcess(text);
  if (!excess) return "";
  return absl::StrCat(excess->at.line, ":", excess->at.column, " ",
                      excess->what, ": ", excess->fix);
}

constexpr char kParts[] = " the key has too many parts: at most 16";
constexpr char kDeep[] = " nested too deep: at most 16 levels";
constexpr char kLine[] = " the line is too long: at most 32768 bytes";
constexpr char kText[] = " the string is too long: at most 32768 bytes";
constexpr char kWord[] = " the word is too long: at most 4096 bytes";
constexpr char kValues[] =
    " the file has too many keys and values: at most 250000; split it with "
    "`include`";

struct Case {
  const char* name;
  std::string text;
  std::string want;
};

TEST(TomlLimits, TheFirstPlaceBeyondThem) {
  const std::string long_text(33000, 'x');
  const Case cases[] = {
      {"nothing", "", ""},
      {"16 parts", Times(15, "a.") + "a = 1", ""},
      {"17 parts", Times(16, "a.") + "a = 1", absl::StrCat("1:32", kParts)},
      {"in a header", "[" + Times(16, "a.") + "a]",
       absl::StrCat("1:33", kParts)},
      {"quoted", Times(16, "\"a.b\".") + "a = 1", absl::StrCat("1:96", kParts)},
      {"apart", Times(16, "a . ") + "a = 1", absl::StrCat("1:63", kParts)},
      {"in a table in a list", "a = [{" + Times(16, "a.") + "a = 1}]",
       absl::StrCat("1:38", kParts)},
      {"dots of several keys", Times(100, "a.b.c = 1.5\n"), ""},
      {"dots in a string", "a = \"" + Times(100, ".") + "\"", ""},
      {"dots in a comment", "# " + Times(100, "."), ""},
      {"16 levels", "a = " + Times(16, "[") + Times(16, "]"), ""},
      {"17 levels", "a = " + Times(17, "["), absl::StrCat("1:21", kDeep)},
      {"of tables", "a = " + Times(17, "{a="), absl::StrCat("1:53", kDeep)},
      {"over lines", "a = " + Times(17, "[\n"), absl::StrCat("17:1", kDeep)},
      {"beside each other", Times(100, "[[a]]\nb = [[1], [2]]\n"), ""},
      {"in a string", "a = '''" + Times(100, "[\n") + "'''", ""},
      {"behind an escaped quote", "a = \"\\\"[[[[[[[[[[[[[[[[[[\"", ""},
      {"behind a literal backslash", "a = '\\'\nb = " + Times(17, "["),
       absl::StrCat("2:21", kDeep)},
      {"behind quotes that end a string",
       "a = \"\"\"x\"\"\"\"\"\nb = " + Times(17, "["),
       absl::StrCat("2:21", kDeep)},
      {"behind an empty string", "a = \"\"\nb = ''\nc = " + Times(17, "["),
       absl::StrCat("3:21", kDeep)},
      {"behind a string that is not closed", "a = \"\nb = " + Times(17, "["),
       absl::StrCat("2:21", kDeep)},
      {"a line", "# " + long_text, absl::StrCat("1:32769", kLine)},
      {"a last line", "a = 1\n# " + long_text, absl::StrCat("2:32769", kLine)},
      {"what a long line has at its end", "#" + long_text + Times(20, "["),
       absl::StrCat("1:32769", kLine)},
      {"in code points", "# é" + long_text, absl::StrCat("1:32768", kLine)},
      {"behind a byte order mark", "\xef\xbb\xbf" + Times(16, "a.") + "a = 1",
       absl::StrCat("1:32", kParts)},
      {"a string", "a = \"" + long_text + "\"", absl::StrCat("1:5", kText)},
      {"a string over lines",
       "a = 1\nb = '''\n" + Times(4000, "123456789\n") + "'''",
       absl::StrCat("2:5", kText)},
      {"a word", "a = " + long_text, absl::StrCat("1:5", kWord)},
      {"values", Times(250000, "a=1\n"), ""},
      {"too many values", Times(250001, "a=1\n"),
       absl::StrCat("250001:2", kValues)},
      {"too many items", "a = [" + Times(250000, "1,\n"),
       absl::StrCat("249999:2", kValues)},
      {"too many tables", Times(125001, "[[a]]\n"),
       absl::StrCat("125001:1", kValues)},
  };
  for (const Case& c : cases) EXPECT_EQ(Excess(c.text), c.want) << c.name;
}

}  // namespace
}  // namespace patform
