#include "engine/comment/target.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/fakes/fake_files.h"

namespace patform {
namespace {

using Variables = std::map<std::string, std::string>;

const Variables kAzure = {
    {"TF_BUILD", "True"},
    {"SYSTEM_COLLECTIONURI", "https://dev.azure.com/contoso/"},
    {"SYSTEM_TEAMPROJECT", "Token Platform"},
    {"BUILD_REPOSITORY_ID", "3e2f"},
    {"BUILD_REPOSITORY_PROVIDER", "TfsGit"},
    {"BUILD_BUILDID", "4711"},
    {"SYSTEM_PULLREQUEST_PULLREQUESTID", "17"}};
const Variables kGitHub = {{"GITHUB_ACTIONS", "true"},
                           {"GITHUB_REPOSITORY", "contoso/tokens"},
                           {"GITHUB_REF", "refs/pull/17/merge"},
                           {"GITHUB_API_URL", "https://api.github.com"},
                           {"GITHUB_SERVER_URL", "https://github.com"},
                           {"GITHUB_RUN_ID", "99"}};

class TargetTest : public ::testing::Test {
 protected:
  // A target in one line, or the error.
  std::string Find(Variables variables, const Variables& changes = {}) {
    for (const auto& [name, value] : changes) variables[name] = value;
    const absl::StatusOr<PullRequestTarget> target = FindPullRequest(
        [&](const std::string& name) -> std::optional<std::string> {
          EXPECT_EQ(name.find("TOKEN"), std::string::npos) << "a secret";
          const auto found = variables.find(name);
          if (found == variables.end()) return std::nullopt;
          return found->second;
        },
        files_);
    if (!target.ok()) {
      EXPECT_TRUE(absl::IsInvalidArgument(target.status()));
      return std::string(target.status().message());
    }
    return (target->system == PullRequestTarget::System::kGitHub ? "github "
                                                                 : "azure ") +
           target->base_url + " | " + target->ToString() + " | " +
           target->run_url;
  }

  FakeFiles files_;
};

TEST_F(TargetTest, AzurePipelines) {
  EXPECT_EQ(Find(kAzure),
            "azure https://dev.azure.com/contoso | pull request 17 of Token "
            "Platform/3e2f | https://dev.azure.com/contoso/Token%20Platform/"
            "_build/results?buildId=4711");
  EXPECT_EQ(Find(kAzure, {{"SYSTEM_COLLECTIONURI", ""},
                          {"SYSTEM_TEAMFOUNDATIONCOLLECTIONURI",
                           "https://contoso.visualstudio.com/"},
                          {"BUILD_BUILDID", ""}}),
            "azure https://contoso.visualstudio.com | pull request 17 of Token "
            "Platform/3e2f | ");
}

TEST_F(TargetTest, GitHubActions) {
  const std::string want =
      "github https://api.github.com | pull request 17 of contoso/tokens | "
      "https://github.com/contoso/tokens/actions/runs/99";
  EXPECT_EQ(Find(kGitHub), want);
  EXPECT_EQ(Find(kGitHub, {{"GITHUB_API_URL", ""}}), want);
  files_.files["event.json"] = R"({"pull_request": {"number": 17}})";
  const Variables by_event = {{"GITHUB_REF", "refs/heads/main"},
                              {"GITHUB_EVENT_PATH", "event.json"}};
  EXPECT_EQ(Find(kGitHub, by_event), want);
  files_.files["event.json"] =
      R"({"issue": {"number": 17, "pull_request": {"url": "…"}}})";
  EXPECT_EQ(Find(kGitHub, by_event), want);
  // GitHub's variables set by hand in a job of Azure Pipelines.
  Variables both = kAzure;
  both.insert(kGitHub.begin(), kGitHub.end());
  EXPECT_EQ(Find(both), want);
}

TEST_F(TargetTest, NoPullRequest) {
  EXPECT_EQ(Find({}),
            "this is not a job of a pull request: looked for TF_BUILD and "
            "SYSTEM_COLLECTIONURI (Azure Pipelines), GITHUB_ACTIONS and "
            "GITHUB_REPOSITORY (GitHub Actions). `--dry-run` prints the "
            "comment anywhere");
  EXPECT_EQ(Find({{"TF_BUILD", "True"},
                  {"SYSTEM_PULLREQUEST_PULLREQUESTID",
                   "$(System.PullRequest.PullRequestId)"}}),
            "this job of Azure Pipelines runs for no pull request: looked for "
            "SYSTEM_COLLECTIONURI or SYSTEM_TEAMFOUNDATIONCOLLECTIONURI, "
            "SYSTEM_TEAMPROJECT, BUILD_REPOSITORY_ID, "
            "SYSTEM_PULLREQUEST_PULLREQUESTID. They are there in builds that a "
            "branch policy (build validation) starts; elsewhere use `patform "
            "show PLAN --format markdown`");
  EXPECT_EQ(Find({{"GITHUB_ACTIONS", "true"}, {"GITHUB_REF", "refs/heads/x"}}),
            "this job of GitHub Actions runs for no pull request: looked for "
            "GITHUB_REPOSITORY, GITHUB_REF=refs/pull/NUMBER/merge or "
            "GITHUB_EVENT_PATH. They are there on: pull_request; elsewhere use "
            "`patform show PLAN --format markdown`");
  const std::string no_event =
      "neither GITHUB_REF (refs/pull/NUMBER/merge) nor the event in "
      "GITHUB_EVENT_PATH names a pull request: run this on pull_request; "
      "elsewhere use `patform show PLAN --format markdown`";
  for (const char* event :
       {R"({"issue": {"number": 17}})", R"({"pull_request": {"number": -1}})",
        R"({"pull_request": 17})", "[]", "no JSON", ""}) {
    files_.files["event.json"] = event;
    EXPECT_EQ(Find(kGitHub, {{"GITHUB_REF", "refs/heads/main"},
                             {"GITHUB_EVENT_PATH", "event.json"}}),
              no_event)
        << event;
  }
}

TEST_F(TargetTest, WhatIsNoNumber) {
  for (const char* number :
       {"x", "0", "-3", "17/../18", "99999999999999999999", "17\r\nX: y"}) {
    EXPECT_NE(Find(kAzure, {{"SYSTEM_PULLREQUEST_PULLREQUESTID", number}})
                  .find("which is not the number of a pull request"),
              std::string::npos)
        << number;
  }
  EXPECT_EQ(Find(kGitHub, {{"GITHUB_REF", "refs/pull/x\n/merge"}}),
            "GITHUB_REF is \"x\\n\", which is not the number of a pull "
            "request");
}

TEST_F(TargetTest, AnotherRepositoryInAzurePipelines) {
  EXPECT_EQ(Find(kAzure, {{"BUILD_REPOSITORY_PROVIDER", "GitHub"}}),
            "BUILD_REPOSITORY_PROVIDER is \"GitHub\": this pipeline builds a "
            "repository that is not in Azure Repos, and SYSTEM_ACCESSTOKEN is "
            "not good for its pull requests. For GitHub set "
            "GITHUB_ACTIONS=true, GITHUB_REPOSITORY=OWNER/NAME, "
            "GITHUB_REF=refs/pull/NUMBER/merge and a GITHUB_TOKEN");
}

}  // namespace
}  // namespace patform
