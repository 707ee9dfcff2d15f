#pragma once

#include "absl/status/statusor.h"
#include "engine/base/environment.h"
#include "engine/ports/files.h"
#include "engine/ports/pull_request.h"

namespace patform {

// The pull request that this job runs for. Azure Pipelines: the SYSTEM_ and
// BUILD_ variables. GitHub Actions: the GITHUB_ variables and, where GITHUB_REF
// does not name the pull request, the event's file. Reads no token.
// kInvalidArgument: this is not a job of a pull request; the message names the
// variables that were looked for.
absl::StatusOr<PullRequestTarget> FindPullRequest(
    const EnvironmentLookup& environment, Files& files);

// The most characters that a comment may have there.
size_t CommentLimit(PullRequestTarget::System system);

}  // namespace patform
