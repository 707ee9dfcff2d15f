#include "providers/emulator/code_hosts/code_hosts.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "providers/emulator/auth.h"
#include "providers/emulator/tokens/wire.h"

// Pull requests and the tokens of jobs, for both hosts, in memory. Lookups are
// linear: a test has a handful of them.
namespace patform::emulator {
namespace {

// Names have no case at either host.
bool Same(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(AbslView(a), AbslView(b));
}

}  // namespace

HostPullRequest& CodeHosts::Add(HostPullRequest wanted) {
  HostPullRequest* found =
      wanted.github ? FindGitHub(wanted.owner, wanted.repository, wanted.number)
                    : FindAzure(wanted.owner, wanted.project, wanted.repository,
                                wanted.number);
  // Made once: asking again gives the same one, with its comments.
  if (found != nullptr) return *found;
  pull_requests_.push_back(std::move(wanted));
  return pull_requests_.back();
}

HostPullRequest* CodeHosts::FindAzure(std::string_view organization,
                                      std::string_view project,
                                      std::string_view repository,
                                      int64_t number) {
  for (HostPullRequest& pull : pull_requests_) {
    // By name or by id, as in URLs of the hosted service.
    if (!pull.github && pull.number == number &&
        Same(pull.owner, organization) && Same(pull.project, project) &&
        (Same(pull.repository, repository) ||
         Same(pull.repository_id, repository))) {
      return &pull;
    }
  }
  return nullptr;
}

HostPullRequest* CodeHosts::FindGitHub(std::string_view owner,
                                       std::string_view name, int64_t number) {
  for (HostPullRequest& pull : pull_requests_) {
    if (pull.github && pull.number == number && Same(pull.owner, owner) &&
        Same(pull.repository, name)) {
      return &pull;
    }
  }
  return nullptr;
}

// The newest first, as GitHub lists them.
std::vector<const HostPullRequest*> CodeHosts::OfRepository(
    std::string_view owner, std::string_view name) const {
  std::vector<const HostPullRequest*> found;
  for (const HostPullRequest& pull : pull_requests_) {
    if (pull.github && Same(pull.owner, owner) && Same(pull.repository, name)) {
      found.insert(found.begin(), &pull);
    }
  }
  return found;
}

// Ids of comments are unique within a repository.
HostPullRequest* CodeHosts::FindGitHubComment(std::string_view owner,
                                              std::string_view name,
                                              int64_t id) {
  for (HostPullRequest& pull : pull_requests_) {
    if (!pull.github || !Same(pull.owner, owner) ||
        !Same(pull.repository, name)) {
      continue;
    }
    for (const HostThread& thread : pull.threads) {
      if (thread.id == id) return &pull;
    }
  }
  return nullptr;
}

// In the form that secret scanners and log masks expect of each.
std::string CodeHosts::MintToken(JobIdentity identity) {
  std::string token =
      absl::StrCat(identity.github ? "ghs_" : "job.",
                   Base64Url(RandomBytes(identity.github ? 27 : 48)));
  tokens_.emplace(token, std::move(identity));
  return token;
}

// Bearer, GitHub's older "token", or Basic with the token as password.
const JobIdentity* CodeHosts::Who(const http::ServerRequest& request) const {
  std::string token;
  if (const auto password = BasicPassword(request)) {
    token = *password;
  } else if (const auto header = request.Find("Authorization")) {
    constexpr std::string_view kSchemes[] = {"Bearer ", "token "};
    for (const std::string_view scheme : kSchemes) {
      if (absl::StartsWithIgnoreCase(AbslView(*header), AbslView(scheme))) {
        token = std::string(header->substr(scheme.size()));
      }
    }
  }
  const auto found = tokens_.find(token);
  return token.empty() || found == tokens_.end() ? nullptr : &found->second;
}

}  // namespace patform::emulator
