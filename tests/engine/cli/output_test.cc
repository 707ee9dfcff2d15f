#include "engine/cli/output.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "engine/cli/exit_code.h"
#include "engine/report/style.h"
#include "tests/fakes/fake_files.h"
#include "tests/fakes/fake_ports.h"

namespace patform::cli {
namespace {

// What the plan holds, and the exit code with and without
// --detailed-exitcode.
TEST(PlanExitCode, TheMostSpecialFirst) {
  struct {
    const char* what;
    bool change, deferred, warning, broken, wrong_user;
    int plain, detailed;
  } rows[] = {
      {"nothing", false, false, false, false, false, 0, 0},
      {"a warning", false, false, true, false, false, 0, 0},
      {"a change", true, false, false, false, false, 0, 2},
      {"a change with a warning", true, false, true, false, false, 0, 2},
      {"undecided", false, true, false, false, false, 8, 8},
      {"a change, undecided", true, true, false, false, false, 8, 8},
      {"a broken rule", true, false, false, true, false, 5, 5},
      {"a broken rule, undecided", true, true, false, true, false, 5, 5},
      {"another user", true, true, false, true, true, 4, 4},
  };
  for (const auto& row : rows) {
    Plan plan;
    if (row.change) plan.changes.changes.emplace_back();
    if (row.deferred) plan.changes.deferred.emplace_back();
    Finding finding;
    if (row.warning) {
      finding.severity = Severity::kWarning;
      plan.findings.push_back(finding);
    }
    finding.severity = Severity::kError;
    finding.rule = "max_lifetime";
    if (row.broken) plan.findings.push_back(finding);
    finding.rule = kWrongUser;
    if (row.wrong_user) plan.findings.push_back(finding);
    Arguments arguments;
    EXPECT_EQ(PlanExitCode(plan), row.plain) << row.what;
    EXPECT_EQ(PlanExitCode(arguments, plan), row.plain) << row.what;
    arguments.detailed_exitcode = true;
    EXPECT_EQ(PlanExitCode(arguments, plan), row.detailed) << row.what;
  }
}

TEST(StyleFor, WhoAsksFirst) {
  struct {
    std::map<std::string, std::string> variables;
    bool no_color, terminal, want;
  } rows[] = {
      {{}, false, true, true},
      {{}, false, false, false},
      {{}, true, true, false},
      {{{"NO_COLOR", "1"}}, false, true, false},
      {{{"NO_COLOR", ""}}, false, true, true},
      {{{"FORCE_COLOR", "1"}}, false, false, true},
      {{{"CLICOLOR_FORCE", "1"}}, false, false, true},
      {{{"NO_COLOR", "1"}, {"FORCE_COLOR", "1"}}, false, false, false},
      {{{"FORCE_COLOR", "1"}}, true, true, false},
      {{{"TERM", "dumb"}}, false, true, false},
      {{{"TERM", "dumb"}, {"FORCE_COLOR", "1"}}, false, true, true},
      {{{"TERM", "xterm"}}, false, true, true},
  };
  for (const auto& row : rows) {
    Ports ports;
    ports.environment =
        [&](const std::string& name) -> std::optional<std::string> {
      const auto at = row.variables.find(name);
      if (at == row.variables.end()) return std::nullopt;
      return at->second;
    };
    Arguments arguments;
    arguments.no_color = row.no_color;
    std::string line = row.terminal ? "terminal" : "file";
    for (const auto& [name, value] : row.variables) {
      line += " " + name + "=" + value;
    }
    EXPECT_EQ(StyleFor(arguments, ports, row.terminal).Bold("x") != "x",
              row.want)
        << line;
  }
}

TEST(WriteViews, EachInItsFileUntilOneCannotBeWritten) {
  FakeFiles files;
  Ports ports;
  ports.files = &files;
  FakeRun run;
  ports.run = &run;
  Arguments arguments;
  arguments.into = {{"json", "a.json"}, {"markdown", "b.md"}, {"junit", "c"}};
  files.unwritable = {"b.md"};
  const absl::Status status = WriteViews(arguments, ports, Plan());
  EXPECT_EQ(status.message(), "writing b.md: permission denied");
  EXPECT_EQ(ExitCodeFor(status), kError);
  EXPECT_EQ(files.files.count("a.json"), 1u);
  EXPECT_EQ(files.files.count("c"), 0u);
  files.unwritable.clear();
  EXPECT_TRUE(WriteViews(arguments, ports, Plan()).ok());
  EXPECT_EQ(files.files["a.json"][0], '{');
  EXPECT_EQ(files.files["c"].substr(0, 5), "<?xml");
}

}  // namespace
}  // namespace patform::cli
