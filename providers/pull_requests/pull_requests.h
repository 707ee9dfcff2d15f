#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "engine/ports/pull_request.h"
#include "providers/pull_requests/host.h"

namespace patform::pull_requests {

// The adapter for the system that the target is of. Errors as of Host::Make,
// and kInvalidArgument for a repository that none can be called.
absl::StatusOr<std::unique_ptr<PullRequest>> Open(Config config);

}  // namespace patform::pull_requests
