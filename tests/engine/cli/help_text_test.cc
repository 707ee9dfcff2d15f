#include "engine/cli/help_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"
#include "engine/cli/arguments.h"

namespace patform::cli {
namespace {

TEST(Wrapped, BreaksBehindTheFlags) {
  EXPECT_EQ(Wrapped("  --a FILE                    one two three four five six "
                    "seven eight nine ten eleven\n  -b  short\n"),
            "  --a FILE                    one two three four five six seven "
            "eight nine ten\n"
            "                              eleven\n  -b  short\n");
  EXPECT_EQ(
      Wrapped(absl::StrCat(std::string(30, ' '), std::string(50, 'x'), " yy")),
      absl::StrCat(std::string(30, ' '), std::string(50, 'x'), "\n",
                   std::string(30, ' '), "yy"));
}

TEST(Wrapped, CountsCharactersAndBreaksNoWord) {
  const std::string dots = "  0 · " + std::string(74, 'x');
  EXPECT_EQ(Wrapped(dots), dots);
  EXPECT_EQ(Wrapped("  " + std::string(90, 'x') + " y"),
            "  " + std::string(90, 'x') + "\n  y");
  EXPECT_EQ(Wrapped("\n\n"), "\n\n");
}

TEST(Help, OfEachCommandFitsAndHasAnExample) {
  const Parsed all = ParseArguments({"--help"});
  EXPECT_EQ(all.exit_code, 0);
  std::vector<std::string> commands = {""};
  bool listed = false;
  for (const std::string& line :
       std::vector<std::string>(absl::StrSplit(all.out, '\n'))) {
    if (listed && line.empty()) break;
    // A command that another line goes on with has none of its own there.
    if (listed && line.size() > 2 && line[2] != ' ') {
      commands.push_back(line.substr(2, line.find(' ', 2) - 2));
    }
    listed = listed || line == "Subcommands:";
  }
  ASSERT_GE(commands.size(), 15u);
  for (const std::string& command : commands) {
    std::vector<std::string> words = {"--help"};
    if (!command.empty()) words.insert(words.begin(), command);
    const Parsed parsed = ParseArguments(words);
    EXPECT_EQ(parsed.exit_code, 0) << command;
    const size_t example = parsed.out.find("\nExample:\n  patform ");
    ASSERT_NE(example, std::string::npos) << parsed.out;
    EXPECT_TRUE(absl::StrContains(parsed.out.substr(example),
                                  absl::StrCat("  patform ", command)))
        << parsed.out;
    for (const std::string& line :
         std::vector<std::string>(absl::StrSplit(parsed.out, '\n'))) {
      EXPECT_LE(CodePoints(line), 80) << line;
    }
    if (command.empty()) continue;
    EXPECT_EQ(ParseArguments({"help", command}).out, parsed.out);
  }
}

}  // namespace
}  // namespace patform::cli
