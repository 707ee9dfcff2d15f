#include "providers/entra/exec_credential.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/ports/grants.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_environment.h"
#include "tests/providers/entra/fake_programs.h"

namespace patform::entra {
namespace {

class ExecTest : public ::testing::Test {
 protected:
  ExecTest() {
    machine_.clock = &clock_;
    machine_.programs = &programs_;
    machine_.grants = &grants_;
    grants_.programs = true;
    programs_.out = R"({"token":"a.b.c","expiresOn":"2026-11-23T09:00:00Z"})";
  }

  std::string Bearer(const std::vector<std::string>& command) {
    AuthConfig auth;
    auth.source = "exec";
    auth.settings["command"] = command;
    auth.written["command"] = std::vector<std::string>{"azd", "${ARGUMENT}"};
    auth.where = {"patform.toml", 4, 1};
    const absl::StatusOr<Secret> bearer =
        ExecRow().make(auth, machine_)->Bearer(Deadline::max());
    return bearer.ok() ? std::string(bearer->Reveal())
                       : bearer.status().ToString();
  }

  FakeClock clock_{absl::FromUnixSeconds(1795420800)};
  FakePrograms programs_;
  Grants grants_;
  Machine machine_;
};

TEST_F(ExecTest, GivesWhatTheProgramPrints) {
  EXPECT_EQ(Bearer({"azd", "auth", "token"}), "a.b.c");
  EXPECT_EQ(programs_.ran, std::vector<std::string>{"azd auth token"});
}

TEST_F(ExecTest, RunsNothingThatTheOperatorDidNotAllow) {
  grants_.programs = false;
  EXPECT_EQ(Bearer({"azd"}),
            "UNAUTHENTICATED: patform.toml:4:1: [auth] source = \"exec\" runs "
            "a program, which a configuration alone may not. Where you trust "
            "it: --allow-programs, or PATFORM_ALLOW_PROGRAMS=1");
  EXPECT_TRUE(programs_.ran.empty());
}

TEST_F(ExecTest, NeedsAProgram) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{}, std::vector<std::string>{"", "x"}}) {
    EXPECT_EQ(Bearer(command),
              "INVALID_ARGUMENT: patform.toml:4:1: [auth] command is empty: "
              "its first item is the program");
  }
  EXPECT_TRUE(programs_.ran.empty());
}

TEST_F(ExecTest, SaysWhatFailed) {
  programs_.exit_code = 3;
  programs_.errors = "not signed in\x07\n";
  EXPECT_EQ(Bearer({"/secret/azd"}),
            "UNAUTHENTICATED: the program of [auth] command failed: azd, exit "
            "code 3: not signed in\\x07");
  programs_.status = absl::NotFoundError("there is no /secret/azd");
  EXPECT_EQ(Bearer({"/secret/azd"}),
            "UNAUTHENTICATED: the program of [auth] command cannot be run: "
            "there is no azd");
}

// The program is not told of another audience.
TEST_F(ExecTest, AnotherAudienceIsTheOperators) {
  AuthConfig auth;
  auth.source = "exec";
  auth.settings["command"] = std::vector<std::string>{"azd"};
  std::map<std::string, std::string> variables;
  machine_.environment = EnvironmentOf(variables);
  const auto credential = ExecRow().make(auth, machine_);
  EXPECT_EQ(
      credential->BearerFor("https://vault.azure.net", Deadline::max())
          .status()
          .ToString(),
      "UNAUTHENTICATED: the access token of the sign-in \"exec\" is for Azure "
      "DevOps alone, and PATFORM_KEY_VAULT_TOKEN is not set. It takes one for "
      "Key Vault, for example from: az account get-access-token --resource "
      "https://vault.azure.net --query accessToken -o tsv");
  EXPECT_TRUE(programs_.ran.empty());
}

}  // namespace
}  // namespace patform::entra
