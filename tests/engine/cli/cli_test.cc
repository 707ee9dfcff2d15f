#include "engine/cli/cli.h"

#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "engine/base/version.h"
#include "engine/cli/command.h"
#include "engine/cli/failure.h"
#include "engine/cli/help_text.h"
#include "providers/sinks/sinks.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_environment.h"
#include "tests/fakes/fake_files.h"
#include "tests/fakes/fake_ports.h"

namespace patform::cli {
namespace {

constexpr char kUsageLine[] =
    "Run `patform help` for the commands, `patform COMMAND --help` for one.\n";
constexpr char kConfiguration[] =
    "format = 1\nworkspace = \"w\"\norganization = \"contoso\"\n"
    "[sink.main]\ntype = \"file\"\npath = \"secrets\"\n"
    "[token.ci]\nscopes = [\"vso.code\"]\nlifetime = \"30d\"\n"
    "deliver = [{ to = \"main\", at = \"ci\" }]\n";

class NoService : public FakeTokenServices {
 public:
  absl::StatusOr<std::unique_ptr<TokenReader>> OpenReader(
      const Connection&) override {
    return status;
  }
  absl::StatusOr<std::unique_ptr<TokenWriter>> OpenWriter(
      const Connection&) override {
    return status;
  }

  absl::StatusOr<SignedIn> WhoAmI(const AuthConfig&, Deadline) override {
    SignedIn user;
    user.name = "ada@contoso.example";
    return user;
  }

  absl::Status status = absl::UnavailableError("there is no service");
};

// Sinks are known, and none can be opened, for the same reason.
class NoSinks : public FakeSinks {
 public:
  explicit NoSinks(const absl::Status& status) : status_(status) {
    types = sinks::KnownSinks().Types();
  }
  absl::StatusOr<std::unique_ptr<RecordReader>> OpenReader(
      const SinkConfig&, const AuthConfig&) override {
    return status_;
  }

 private:
  const absl::Status& status_;
};

class NoSignIns : public SignIns {
 public:
  absl::StatusOr<SignedIn> Login(const AuthConfig& auth, const LoginRequest&,
                                 LoginListener&, Deadline) override {
    return absl::InvalidArgumentError(
        absl::StrCat("[auth] `source` is \"", auth.source, "\""));
  }
  absl::Status Logout(const AuthConfig&, Deadline) override {
    return absl::NotFoundError("nothing is kept");
  }
};

class CountingRun : public FakeRun {
 public:
  void EndAtSignal(bool at_once) override { may_end += at_once ? 1 : -1; }

  int may_end = 0;  // how often it was allowed and not taken back
};

// The program without a service: whoever asks for it fails.
class CliTest : public ::testing::Test {
 protected:
  CliTest() {
    ports_.clock = &clock_;
    ports_.files = &files_;
    ports_.terminal = &terminal_;
    ports_.run = &run_;
    ports_.tokens = &service_;
    ports_.sinks = &sinks_;
    ports_.sign_ins = &sign_ins_;
    ports_.environment = EnvironmentOf(variables_);
    files_.files["patform.toml"] = kConfiguration;
  }

  // The exit code; what is printed is in out_ and err_.
  int Run(const std::string& line) {
    out_.str("");
    err_.str("");
    run_.may_end = 0;
    return Main(absl::StrSplit(line, ' ', absl::SkipEmpty()), ports_);
  }

  FakeClock clock_{absl::FromUnixSeconds(1795420800)};
  FakeFiles files_;
  std::map<std::string, std::string> variables_;
  std::ostringstream out_, err_;
  std::istringstream in_;
  Terminal terminal_{out_, err_, in_};
  CountingRun run_;
  NoService service_;
  NoSinks sinks_{service_.status};
  NoSignIns sign_ins_;
  Ports ports_;
};

TEST_F(CliTest, HelpAndVersion) {
  EXPECT_EQ(Run("help"), 0);
  EXPECT_EQ(out_.str(), HelpText());
  EXPECT_EQ(Run("--help"), 0);
  EXPECT_EQ(out_.str(), HelpText());
  for (const Command& command : Commands()) {
    EXPECT_EQ(Run("help " + command.name), 0);
    EXPECT_EQ(out_.str(), HelpText(command));
    EXPECT_EQ(Run(command.name + " --help"), 0);
    EXPECT_EQ(out_.str(), HelpText(command));
    EXPECT_EQ(err_.str(), "");
  }
  EXPECT_EQ(Run("version"), 0);
  EXPECT_EQ(out_.str(), BuildLine("patform"));
  EXPECT_EQ(Run("--version"), 0);
  EXPECT_EQ(out_.str(), BuildLine("patform"));
}

TEST_F(CliTest, WithoutACommandTheHelpIsAnError) {
  EXPECT_EQ(Run(""), 3);
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(err_.str(), HelpText());
  EXPECT_EQ(Run("-q"), 3);
}

TEST_F(CliTest, WrongUsageIsReportedOnce) {
  struct {
    const char* line;
    std::string err;
  } rows[] = {
      {"plna", absl::StrCat("patform: there is no command \"plna\"; did you "
                            "mean `plan`?\n",
                            kUsageLine)},
      {"help plna", absl::StrCat("patform: there is no command \"plna\"; did "
                                 "you mean `plan`?\n",
                                 kUsageLine)},
      {"help destroy",
       absl::StrCat("patform: there is no command \"destroy\"; to revoke a "
                    "token, remove its table from the configuration and run "
                    "`patform apply`\n",
                    kUsageLine)},
      {"plan --formta json",
       "patform: there is no flag --formta for `plan`; did you mean "
       "--format?\nRun `patform plan --help` for its flags and examples.\n"},
      // Not an event either: what was asked for was not understood.
      {"apply --json --parallelism 0",
       "patform: --parallelism cannot be \"0\": expected a number from 1 to "
       "64\nRun `patform apply --help` for its flags and examples.\n"},
      {"-C /nowhere/at/all plan",
       "patform: -C /nowhere/at/all: No such file or directory\n"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Run(row.line), 3) << row.line;
    EXPECT_EQ(err_.str(), row.err) << row.line;
    EXPECT_EQ(out_.str(), "") << row.line;
  }
}

// Each command is what its row runs: a first line that no other prints.
TEST_F(CliTest, Dispatch) {
  struct {
    const char* line;
    int code;
    const char* begins;
  } rows[] = {
      {"init new.toml", 0, "Wrote new.toml, and patform.schema.json for"},
      {"validate", 0, "The configuration is valid: 1 token, 1 sink, 1 file."},
      {"plan", 1, "patform: there is no service"},
      {"show plan.json", 1, "patform: no such file"},
      {"comment plan.json", 1, "patform: no such file"},
      {"apply", 1, "patform: there is no service"},
      {"apply plan.json", 1, "patform: no such file"},
      {"status", 1, "patform: there is no service"},
      {"report --out report.html", 1, "patform: there is no service"},
      {"audit", 1, "patform: there is no service"},
      {"login", 3, "patform: [auth] `source` is \"environment\""},
      {"logout", 0, "Nobody was signed in on this machine.\n"},
      {"whoami", 0, "Signed in as ada@contoso.example.\n"},
      {"audit --organization contoso", 1, "patform: there is no service"},
      {"verify sha256:"
       "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
       1, "patform: there is no service"},
      {"snapshot --out world.json", 1, "patform: there is no service"},
      {"import", 1, "patform: there is no service"},
      {"doctor", 1, "configuration   ok"},
      {"scopes packaging", 0, "Packaging\n  vso.packaging "},
      {"schema", 0, "{\n"},
      {"version", 0, "patform "},
      {"help", 0, "Plan and apply for"},
  };
  std::set<std::string> tried;
  for (const auto& row : rows) {
    EXPECT_EQ(Run(row.line), row.code) << row.line << "\n" << err_.str();
    const std::string said = absl::StrCat(out_.str(), err_.str());
    EXPECT_TRUE(absl::StartsWith(said, row.begins)) << row.line << "\n" << said;
    const std::vector<std::string> words = absl::StrSplit(row.line, ' ');
    EXPECT_EQ(run_.may_end, FindCommand(words[0])->only_reads ? 1 : 0)
        << row.line;
    tried.insert(words[0]);
  }
  EXPECT_EQ(tried.size(), Commands().size());
}

TEST_F(CliTest, TheExitCodeIsThatOfTheStatus) {
  const std::pair<absl::Status, int> rows[] = {
      {absl::UnavailableError("u"), 1},
      {absl::InvalidArgumentError("i"), 3},
      {absl::UnauthenticatedError("s"), 4},
      {absl::PermissionDeniedError("p"), 4},
      {IncompleteError("n"), 8},
      {absl::DeadlineExceededError("d"), 9},
  };
  for (const auto& [status, code] : rows) {
    service_.status = status;
    for (const char* line : {"plan", "apply", "status", "audit", "import"}) {
      EXPECT_EQ(Run(line), code) << line << " " << status;
      EXPECT_EQ(err_.str(), absl::StrCat("patform: ", status.message(), "\n"))
          << line;
    }
  }
  service_.status = absl::CancelledError("interrupted");
  run_.signal = SIGTERM;
  EXPECT_EQ(Run("plan"), 143);
}

TEST_F(CliTest, TheOperatorsBearerIsUsedAndSaysSo) {
  Grants grants;
  ports_.grants = &grants;
  service_.sources = {{"environment", "", {}}, {"azure-cli", "", {}}};
  const std::string no_service = "patform: there is no service\n";
  const auto said = [&](const std::string& line) {
    Run(line);
    return err_.str().substr(0, err_.str().find(no_service));
  };
  files_.files["patform.toml"] =
      absl::StrCat(kConfiguration, "[auth]\nsource = \"azure-cli\"\n");
  EXPECT_EQ(said("plan"), "");
  variables_["PATFORM_ACCESS_TOKEN_FILE"] = "/run/token";
  EXPECT_EQ(said("plan"),
            "patform: PATFORM_ACCESS_TOKEN_FILE is used instead of [auth] "
            "source = \"azure-cli\"\n");
  variables_["PATFORM_ACCESS_TOKEN"] = "a.b.c";
  for (const char* line : {"plan", "snapshot --out w.json", "import"}) {
    EXPECT_EQ(said(line),
              "patform: PATFORM_ACCESS_TOKEN is used instead of [auth] source "
              "= \"azure-cli\"\n")
        << line;
  }
  EXPECT_EQ(said("plan -q"), "");
  EXPECT_EQ(said("plan --access-token-stdin"),
            "patform: --access-token-stdin is used instead of [auth] source = "
            "\"azure-cli\"\n");
  EXPECT_TRUE(grants.bearer_on_stdin);
  files_.files["patform.toml"] = kConfiguration;
  EXPECT_EQ(said("plan"), "");
  EXPECT_FALSE(grants.bearer_on_stdin);
  Run("plan --allow-host a,b:1 --allow-programs");
  EXPECT_EQ(absl::StrJoin(grants.hosts, " "), "a b:1");
  EXPECT_TRUE(grants.programs);
}

TEST_F(CliTest, DoctorGoesOnAfterAFailure) {
  EXPECT_EQ(Run("doctor"), 1);
  EXPECT_TRUE(absl::StrContains(out_.str(),
                                "configuration   ok        1 file, 1 token\n"))
      << out_.str();
  EXPECT_TRUE(absl::StrContains(
      out_.str(), "\nlist contoso    failed    there is no service\n"));
  EXPECT_TRUE(absl::StrContains(out_.str(),
                                "\nsink main       failed    no sink here\n"));
  files_.files["patform.toml"] = "format = 2\n";
  EXPECT_EQ(Run("doctor --json"), 3);
  EXPECT_TRUE(absl::StrContains(
      out_.str(), R"("id":"configuration","about":null,"verdict":"failed")"))
      << out_.str();
}

TEST_F(CliTest, AnErrorOfApplyIsAnEventToo) {
  EXPECT_EQ(Run("apply --json"), 1);
  EXPECT_EQ(err_.str(), "patform: there is no service\n");
  const std::vector<std::string> lines = absl::StrSplit(out_.str(), '\n');
  ASSERT_EQ(lines.size(), 3u) << out_.str();
  EXPECT_TRUE(absl::StrContains(lines[0], "\"version\"")) << lines[0];
  EXPECT_TRUE(absl::StrContains(lines[1], "there is no service")) << lines[1];
}

TEST_F(CliTest, WhatIsNotDeclaredIsNotRotated) {
  EXPECT_EQ(Run("plan --rotate c1"), 3);
  EXPECT_EQ(err_.str(),
            "patform: --rotate c1: no token of that name is declared; did you "
            "mean ci?\n");
  EXPECT_EQ(Run("plan --rotate xyzzy"), 3);
  EXPECT_EQ(err_.str(),
            "patform: --rotate xyzzy: no token of that name is declared\n");
}

TEST_F(CliTest, WhatTheTargetsLeaveOutIsNotRotated) {
  const char* kLeftOut =
      "patform: --target leaves ci out, which --rotate asks for. Name it with "
      "--target, too, or leave one of the two flags out\n";
  for (const char* line :
       {"plan --rotate ci --target other", "plan --target x* --rotate ci",
        "apply --rotate ci --target other --target x"}) {
    EXPECT_EQ(Run(line), 3) << line;
    EXPECT_EQ(err_.str(), kLeftOut) << line;
  }
  // There is no service; it is looked for.
  for (const char* line :
       {"plan --rotate ci --target c*", "plan --rotate ci --target token.ci",
        "plan --rotate token.ci --target ci"}) {
    EXPECT_EQ(Run(line), 1) << line;
  }
}

TEST_F(CliTest, WhatIsToGoIsNotRotated) {
  files_.files["patform.toml"] =
      std::string(kConfiguration) +
      "\n[token.gone]\nscopes = [\"vso.code\"]\nensure = \"absent\"\n";
  EXPECT_EQ(Run("plan --rotate gone"), 3);
  EXPECT_EQ(err_.str(),
            "patform: --rotate gone: the configuration declares it absent, so "
            "it gets no new secret\n");
}

TEST_F(CliTest, OutputThatCannotBeWrittenIsAnError) {
  out_.setstate(std::ios::badbit);
  EXPECT_EQ(Main({"version"}, ports_), 1);
  EXPECT_EQ(err_.str(), "patform: the output could not be written whole\n");
  // Once, where something else is wrong as well.
  EXPECT_EQ(Run("plan"), 1);
  EXPECT_EQ(err_.str(), "patform: there is no service\n");
}

TEST_F(CliTest, FilesThatMayNotBeWritten) {
  files_.unwritable = {"new.toml"};
  EXPECT_EQ(Run("init new.toml"), 1);
  EXPECT_EQ(err_.str(), "patform: writing new.toml: permission denied\n");
  EXPECT_EQ(Run("init patform.toml"), 3);
  EXPECT_EQ(err_.str(),
            "patform: patform.toml exists already and was left as it is\n");
  // Before the service is asked for anything.
  EXPECT_EQ(Run("import --out patform.toml"), 3);
  EXPECT_EQ(err_.str(),
            "patform: patform.toml exists already and was left as it is; "
            "--force replaces it\n");
}

TEST_F(CliTest, ScopesThatNothingFinds) {
  EXPECT_EQ(Run("scopes vso.cod"), 0);
  EXPECT_EQ(Run("scopes vso.coed"), 1);
  EXPECT_EQ(err_.str(),
            "patform: no scope has \"vso.coed\" in it; did you mean "
            "\"vso.code\"?\n");
  EXPECT_EQ(Run("scopes xyzzy\x1b[31m"), 1);
  EXPECT_EQ(err_.str(),
            "patform: no scope has \"xyzzy\\x1b[31m\" in it; `patform "
            "scopes` lists them\n");
}

TEST_F(CliTest, EachSchemaIsAnother) {
  std::set<std::string> texts;
  const std::vector<std::string>& names =
      FindCommand("schema")->arguments[0].choices;
  for (const std::string& name : names) {
    EXPECT_EQ(Run("schema " + name), 0);
    texts.insert(out_.str());
  }
  EXPECT_EQ(texts.size(), names.size());
  Run("schema configuration");
  const std::string configuration = out_.str();
  Run("schema");
  EXPECT_EQ(out_.str(), configuration);
}

TEST_F(CliTest, AReportHasDetailsAndAdvice) {
  std::vector<std::string> lines;
  for (int i = 0; i < 42; ++i) lines.push_back(absl::StrCat("line ", i));
  const absl::Status status =
      WithAdvice(WithDetails(StaleError("head\n\x1b"), lines), "do this");
  EXPECT_EQ(Report(ports_, status, true), 6);
  lines.resize(40);
  EXPECT_EQ(err_.str(), absl::StrCat("patform: head\\n\\x1b\n    ",
                                     absl::StrJoin(lines, "\n    "),
                                     "\n    … and 2 more\ndo this\n"));
  // Programs get all of it.
  EXPECT_TRUE(absl::StrContains(out_.str(), "line 41")) << out_.str();
  EXPECT_EQ(Report(ports_, absl::InternalError("bare")), 1);
  EXPECT_TRUE(absl::EndsWith(err_.str(), "do this\npatform: bare\n"));
}

}  // namespace
}  // namespace patform::cli
