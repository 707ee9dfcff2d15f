#include "engine/report/log_commands.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/diagnostic.h"

namespace patform {
namespace {

std::vector<Diagnostic> Hostile() {
  return {
      {Diagnostic::Severity::kWarning,
       {"a,b:c;d].toml", 3, 7, 4},
       "the include \"x\n##vso[task.complete]\" matches no file",
       "",
       ""},
      {Diagnostic::Severity::kError,
       {"teams/a.toml", 2, 1, 5},
       "unknown key `100%\r::set-output name=x::y`",
       "did you mean `scopes`?\nknown keys: scopes",
       "not shown"},
      {Diagnostic::Severity::kError,
       {"gone.toml", 0, 0, 1},
       "there is no such file",
       "",
       ""},
  };
}

TEST(LogCommands, OfWhatIsWrongForGitHub) {
  EXPECT_EQ(
      RenderGitHubCommands(Hostile()),
      "::error file=teams/a.toml,line=2,col=1,endColumn=6,title=patform "
      "configuration::unknown key `100%25\\r::set-output "
      "name=x::y`%0Adid you mean `scopes`?; known keys: scopes\n"
      "::error file=gone.toml,title=patform configuration::there is no such "
      "file\n"
      "::warning "
      "file=a%2Cb%3Ac;d].toml,line=3,col=7,endColumn=11,title=patform "
      "configuration::the include \"x\\n#\\x23vso[task.complete]\" matches "
      "no "
      "file\n");
}

TEST(LogCommands, OfWhatIsWrongForAzure) {
  EXPECT_EQ(
      RenderAzureCommands(Hostile()),
      "##vso[task.logissue type=error;sourcepath=teams/"
      "a.toml;linenumber=2;columnnumber=1;code=configuration;]unknown key "
      "`100%AZP25\\r::set-output name=x::y`%0Adid you mean "
      "`scopes`?; "
      "known keys: scopes\n"
      "##vso[task.logissue type=error;sourcepath=gone.toml;code=configuration;]"
      "there is no such file\n"
      "##vso[task.logissue "
      "type=warning;sourcepath=a,b:c%3Bd%5D.toml;linenumber=3;columnnumber=7;"
      "code=configuration;]the include \"x\\n#\\x23vso[task.complete]\" "
      "matches "
      "no file\n");
}

TEST(LogCommands, NoMoreThanTenOfAKind) {
  std::vector<Diagnostic> many(12, Hostile()[2]);
  many.push_back(Hostile()[0]);
  const std::string text = RenderGitHubCommands(many);
  EXPECT_TRUE(absl::StrContains(
      text, "Not shown here: 2 errors; `patform plan` lists them all.\n"))
      << text;
  EXPECT_TRUE(absl::StrContains(text, "::warning file=")) << text;
  EXPECT_EQ(RenderGitHubCommands(std::vector<Diagnostic>()), "");
}

}  // namespace
}  // namespace patform
