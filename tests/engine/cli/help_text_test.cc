#include "engine/cli/help_text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"
#include "engine/cli/command.h"
#include "engine/cli/topics.h"

namespace patform::cli {
namespace {

std::vector<std::string> Lines(const std::string& text) {
  return absl::StrSplit(text, '\n');
}

TEST(Help, OfEachCommandFitsAndHasAnExample) {
  std::vector<std::pair<std::string, std::string>> pages = {{"", HelpText()}};
  for (const Command& command : Commands()) {
    pages.emplace_back(command.name, HelpText(command));
  }
  ASSERT_GE(pages.size(), 16u);
  for (const auto& [name, text] : pages) {
    const size_t example = text.find("\nExample:\n  patform ");
    ASSERT_NE(example, std::string::npos) << text;
    EXPECT_TRUE(absl::StrContains(text.substr(example),
                                  absl::StrCat("  patform ", name)))
        << text;
    EXPECT_FALSE(absl::StrContains(text, "\n\n\n")) << text;
    EXPECT_EQ(text.back(), '\n');
    for (const std::string& line : Lines(text)) {
      EXPECT_LE(CodePoints(line), 80) << line;
      EXPECT_FALSE(absl::EndsWith(line, " ")) << line;
    }
  }
}

TEST(Help, ListsEachCommandOnceInOrder) {
  std::vector<std::string> listed, known;
  bool begun = false;
  for (const std::string& line : Lines(HelpText())) {
    if (begun && line.empty()) break;
    // A line that goes on with what the one before said has no name.
    if (begun && line[2] != ' ') {
      listed.push_back(line.substr(2, line.find(' ', 2) - 2));
    }
    begun = begun || line == "Commands:";
  }
  for (const Command& command : Commands()) known.push_back(command.name);
  EXPECT_EQ(listed, known);
}

// Whole: a page with arguments, one that may be left out, choices, a flag with
// a variable, one that is repeatable, two names and a description of more than
// one line.
TEST(Help, OfApply) {
  EXPECT_EQ(HelpText(*FindCommand("apply")),
            R"(Plan, ask, then create, update, rotate and revoke
Usage: patform apply [OPTIONS] [PLAN]

Arguments:
  PLAN                        a saved plan: do exactly this, or nothing

Options:
  --policy FILE (Env:PATFORM_POLICY)
                              a file with a [policy] of its own; the stricter of
                              two rules wins
  --service-url URL (Env:PATFORM_SERVICE_URL)
                              the token service, if it is not Azure DevOps:
                              https, or http on loopback
  --api-version VERSION (Env:PATFORM_API_VERSION)
                              7.1-preview.1 (default) or 7.2-preview.1
  --allow-host HOST ... (Env:PATFORM_ALLOW_HOSTS)
                              a credential may be sent to this host, too: a
                              server of your own (repeatable; HOST or HOST:PORT)
  --allow-programs (Env:PATFORM_ALLOW_PROGRAMS)
                              the configuration may name programs to run: those
                              of [auth] source = "exec"
  --access-token-stdin        read the access token from standard input,
                              whatever [auth] says
  --rotate,--replace NAME ... rotate this token whatever its age (repeatable)
  --target NAME ...           limit to this token; * and ? match (repeatable)
  --identity NAME ...         limit to the tokens of [identity.NAME]
                              (repeatable)
  --allow-revocations N       lift max_revocations to this number
  --allow-empty-list          go on although the service lists no tokens now,
                              and did before
  --baseline FILE             an earlier snapshot or saved plan: refuse if the
                              tokens are of another user or organization now, or
                              all gone
  --approve DIGEST            do what was approved under this digest and is
                              still to be done, and maintenance; PLAN adds the
                              details
  --maintenance               do what is due, and nothing else; edits that wait
                              for approval are left alone (exit code 0)
  -y,--auto-approve           do not ask
  --parallelism N (Env:PATFORM_PARALLELISM)
                              changes made at once (default 8)
  --metrics FILE              write metrics to this file for node exporter's
                              textfile collector; its name ends in .prom

Options of every command:
  -h,--help                   Print this help message and exit
  --version                   Display program version information and exit
  -C,--chdir DIR              change to this directory first
  -c,--config PATH (Env:PATFORM_CONFIG)
                              the configuration: a file, or a directory that
                              holds patform.toml
  --json                      print JSON: one object, or of apply one event per
                              line
  --no-color                  no colours
  -q,--quiet                  no progress and no advice on standard error

Example:
  patform apply
  patform apply --auto-approve   # in a pipeline
  patform apply plan.json
  patform apply --approve sha256:… plan.json
  patform apply --maintenance    # every night
  patform apply --rotate ci-packaging
)");
}

TEST(Help, UsageNamesTheArguments) {
  std::string usages;
  for (const Command& command : Commands()) {
    absl::StrAppend(&usages, Lines(HelpText(command))[1], "\n");
  }
  EXPECT_EQ(usages,
            "Usage: patform init [OPTIONS] [FILE]\n"
            "Usage: patform login [OPTIONS]\n"
            "Usage: patform logout [OPTIONS]\n"
            "Usage: patform whoami [OPTIONS]\n"
            "Usage: patform validate [OPTIONS]\n"
            "Usage: patform plan [OPTIONS]\n"
            "Usage: patform show [OPTIONS] PLAN\n"
            "Usage: patform comment [OPTIONS] PLAN\n"
            "Usage: patform apply [OPTIONS] [PLAN]\n"
            "Usage: patform status [OPTIONS] [NAME...]\n"
            "Usage: patform report [OPTIONS] [NAME...]\n"
            "Usage: patform audit [OPTIONS]\n"
            "Usage: patform verify [OPTIONS] DIGEST [PLAN]\n"
            "Usage: patform snapshot [OPTIONS]\n"
            "Usage: patform import [OPTIONS] [NAME...]\n"
            "Usage: patform doctor [OPTIONS]\n"
            "Usage: patform scopes [OPTIONS] [WORD]\n"
            "Usage: patform schema [OPTIONS] [NAME]\n"
            "Usage: patform version [OPTIONS]\n"
            "Usage: patform help [OPTIONS] [COMMAND]\n");
}

TEST(Help, TopicsFitAndAreNoCommands) {
  for (const Topic& topic : Topics()) {
    EXPECT_EQ(FindCommand(topic.name), nullptr) << topic.name;
    EXPECT_EQ(FindTopic(topic.name), &topic);
    const std::string text =
        TextOf(topic, {{"azure-cli", std::string(200, 'x'), {}}});
    EXPECT_EQ(text.back(), '\n');
    for (const std::string& line : Lines(topic.text)) {
      EXPECT_LE(CodePoints(line), 80) << line;
    }
    EXPECT_EQ(text.find("azure-cli  ") != text.npos,
              std::string_view(topic.name) == "sign-in");
    EXPECT_NE(HelpText().find(absl::StrCat("\n  ", topic.name, " ")),
              std::string::npos);
  }
  EXPECT_EQ(FindTopic("plan"), nullptr);
}

}  // namespace
}  // namespace patform::cli
