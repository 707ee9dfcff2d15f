#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "providers/pull_requests/pull_requests.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_transport.h"

namespace patform::pull_requests {

inline constexpr char kToken[] = "the-job-token";
inline const PullRequestTarget kAzure = {PullRequestTarget::System::kAzureRepos,
                                         "https://dev.azure.com/contoso",
                                         "Token Platform",
                                         "3e2f/x",
                                         17,
                                         "https://run/1"};
inline const PullRequestTarget kGitHub = {PullRequestTarget::System::kGitHub,
                                          "https://api.github.com",
                                          "",
                                          "contoso/tokens",
                                          17,
                                          ""};

// A pull request whose host answers from a script.
class PullRequestsTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<PullRequest>> TryOpen(
      const PullRequestTarget& target, std::vector<std::string> allow = {},
      const std::string& token = kToken) {
    Config config;
    config.target = target;
    config.token = Secret(token);
    config.allow_hosts = std::move(allow);
    config.new_transport = [this] { return server_.NewTransport(); };
    config.retry = &retry_;
    config.clock = &clock_;
    return pull_requests::Open(std::move(config));
  }
  std::unique_ptr<PullRequest> OpenOrDie(const PullRequestTarget& target) {
    auto made = TryOpen(target);
    EXPECT_TRUE(made.ok()) << made.status();
    return *std::move(made);
  }

  // "id*: body" of each, * on those that are ours; or the error.
  static std::string Dump(
      const absl::StatusOr<std::vector<PullRequestComment>>& comments) {
    if (!comments.ok()) return comments.status().ToString();
    std::vector<std::string> lines;
    for (const PullRequestComment& comment : *comments) {
      lines.push_back(
          absl::StrCat(comment.id, comment.own ? "*" : "", ": ", comment.body));
    }
    return absl::StrJoin(lines, "; ");
  }
  // "METHOD host/path" of each request; all of them had the token.
  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    for (const auto& exchange : server_.exchanges()) {
      EXPECT_EQ(exchange.bearer, kToken);
      lines.push_back(exchange.Line());
    }
    return lines;
  }
  Deadline Soon() { return After(clock_, absl::Minutes(5)); }

  FakeClock clock_{absl::FromUnixSeconds(1'795'428'000)};
  http::FakeServer server_;
  http::RetryState retry_{[] { return uint64_t{0}; }};
};

}  // namespace patform::pull_requests
