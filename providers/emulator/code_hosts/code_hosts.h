#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "providers/emulator/http/server.h"
#include "providers/emulator/tokens/target.h"

namespace patform::emulator {

// Whose a token of a CI job is.
struct JobIdentity {
  std::string id;    // Azure: a GUID; GitHub: a number
  std::string name;  // what is shown; GitHub: the login
  bool github = false;
  bool app = false;  // GitHub: an app's installation, so no user
  bool may_read = true;
  bool may_write = true;
};

struct HostComment {
  int64_t id = 0;
  JobIdentity author;
  std::string body;
  bool system = false;  // Azure: written by the service itself
  bool deleted = false;
  absl::Time created;
  absl::Time updated;
};

// On GitHub a thread has one comment and its id is the comment's.
struct HostThread {
  int64_t id = 0;
  std::string status;  // Azure; empty: none
  std::vector<HostComment> comments;
};

struct HostStatus {
  int64_t id = 0;
  std::string state, description, name, genre, url;
  JobIdentity creator;
  absl::Time created;
};

struct HostPullRequest {
  bool github = false;
  std::string owner;    // the organization
  std::string project;  // Azure only
  std::string repository;
  std::string repository_id;  // Azure only
  int64_t number = 0;
  std::string head_sha;  // GitHub only
  std::vector<HostThread> threads;
  std::vector<HostStatus> statuses;
};

// The pull requests of Azure Repos and of GitHub that jobs of a CI run for,
// and the tokens that those jobs have. In memory. Not for two threads at once.
class CodeHosts {
 public:
  // Makes the pull request, unless it is there.
  HostPullRequest& Add(HostPullRequest wanted);

  // Azure: repository by its id or name.
  HostPullRequest* FindAzure(std::string_view organization,
                             std::string_view project,
                             std::string_view repository, int64_t number);
  HostPullRequest* FindGitHub(std::string_view owner, std::string_view name,
                              int64_t number);
  // All that are open in that repository, the newest first.
  std::vector<const HostPullRequest*> OfRepository(std::string_view owner,
                                                   std::string_view name) const;
  // The pull request and the thread of a comment of that repository.
  HostPullRequest* FindGitHubComment(std::string_view owner,
                                     std::string_view name, int64_t id);

  std::string MintToken(JobIdentity identity);
  // The token of a Bearer, or the password of Basic; null: none that is known
  // here.
  const JobIdentity* Who(const http::ServerRequest& request) const;

  int64_t NextId() { return ++last_id_; }

 private:
  std::deque<HostPullRequest> pull_requests_;  // addresses stay
  std::map<std::string, JobIdentity, std::less<>> tokens_;
  int64_t last_id_ = 1000;
};

}  // namespace patform::emulator
