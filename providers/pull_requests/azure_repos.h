#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "engine/ports/pull_request.h"
#include "providers/pull_requests/host.h"

namespace patform::pull_requests {

// A pull request of Azure Repos. The plan is a thread of its own; it is ours
// if the identity of the token wrote it.
std::unique_ptr<PullRequest> OpenAzureRepos(std::unique_ptr<Host> host);

}  // namespace patform::pull_requests
