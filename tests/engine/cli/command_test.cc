#include "engine/cli/command.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/cli/flags.h"
#include "engine/cli/hints.h"
#include "tests/source_dir.h"

namespace patform::cli {
namespace {

TEST(Command, EachRowIsWhole) {
  std::set<std::string> names;
  for (const Command& command : Commands()) {
    EXPECT_TRUE(names.insert(command.name).second) << command.name;
    EXPECT_NE(command.run, nullptr) << command.name;
    ASSERT_FALSE(command.what.empty()) << command.name;
    EXPECT_TRUE(absl::ascii_isupper(command.what[0])) << command.what;
    EXPECT_NE(command.what.back(), '.') << command.what;
    // Another command may come first: `plan --out` before `show`.
    EXPECT_TRUE(absl::StartsWith(command.example, "patform "))
        << command.example;
    EXPECT_TRUE(absl::StrContains(command.example,
                                  absl::StrCat("patform ", command.name)))
        << command.example;
    EXPECT_EQ(FindCommand(command.name), &command);
  }
  EXPECT_EQ(FindCommand("plna"), nullptr);
  EXPECT_EQ(FindCommand(""), nullptr);
}

TEST(Command, EachFlagIsWhole) {
  for (const Command& command : Commands()) {
    std::set<std::string> names;
    for (const Flag& flag : Join({GlobalFlags(), command.flags})) {
      SCOPED_TRACE(absl::StrCat(command.name, " ", flag.names));
      EXPECT_FALSE(flag.help.empty());
      ASSERT_FALSE(flag.Names().empty());
      EXPECT_TRUE(absl::StartsWith(flag.Name(), "--"));
      for (const std::string& name : flag.Names()) {
        EXPECT_TRUE(names.insert(name).second) << name << " is there twice";
        EXPECT_TRUE(name.size() == 2 || absl::StartsWith(name, "--")) << name;
      }
      EXPECT_EQ(flag.IsSwitch(),
                std::holds_alternative<bool Arguments::*>(flag.target));
      for (const std::string& choice : flag.choices) {
        EXPECT_TRUE(absl::StrContains(flag.help, choice)) << choice;
      }
      if (flag.IsRepeatable()) {
        EXPECT_TRUE(absl::StrContains(flag.help, "repeatable")) << flag.help;
      }
      if (flag.variable != nullptr) {
        EXPECT_TRUE(absl::StartsWith(flag.variable, "PATFORM_"));
      }
    }
    bool optional = false;
    for (const Flag& argument : command.arguments) {
      SCOPED_TRACE(absl::StrCat(command.name, " ", argument.value));
      EXPECT_TRUE(argument.names.empty());
      EXPECT_FALSE(argument.help.empty());
      EXPECT_EQ(argument.value, absl::AsciiStrToUpper(argument.value));
      // Nothing that has to be there behind what may be left out.
      EXPECT_FALSE(argument.required && optional);
      optional = optional || !argument.required;
    }
  }
}

// One flag means one thing: the same names, value and variable in each command
// that has it.
TEST(Command, SharedFlagsAgree) {
  std::map<std::string, std::string> known;
  for (const Command& command : Commands()) {
    for (const Flag& flag : command.flags) {
      const std::string row =
          absl::StrCat(flag.names, " ", flag.value, " ",
                       flag.variable == nullptr ? "" : flag.variable);
      EXPECT_EQ(known.emplace(flag.Name(), row).first->second, row)
          << command.name;
    }
  }
}

TEST(Command, WhatWritesIsNotEndedHalfWay) {
  std::string others;
  for (const Command& command : Commands()) {
    if (!command.only_reads) absl::StrAppend(&others, command.name, " ");
  }
  EXPECT_EQ(others, "init login logout whoami comment apply version help ");
}

// No hint for what exists, and none that names what does not.
TEST(Hints, AgreeWithTheTable) {
  std::set<std::string> words;
  for (const Hint& hint : Hints()) {
    const std::string word = hint.word;
    EXPECT_TRUE(words.insert(word).second) << word;
    EXPECT_EQ(FindCommand(word), nullptr) << word << " exists";
    for (const Flag& flag : GlobalFlags()) {
      for (const std::string& name : flag.Names()) EXPECT_NE(name, word);
    }
    // What is between backquotes is what somebody will type.
    const std::vector<std::string> pieces = absl::StrSplit(hint.hint, '`');
    for (size_t i = 1; i < pieces.size(); i += 2) {
      const std::string& piece = pieces[i];
      if (!absl::StartsWith(piece, "patform ")) continue;
      const std::vector<std::string> typed = absl::StrSplit(piece, ' ');
      const Command* command = FindCommand(typed[1]);
      ASSERT_NE(command, nullptr) << piece;
      if (typed.size() < 3 || !absl::StartsWith(typed[2], "-")) continue;
      bool known = false;
      for (const Flag& flag : Join({GlobalFlags(), command->flags})) {
        known = known || flag.Name() == typed[2];
      }
      EXPECT_TRUE(known) << piece;
    }
  }
}

TEST(Hints, AreWhatAnUnknownWordGets) {
  const auto message = [](const std::vector<std::string>& words) {
    return std::string(
        ParseArguments(words, [](const std::string&) { return std::nullopt; })
            .status()
            .message());
  };
  EXPECT_EQ(message({"destroy"}),
            "there is no command \"destroy\"; to revoke a token, remove its "
            "table from the configuration and run `patform apply`");
  EXPECT_EQ(message({"state", "list"}),
            "there is no command \"state\"; patform keeps no state file; "
            "`patform status` lists what exists");
  EXPECT_EQ(message({"fmt"}),
            "there is no command \"fmt\"; patform formats no files; `patform "
            "validate` checks them");
  EXPECT_EQ(message({"refresh"}),
            "there is no command \"refresh\"; every plan reads what exists; "
            "`patform status` shows it");
  EXPECT_EQ(message({"sign-in"}),
            "there is no command \"sign-in\"; `patform login` signs in, "
            "`patform logout` forgets that");
  EXPECT_EQ(message({"apply", "--yes"}),
            "there is no flag --yes for `apply`; `--auto-approve` (or `-y`) "
            "applies without asking");
  EXPECT_EQ(message({"plan", "-o", "json"}),
            "there is no flag -o for `plan`; `--format json` chooses what is "
            "printed, `--out FILE` the file to write");
  // With one dash, as Terraform has them.
  EXPECT_EQ(message({"plan", "-var=a=b"}),
            "there is no flag -var for `plan`; `${NAME}` in [sink.*], "
            "[auth] and [identity.*] reads an environment variable");
  // Another command has it.
  EXPECT_EQ(message({"apply", "--dry-run"}),
            "there is no flag --dry-run for `apply`; `patform plan` shows what "
            "apply would change");
  for (const Hint& hint : Hints()) {
    std::vector<std::string> words = {hint.word};
    if (hint.word[0] == '-') words.insert(words.begin(), "init");
    EXPECT_TRUE(absl::EndsWith(message(words), absl::StrCat("; ", hint.hint)))
        << message(words);
  }
}

bool Knows(const Command& command, const std::string& name) {
  for (const Flag& flag : Join({GlobalFlags(), command.flags})) {
    for (const std::string& own : flag.Names()) {
      if (own == name) return true;
    }
  }
  return false;
}

// What the pages have a reader type: `$ patform plan --out plan.json | …`. A
// command that no page shows would be one that nobody learns of.
TEST(Pages, TypeWhatExistsAndAllOfIt) {
  std::set<std::string> typed;
  for (const auto& each :
       std::filesystem::recursive_directory_iterator(kSourceDir)) {
    // Below the source folder, which may be below some other build/ itself.
    const std::string name = each.path().string().substr(strlen(kSourceDir));
    if (each.path().filename() != "README.md" ||
        absl::StrContains(name, "/build/")) {
      continue;
    }
    std::ifstream file(each.path());
    for (std::string line; std::getline(file, line);) {
      // In a block of commands, and in the middle of a sentence.
      for (const char* before : {"$ patform ", "`patform "}) {
        const size_t at = line.find(before);
        if (at == std::string::npos) continue;
        const std::string text = line.substr(at + strlen(before));
        const std::vector<std::string> words =
            absl::StrSplit(text.substr(0, text.find_first_of("|&#`>;)$")), ' ');
        if (words[0].empty() || words[0][0] == '-') continue;
        SCOPED_TRACE(absl::StrCat(each.path().string(), ": ", line));
        const Command* command = FindCommand(words[0]);
        ASSERT_NE(command, nullptr);
        typed.insert(command->name);
        for (const std::string& word : words) {
          const std::string flag = word.substr(0, word.find('='));
          if (!absl::StartsWith(flag, "--")) continue;
          EXPECT_TRUE(Knows(*command, flag)) << flag;
        }
      }
    }
  }
  // Everybody tries these two without being told.
  typed.insert({"version", "help"});
  EXPECT_EQ(typed.size(), Commands().size()) << absl::StrJoin(typed, " ");
}

}  // namespace
}  // namespace patform::cli
