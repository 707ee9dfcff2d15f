#include "providers/entra/workload_credential.h"

#include <gtest/gtest.h>

#include "tests/providers/entra/signing_in.h"

namespace patform::entra {
namespace {

using Code = absl::StatusCode;
using Settings = std::map<std::string, std::string>;

constexpr char kJwt[] = "e30.e30.c2ln";

class WorkloadTest : public testing::Test {
 protected:
  // What the proof adds to a request, or its error.
  std::string Proof(const Settings& settings) {
    Machine machine = world_.machine();
    machine.read_secret =
        [this](const std::string& path) -> absl::StatusOr<Secret> {
      const auto found = files_.find(path);
      if (found == files_.end()) return absl::NotFoundError("no " + path);
      return Secret(found->second);
    };
    const auto proof = MakeProof(AuthWith(settings, "workload"), machine);
    if (!proof.ok()) return proof.status().ToString();
    TokenEndpoint endpoint(RegistrationOfTests(), machine, "patform login");
    Form form;
    const absl::Status added =
        (*proof)->AddTo(form, endpoint, world_.InAMinute());
    if (!added.ok()) return added.ToString();
    return std::string(form.body().Reveal());
  }
  std::string Asked() {
    const auto& each = world_.server.exchanges().back();
    return absl::StrCat(each.Line(), " ", each.bearer);
  }

  SigningIn world_;
  std::map<std::string, std::string> files_;
};

constexpr char kAssertion[] =
    "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%"
    "3Ajwt-bearer&client_assertion=e30.e30.c2ln";

TEST_F(WorkloadTest, AzurePipelinesVouches) {
  world_.variables = {
      {"SYSTEM_OIDCREQUESTURI",
       "https://dev.azure.com/contoso/p/_apis/distributedtask/x/oidctoken"},
      {"SYSTEM_ACCESSTOKEN", "job"}};
  world_.server.Answer(200, R"({"oidcToken":"e30.e30.c2ln"})");
  EXPECT_EQ(
      Proof({{"assertion", "azure-pipelines"}, {"service_connection", "a b"}}),
      kAssertion);
  EXPECT_EQ(Asked(),
            "POST dev.azure.com/contoso/p/_apis/distributedtask/x/oidctoken"
            "?api-version=7.1-preview.1&serviceConnectionId=a%20b job");
}

TEST_F(WorkloadTest, GitHubVouches) {
  world_.variables = {
      {"ACTIONS_ID_TOKEN_REQUEST_URL",
       "https://run-1.actions.githubusercontent.com/x?api-version=2.0"},
      {"ACTIONS_ID_TOKEN_REQUEST_TOKEN", "job"}};
  world_.server.Answer(200, R"({"count":1,"value":"e30.e30.c2ln"})");
  EXPECT_EQ(Proof({{"assertion", "github"}}), kAssertion);
  EXPECT_EQ(Asked(),
            "GET run-1.actions.githubusercontent.com/x?api-version=2.0&"
            "audience=api%3A%2F%2FAzureADTokenExchange job");
}

// Whoever can set a variable of the job would otherwise get its token.
TEST_F(WorkloadTest, TheJobsTokenGoesToTheCiAlone) {
  const struct {
    const char* url;
    const char* want;
  } kCases[] = {
      {"https://evil.example/x", " names the host evil.example, which"},
      {"https://actions.githubusercontent.com.evil.example",
       " names the host actions.githubusercontent.com.evil.example, which"},
      {"https://run.actions.githubusercontent.com:8443/",
       " names the host run.actions.githubusercontent.com:8443, which"},
      {"http://run.actions.githubusercontent.com/", " is an address that"},
  };
  for (const auto& c : kCases) {
    world_.variables = {{"ACTIONS_ID_TOKEN_REQUEST_URL", c.url},
                        {"ACTIONS_ID_TOKEN_REQUEST_TOKEN", "job"}};
    EXPECT_EQ(
        Proof({{"assertion", "github"}}),
        absl::StrCat("INVALID_ARGUMENT: signing in: "
                     "ACTIONS_ID_TOKEN_REQUEST_URL",
                     c.want,
                     " is not *.actions.githubusercontent.com, and would get "
                     "ACTIONS_ID_TOKEN_REQUEST_TOKEN. Nothing was sent. If it "
                     "is yours, allow it where the pipeline is defined: "
                     "--allow-host HOST[:PORT] or PATFORM_ALLOW_HOSTS"));
  }
  EXPECT_TRUE(world_.server.exchanges().empty());
  world_.grants.hosts = {"ghes.contoso.example"};
  world_.variables["ACTIONS_ID_TOKEN_REQUEST_URL"] =
      "https://ghes.contoso.example/x";
  world_.server.Answer(200, R"({"value":"e30.e30.c2ln"})");
  EXPECT_EQ(Proof({{"assertion", "github"}}), kAssertion);
}

TEST_F(WorkloadTest, WhatTheJobLacks) {
  EXPECT_EQ(Proof({{"assertion", "github"}}),
            "UNAUTHENTICATED: signing in: ACTIONS_ID_TOKEN_REQUEST_URL is not "
            "set, and assertion = \"github\" needs it. Give the job "
            "permissions: id-token: write");
  world_.variables = {{"SYSTEM_OIDCREQUESTURI", "https://dev.azure.com/x"}};
  EXPECT_EQ(
      Proof({{"assertion", "azure-pipelines"}, {"service_connection", "s"}}),
      "UNAUTHENTICATED: signing in: SYSTEM_ACCESSTOKEN is not set, and "
      "assertion = \"azure-pipelines\" needs it. Give the step env: "
      "SYSTEM_ACCESSTOKEN: $(System.AccessToken); a job of Azure "
      "Pipelines has the other one");
}

TEST_F(WorkloadTest, ACiThatRefuses) {
  world_.variables = {{"SYSTEM_OIDCREQUESTURI", "https://dev.azure.com/x"},
                      {"SYSTEM_ACCESSTOKEN", "job"}};
  const Settings settings = {{"assertion", "azure-pipelines"},
                             {"service_connection", "s"}};
  const std::string advice =
      ". Give the step env: SYSTEM_ACCESSTOKEN: $(System.AccessToken); a job "
      "of Azure Pipelines has the other one, and check `service_connection`: "
      "the job must be allowed to use it";
  world_.server.Answer(404, "{}");
  EXPECT_EQ(Proof(settings),
            "UNAUTHENTICATED: signing in: azure-pipelines gave no identity of "
            "this job (404)" +
                advice);
  world_.server.Answer(200, R"({"oidcToken":"not a jwt"})");
  EXPECT_EQ(Proof(settings),
            "UNAUTHENTICATED: signing in: azure-pipelines gave no identity of "
            "this job (200)" +
                advice);
  world_.server.Answer(500, "");
  EXPECT_EQ(Proof(settings),
            "UNAVAILABLE: signing in: azure-pipelines gave no identity of this "
            "job (500)" +
                advice);
  world_.server.Fail(absl::DataLossError("garbage"));
  EXPECT_EQ(Proof(settings),
            "DATA_LOSS: asking azure-pipelines for the identity of this job: "
            "garbage");
}

TEST_F(WorkloadTest, AFileVouches) {
  files_["/jwt"] = std::string(kJwt) + "\n";
  EXPECT_EQ(Proof({{"assertion_file", "/jwt"}}), kAssertion);
  // Read each time: whatever keeps it writes it every hour.
  files_["/jwt"] = "root:x:0:0";
  EXPECT_EQ(Proof({{"assertion_file", "/jwt"}}),
            "UNAUTHENTICATED: signing in: the file of `assertion_file` (/jwt) "
            "holds no JWT and nothing else. Whatever keeps it has to put a JWT "
            "there");
  EXPECT_EQ(Proof({{"assertion_file", "/none"}}),
            "UNAUTHENTICATED: signing in: the file of `assertion_file` (/none) "
            "cannot be read. Whatever keeps it has to put a JWT there");
}

TEST_F(WorkloadTest, OneProofAndNoMore) {
  const char* const kOne =
      "one proof of the application is needed, and no more: `certificate` with "
      "`private_key`, or `assertion`, or `assertion_file`";
  const struct {
    Settings settings;
    std::string want;
  } kCases[] = {
      {{}, kOne},
      {{{"assertion", "github"}, {"assertion_file", "/x"}}, kOne},
      {{{"assertion", "github"}, {"certificate", "/x"}}, kOne},
      {{{"certificate", "/x"}}, "`certificate` needs `private_key`"},
      {{{"private_key", "/x"}}, "`private_key` needs `certificate`"},
      {{{"assertion", "azure-pipelines"}},
       "assertion = \"azure-pipelines\" needs `service_connection`"},
      {{{"assertion", "github"}, {"service_connection", "x"}},
       "`service_connection` is for assertion = \"azure-pipelines\""},
      {{{"assertion", "github"}}, ""},
      {{{"assertion_file", "/x"}}, ""},
      {{{"certificate", "/x"}, {"private_key", "/y"}}, ""},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(FaultOfProof(AuthWith(c.settings).settings), c.want);
  }
  EXPECT_EQ(Proof({}), absl::StrCat("INVALID_ARGUMENT: [auth]: ", kOne));
}

TEST_F(WorkloadTest, ACertificateThatCannotBeRead) {
  EXPECT_EQ(Proof({{"certificate", "/c"}, {"private_key", "/k"}}),
            "UNAUTHENTICATED: signing in: the file of `certificate` (/c) "
            "cannot be read by this user");
  files_["/c"] = "hunter2";
  files_["/k"] = "hunter2";
  EXPECT_EQ(Proof({{"certificate", "/c"}, {"private_key", "/k"}}),
            "INVALID_ARGUMENT: [auth]: `certificate` is not a certificate in "
            "PEM (-----BEGIN CERTIFICATE)");
}

}  // namespace
}  // namespace patform::entra
