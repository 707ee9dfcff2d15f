#include "providers/pull_requests/pull_requests.h"

#include <utility>

#include "engine/base/status.h"
#include "providers/pull_requests/azure_repos.h"
#include "providers/pull_requests/github.h"

namespace patform::pull_requests {

absl::StatusOr<std::unique_ptr<PullRequest>> Open(Config config) {
  const PullRequestTarget::System system = config.target.system;
  PATFORM_ASSIGN_OR_RETURN(std::unique_ptr<Host> host,
                           Host::Make(std::move(config)));
  if (system == PullRequestTarget::System::kGitHub) {
    return OpenGitHub(std::move(host));
  }
  return OpenAzureRepos(std::move(host));
}

}  // namespace patform::pull_requests
