#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "engine/ports/pull_request.h"
#include "providers/pull_requests/host.h"

namespace patform::pull_requests {

// A pull request of GitHub. A comment is ours if the user of the token wrote
// it, or, as a job's token is an app's that may not ask who it is, a bot. It
// keeps no status: a job is a check of its own there. kInvalidArgument for
// what is not OWNER/NAME.
absl::StatusOr<std::unique_ptr<PullRequest>> OpenGitHub(
    std::unique_ptr<Host> host);

}  // namespace patform::pull_requests
