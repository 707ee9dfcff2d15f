#include "providers/pull_requests/github.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/pull_requests/errors.h"
#include "providers/pull_requests/github_api.h"

// The plan is one comment of the conversation, which GitHub treats as that of
// an issue. No status is set here: the job that runs this is a check already.
namespace patform::pull_requests {
namespace {

// 5,000 comments, more than a pull request can have (2,500).
constexpr int kMaxPages = 50;
constexpr int kPerPage = 100;

class GitHub : public PullRequest {
 public:
  explicit GitHub(std::unique_ptr<Host> host)
      : host_(std::move(host)),
        repository_(absl::StrCat("/repos/", host_->target().repository)) {}

  absl::StatusOr<std::vector<PullRequestComment>> Comments(
      Deadline deadline) override {
    PATFORM_RETURN_IF_ERROR(LearnIdentity(deadline));
    const Purpose purpose{"reading the comments"};
    std::vector<PullRequestComment> all;
    // By number: a page's Link header names the next one, but with an address,
    // and no address that a server sends is followed.
    for (int page = 1; page <= kMaxPages; ++page) {
      PATFORM_ASSIGN_OR_RETURN(
          const http::Response answer,
          host_->Send(
              "GET",
              absl::StrCat(Comments(), "?per_page=", kPerPage, "&page=", page),
              "", purpose, deadline));
      auto comments = github::ParseComments(answer.body.Reveal(), *identity_);
      if (!comments) return Unreadable("list of comments", purpose);
      for (PullRequestComment& comment : *comments) {
        all.push_back(std::move(comment));
      }
      if (!github::HasNextPage(answer)) return all;
    }
    // Half of the comments might lack our own, and a second one would be
    // posted.
    return absl::DataLossError(absl::StrCat(
        purpose.doing, ": GitHub sends pages without an end; after ", kMaxPages,
        " of them patform gave up"));
  }

  absl::StatusOr<std::string> Post(const std::string& body,
                                   Deadline deadline) override {
    const Purpose purpose{"posting the comment", true};
    PATFORM_ASSIGN_OR_RETURN(
        const http::Response answer,
        host_->Send("POST", Comments(), github::CommentJson(body), purpose,
                    deadline));
    auto id = github::ParsePosted(answer.body.Reveal());
    if (!id) return Unreadable("id", purpose);
    return *std::move(id);
  }

  absl::Status Edit(const std::string& id, const std::string& body,
                    Deadline deadline) override {
    return host_
        ->Send("PATCH", Comment(id), github::CommentJson(body),
               {"editing the comment"}, deadline)
        .status();
  }

  absl::Status Remove(const std::string& id, Deadline deadline) override {
    return host_
        ->Send("DELETE", Comment(id), "", {"removing the comment"}, deadline)
        .status();
  }

  // False: nothing was sent.
  absl::StatusOr<bool> SetStatus(const PullRequestStatus&, Deadline) override {
    return false;
  }

 private:
  // A pull request is an issue, as far as its conversation goes.
  std::string Comments() const {
    return absl::StrCat(repository_, "/issues/", host_->target().number,
                        "/comments");
  }
  std::string Comment(const std::string& id) const {
    return absl::StrCat(repository_, "/issues/comments/", id);
  }

  // GITHUB_TOKEN belongs to an app, which has no user: GitHub answers 403. Then
  // every bot's comment with our marker counts as ours, see IsOwn().
  absl::Status LearnIdentity(Deadline deadline) {
    if (identity_) return absl::OkStatus();
    const Purpose purpose{"asking whose GITHUB_TOKEN is"};
    const absl::StatusOr<http::Response> answer =
        host_->Send("GET", "/user", "", purpose, deadline);
    if (answer.ok()) {
      identity_ = github::ParseUser(answer->body.Reveal());
      if (!identity_) return Unreadable("login", purpose);
      return absl::OkStatus();
    }
    if (!absl::IsPermissionDenied(answer.status()) &&
        !absl::IsNotFound(answer.status())) {
      return answer.status();
    }
    // Known now to be unknown, so that it is not asked again.
    identity_.emplace();
    return absl::OkStatus();
  }

  const std::unique_ptr<Host> host_;
  const std::string repository_;
  std::optional<github::Identity> identity_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<PullRequest>> OpenGitHub(
    std::unique_ptr<Host> host) {
  const std::string& name = host->target().repository;
  // It becomes part of a path.
  if (!github::IsRepository(name)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "GITHUB_REPOSITORY is \"", Visible(name), "\"; expected OWNER/NAME"));
  }
  return std::make_unique<GitHub>(std::move(host));
}

}  // namespace patform::pull_requests
