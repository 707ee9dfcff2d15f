#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/clock.h"

namespace patform {

// Which pull request a job runs for, as the variables of its CI say. Never
// from the configuration or the plan: both come from the pull request.
struct PullRequestTarget {
  enum class System { kAzureRepos, kGitHub };

  System system = System::kAzureRepos;
  std::string base_url;    // of the collection, or of GitHub's API
  std::string project;     // Azure Repos alone
  std::string repository;  // its id or name; GitHub: OWNER/NAME
  int64_t number = 0;
  std::string run_url;  // a page that shows this run; "": not known

  // "pull request 17 of contoso/infra", made visible.
  std::string ToString() const;
};

// One comment of a pull request.
struct PullRequestComment {
  std::string id;  // what edits and removes it; means nothing to others
  std::string body;
  // Written by the identity that this program is signed in as, as far as the
  // host can tell.
  bool own = false;
};

// What a pull request shows of a plan beside its title.
struct PullRequestStatus {
  enum class State { kSucceeded, kFailed, kPending };

  std::string name;  // the workspace: one status each
  State state = State::kPending;
  std::string description;  // one line
};

// Port: one pull request's conversation. Calls block until their deadline.
// Errors: kUnauthenticated, kPermissionDenied (says what is missing),
// kNotFound, kResourceExhausted (rate limit), kUnavailable (nothing was done),
// kDataLoss; of a call that writes also kUnknown: it may have been done.
class PullRequest {
 public:
  virtual ~PullRequest() = default;
  // All of them, oldest first; those that were deleted are left out.
  virtual absl::StatusOr<std::vector<PullRequestComment>> Comments(
      Deadline deadline) = 0;
  // Its id.
  virtual absl::StatusOr<std::string> Post(const std::string& body,
                                           Deadline deadline) = 0;
  virtual absl::Status Edit(const std::string& id, const std::string& body,
                            Deadline deadline) = 0;
  virtual absl::Status Remove(const std::string& id, Deadline deadline) = 0;
  // True: it was changed. False: it stands so already, or this host keeps no
  // statuses of this kind.
  virtual absl::StatusOr<bool> SetStatus(const PullRequestStatus& status,
                                         Deadline deadline) = 0;
};

// Port: where pull requests are.
class CodeHosts {
 public:
  virtual ~CodeHosts() = default;
  // With the job's own token, which goes to the well-known hosts and to those
  // that the operator allows. Nothing is sent yet. kInvalidArgument: a host
  // that is not allowed; kUnauthenticated: the token is missing.
  virtual absl::StatusOr<std::unique_ptr<PullRequest>> Open(
      const PullRequestTarget& target,
      const std::vector<std::string>& allow_hosts) = 0;
};

}  // namespace patform
