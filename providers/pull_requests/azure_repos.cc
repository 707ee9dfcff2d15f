#include "providers/pull_requests/azure_repos.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/http/url.h"
#include "providers/pull_requests/azure_repos_api.h"
#include "providers/pull_requests/errors.h"

// A comment is a thread of its own, with the plan as its first and only
// comment. The bodies are read and written in azure_repos_api.cc.
namespace patform::pull_requests {
namespace {

constexpr char kVersion[] = "?api-version=7.1";
// This resource has never left its preview.
constexpr char kConnectionData[] =
    "/_apis/connectionData?api-version=7.1-preview.1";

class AzureRepos : public PullRequest {
 public:
  explicit AzureRepos(std::unique_ptr<Host> host) : host_(std::move(host)) {
    // Names of projects have spaces and letters of any alphabet; the repository
    // is its id or its name.
    const PullRequestTarget& target = host_->target();
    path_ = absl::StrCat(
        "/", PercentEncode(target.project), "/_apis/git/repositories/",
        PercentEncode(target.repository), "/pullRequests/", target.number, "/");
  }

  absl::StatusOr<std::vector<PullRequestComment>> Comments(
      Deadline deadline) override {
    // First, for ParseThreads() has to know which comments are this build's
    // own.
    PATFORM_RETURN_IF_ERROR(LearnIdentity(deadline));
    const Purpose purpose{"reading the comments"};
    // Without pages: this resource lists all threads at once.
    PATFORM_ASSIGN_OR_RETURN(
        const http::Response answer,
        host_->Send("GET", Path("threads"), "", purpose, deadline));
    auto comments = azure_repos::ParseThreads(answer.body.Reveal(), *identity_);
    if (!comments) return Unreadable("list of threads", purpose);
    return *std::move(comments);
  }

  absl::StatusOr<std::string> Post(const std::string& body,
                                   Deadline deadline) override {
    // `true`: sent twice, it would be two comments.
    const Purpose purpose{"posting the comment", true};
    PATFORM_ASSIGN_OR_RETURN(
        const http::Response answer,
        host_->Send("POST", Path("threads"), azure_repos::ThreadJson(body),
                    purpose, deadline));
    auto id = azure_repos::ParsePosted(answer.body.Reveal());
    if (!id) return Unreadable("id", purpose);
    return *std::move(id);
  }

  absl::Status Edit(const std::string& id, const std::string& body,
                    Deadline deadline) override {
    return host_
        // PATCH changes the text and keeps the thread, with its replies and its
        // place.
        ->Send("PATCH", Path(azure_repos::CommentPath(id)),
               azure_repos::CommentJson(body), {"editing the comment"},
               deadline)
        .status();
  }

  absl::Status Remove(const std::string& id, Deadline deadline) override {
    return host_
        ->Send("DELETE", Path(azure_repos::CommentPath(id)), "",
               {"removing the comment"}, deadline)
        .status();
  }

  absl::StatusOr<bool> SetStatus(const PullRequestStatus& status,
                                 Deadline deadline) override {
    // Read first: each POST adds a status to the list that people see, even if
    // it repeats the newest one.
    const Purpose reading{"reading the statuses"};
    PATFORM_ASSIGN_OR_RETURN(
        const http::Response listed,
        host_->Send("GET", Path("statuses"), "", reading, deadline));
    const auto current =
        azure_repos::StandsAlready(listed.body.Reveal(), status);
    if (!current) return Unreadable("list of statuses", reading);
    // Says that nothing was sent.
    if (*current) return false;
    // The newest of a name counts: sent twice it is the same status twice.
    const absl::Status sent =
        host_
            ->Send("POST", Path("statuses"),
                   azure_repos::StatusJson(status, host_->target().run_url),
                   {"setting the status"}, deadline)
            .status();
    if (!sent.ok()) return sent;
    return true;
  }

 private:
  std::string Path(const std::string& resource) const {
    return absl::StrCat(path_, resource, kVersion);
  }

  // Who the token is. Where a server does not answer that, only the marker
  // decides whose a comment is; it refuses edits of other people's anyway.
  absl::Status LearnIdentity(Deadline deadline) {
    if (identity_) return absl::OkStatus();
    const absl::StatusOr<http::Response> answer =
        host_->Send("GET", kConnectionData, "",
                    {"asking whose SYSTEM_ACCESSTOKEN is"}, deadline);
    // An answer without an id counts as one that does not tell.
    if (answer.ok()) {
      identity_ =
          azure_repos::ParseIdentity(answer->body.Reveal()).value_or("");
      return absl::OkStatus();
    }
    // Permission denied and not found: some servers hide this resource.
    // Anything else, such as an expired token, would fail again with each call
    // that follows.
    if (!absl::IsPermissionDenied(answer.status()) &&
        !absl::IsNotFound(answer.status())) {
      return answer.status();
    }
    identity_ = "";
    return absl::OkStatus();
  }

  const std::unique_ptr<Host> host_;
  std::string path_;
  std::optional<std::string> identity_;
};

}  // namespace

std::unique_ptr<PullRequest> OpenAzureRepos(std::unique_ptr<Host> host) {
  return std::make_unique<AzureRepos>(std::move(host));
}

}  // namespace patform::pull_requests
