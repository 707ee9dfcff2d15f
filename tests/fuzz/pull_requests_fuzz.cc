// Answers of Azure Repos and GitHub, and the event that names a pull request:
// the first byte is the status, the rest the body. What is not understood is
// an error that shows nothing unfit for a terminal; no comment of somebody
// else's is ever the one that is edited.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/comment/decide.h"
#include "engine/comment/target.h"
#include "providers/pull_requests/azure_repos_api.h"
#include "providers/pull_requests/errors.h"
#include "providers/pull_requests/github_api.h"
#include "tests/fakes/fake_files.h"
#include "tests/fuzz/fuzz.h"

namespace patform::pull_requests {
namespace {

constexpr size_t kLongestMessage = 4000;
constexpr char kMarker[] = "<!-- ours -->";

void CheckMessage(const absl::Status& status, std::string_view input) {
  const std::string message(status.message());
  FUZZ_CHECK(fuzz::FitForTerminal(message), message);
  FUZZ_CHECK(!message.empty() && message.size() < kLongestMessage, input);
}

// An id becomes a part of a path.
void CheckId(const std::string& id, std::string_view input) {
  FUZZ_CHECK(
      !id.empty() && id.find_first_not_of("0123456789/") == std::string::npos,
      input);
}

void CheckComments(const std::optional<std::vector<PullRequestComment>>& list,
                   std::string_view input) {
  if (!list) return;
  for (const PullRequestComment& comment : *list) CheckId(comment.id, input);
  const CommentText text = {kMarker, std::string(kMarker) + "new",
                            "https://ci/1", true};
  const CommentDecision decision = DecideComment(*list, text);
  if (decision.what == CommentDecision::What::kPost) return;
  FUZZ_CHECK(std::any_of(list->begin(), list->end(),
                         [&](const PullRequestComment& comment) {
                           return comment.id == decision.id && comment.own &&
                                  comment.body.rfind(kMarker, 0) == 0;
                         }),
             input);
}

void ReadBodies(std::string_view body) {
  CheckComments(azure_repos::ParseThreads(body, "me"), body);
  CheckComments(azure_repos::ParseThreads(body, ""), body);
  CheckComments(github::ParseComments(body, github::Identity{}), body);
  CheckComments(github::ParseComments(body, github::Identity{"me"}), body);
  if (const auto id = azure_repos::ParsePosted(body)) CheckId(*id, body);
  if (const auto id = github::ParsePosted(body)) CheckId(*id, body);
  azure_repos::ParseIdentity(body);
  azure_repos::StandsAlready(body, {"w"});
  github::ParseUser(body);
}

void ReadEvent(std::string_view body) {
  FakeFiles files;
  files.files["event"] = std::string(body);
  const std::vector<std::string> parts = fuzz::Parts(body, 4);
  for (const bool by_event : {true, false}) {
    const auto target = FindPullRequest(
        [&](const std::string& name) -> std::optional<std::string> {
          if (by_event && name == "GITHUB_EVENT_PATH") return "event";
          if (name == "GITHUB_ACTIONS" && by_event) return "true";
          if (name == "TF_BUILD") return "True";
          if (name == "BUILD_REPOSITORY_PROVIDER") return std::nullopt;
          return parts[name.size() % parts.size()];
        },
        files);
    if (target.ok()) {
      FUZZ_CHECK(target->number > 0, body);
      FUZZ_CHECK(fuzz::FitForTerminal(target->ToString()), body);
    } else {
      CheckMessage(target.status(), body);
    }
  }
}

FUZZ_TARGET(std::string_view input) {
  if (input.empty()) return;
  static constexpr int kStatuses[] = {200, 201, 203, 204, 302, 400, 401, 403,
                                      404, 409, 413, 422, 429, 500, 503, 599};
  const std::string_view body = input.substr(1);
  ReadBodies(body);
  ReadEvent(body.substr(0, 200));
  http::Response response;
  response.status = kStatuses[static_cast<uint8_t>(input[0]) % 16];
  response.headers = {{"Content-Type", "text/html"},
                      {"Retry-After", std::string(body.substr(0, 100))},
                      {"Link", std::string(body.substr(0, 100))}};
  response.body = Secret(body);
  github::HasNextPage(response);
  PullRequestTarget target;
  target.project = std::string(body.substr(0, 50));
  target.repository = "r";
  for (const auto system : {PullRequestTarget::System::kAzureRepos,
                            PullRequestTarget::System::kGitHub}) {
    target.system = system;
    for (const bool once : {true, false}) {
      const absl::Status error =
          AnswerError(response, target, {"posting the comment", once});
      FUZZ_CHECK(!error.ok(), body);
      CheckMessage(error, body);
    }
  }
}

}  // namespace
}  // namespace patform::pull_requests
