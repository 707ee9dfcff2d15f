// Where the token goes, and what is said where it is not taken.
#include "tests/providers/pull_requests/testing.h"

namespace patform::pull_requests {
namespace {

using System = PullRequestTarget::System;

class HostTest : public PullRequestsTest {};

PullRequestTarget At(System system, const char* url) {
  PullRequestTarget target = system == System::kGitHub ? kGitHub : kAzure;
  target.base_url = url;
  return target;
}

TEST_F(HostTest, WellKnownHosts) {
  for (const char* url :
       {"https://dev.azure.com/contoso", "https://DEV.azure.com/contoso/",
        "https://contoso.visualstudio.com"}) {
    EXPECT_TRUE(TryOpen(At(System::kAzureRepos, url)).ok()) << url;
  }
  EXPECT_TRUE(TryOpen(kGitHub).ok());
  for (const char* url :
       {"https://dev.azure.com.evil.example/c", "https://evil.example/c",
        "https://visualstudio.com", "https://evilvisualstudio.com",
        "https://dev.azure.com:8443/c", "https://api.github.com",
        "https://x@dev.azure.com/c", "http://dev.azure.com/c", "dev.azure.com",
        "https://dev.azure.com/c?x=1", ""}) {
    EXPECT_TRUE(
        absl::IsInvalidArgument(TryOpen(At(System::kAzureRepos, url)).status()))
        << url;
  }
  for (const char* url : {"https://dev.azure.com/c", "https://github.com",
                          "https://api.github.com.evil.example"}) {
    EXPECT_TRUE(
        absl::IsInvalidArgument(TryOpen(At(System::kGitHub, url)).status()))
        << url;
  }
  EXPECT_TRUE(server_.exchanges().empty());
}

TEST_F(HostTest, AllowedHosts) {
  const PullRequestTarget own =
      At(System::kGitHub, "https://git.contoso.example:8443/api/v3");
  EXPECT_EQ(TryOpen(own).status().message(),
            "the variables of this job name the host git.contoso.example:8443, "
            "which is not api.github.com, and would get GITHUB_TOKEN. Nothing "
            "was sent. If it is yours, allow it where the pipeline is defined: "
            "--allow-host git.contoso.example:8443 or PATFORM_ALLOW_HOSTS");
  EXPECT_FALSE(TryOpen(own, {"git.contoso.example"}).ok());
  EXPECT_FALSE(TryOpen(own, {"contoso.example:8443"}).ok());
  EXPECT_TRUE(TryOpen(own, {"x", "GIT.contoso.example:8443"}).ok());
  EXPECT_TRUE(TryOpen(At(System::kGitHub, "https://git.contoso.example"),
                      {"git.contoso.example"})
                  .ok());
  // Without TLS on loopback alone, and there too only if it is allowed.
  const PullRequestTarget loopback =
      At(System::kGitHub, "http://127.0.0.1:8080");
  EXPECT_FALSE(TryOpen(loopback).ok());
  EXPECT_TRUE(TryOpen(loopback, {"127.0.0.1:8080"}).ok());
  EXPECT_FALSE(TryOpen(At(System::kGitHub, "http://git.contoso.example"),
                       {"git.contoso.example", "git.contoso.example:80"})
                   .ok());
}

TEST_F(HostTest, WithoutAToken) {
  EXPECT_EQ(TryOpen(kAzure, {}, "").status().ToString(),
            "UNAUTHENTICATED: SYSTEM_ACCESSTOKEN is not set. The CI does not "
            "hand it to a step by itself: env: SYSTEM_ACCESSTOKEN: "
            "$(System.AccessToken)");
  EXPECT_EQ(TryOpen(kGitHub, {}, "").status().ToString(),
            "UNAUTHENTICATED: GITHUB_TOKEN is not set. The CI does not hand it "
            "to a step by itself: env: GITHUB_TOKEN: ${{ github.token }}, and "
            "for the job permissions: pull-requests: write");
}

TEST_F(HostTest, Refusals) {
  const struct {
    const PullRequestTarget& target;
    int status;
    const char* body;
    std::vector<http::Header> headers;
    const char* want;
  } rows[] = {
      {kAzure,
       401,
       "",
       {},
       "UNAUTHENTICATED: editing the comment: Azure DevOps answered 401: "
       "SYSTEM_ACCESSTOKEN is not, or no longer, good: it ends with its job. "
       "Give it to the step: env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)."},
      {kAzure,
       203,
       "<html>",
       {},
       "UNAUTHENTICATED: editing the comment: Azure DevOps answered 203: "
       "SYSTEM_ACCESSTOKEN is not, or no longer, good: it ends with its job. "
       "Give it to the step: env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)."},
      {kGitHub,
       302,
       "",
       {{"Location", "https://evil.example/"}},
       "UNAUTHENTICATED: editing the comment: GitHub answered 302: "
       "GITHUB_TOKEN is not, or no longer, good: it ends with its job. Give "
       "it to the step: env: GITHUB_TOKEN: ${{ github.token }}."},
      {kAzure,
       403,
       R"({"message":"TF401027: no\u001b[31m"})",
       {},
       "PERMISSION_DENIED: editing the comment: Azure DevOps answered 403: the "
       "build service may not do that. It needs \"Contribute to pull "
       "requests\" on the repository: Project settings, Repositories, "
       "Security, the user \"… Build Service\". The service says: \"TF401027: "
       "no\\x1b[31m\""},
      {kGitHub,
       403,
       R"({"message":"Resource not accessible"})",
       {},
       "PERMISSION_DENIED: editing the comment: GitHub answered 403: "
       "GITHUB_TOKEN may not do that. The job needs `permissions: "
       "pull-requests: write`. For a pull request from a fork the token can "
       "only read, whatever is asked for: comment from a workflow_run job that "
       "takes the saved plan as an artifact. The service says: \"Resource not "
       "accessible\""},
      {kGitHub,
       403,
       "",
       {{"X-RateLimit-Remaining", "0"}},
       "RESOURCE_EXHAUSTED: editing the comment: GitHub answered 403: the "
       "token has asked for too much. Nothing was done; run the step again "
       "later."},
      {kAzure,
       404,
       "",
       {},
       "NOT_FOUND: editing the comment: Azure DevOps answered 404: there is no "
       "pull request 17 of Token Platform/3e2f/x, or the build service may not "
       "see it: it needs \"Read\" and \"Contribute to pull requests\" on the "
       "repository, and a pipeline that is limited to the repositories it "
       "references must reference this one."},
      {kGitHub,
       404,
       "",
       {},
       "NOT_FOUND: editing the comment: GitHub answered 404: there is no pull "
       "request 17 of contoso/tokens, or GITHUB_TOKEN may not see it: the job "
       "needs `permissions: pull-requests: write`."},
      {kGitHub,
       422,
       R"({"message":"Validation Failed"})",
       {},
       "FAILED_PRECONDITION: editing the comment: GitHub answered 422: it does "
       "not accept the request. The service says: \"Validation Failed\""},
      {kGitHub,
       418,
       "",
       {},
       "DATA_LOSS: editing the comment: GitHub answered 418: that is not an "
       "answer of its API."},
  };
  for (const auto& row : rows) {
    const auto pull = OpenOrDie(row.target);
    server_.Answer(row.status, row.body, row.headers);
    EXPECT_EQ(pull->Edit("1", "x", Soon()).ToString(), row.want);
  }
}

// Long and hostile words of a host are cut and made visible.
TEST_F(HostTest, WordsOfTheHost) {
  const auto pull = OpenOrDie(kGitHub);
  server_.Answer(
      422, absl::StrCat(R"({"message":")", std::string(5000, 'x'), R"("})"));
  EXPECT_EQ(pull->Edit("1", "x", Soon()).message(),
            absl::StrCat("editing the comment: GitHub answered 422: it does "
                         "not accept the request. The service says: \"",
                         std::string(300, 'x'), " …\""));
}

}  // namespace
}  // namespace patform::pull_requests
