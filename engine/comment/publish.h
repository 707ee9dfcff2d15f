#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/comment/decide.h"
#include "engine/ports/pull_request.h"

namespace patform {

struct Published {
  CommentDecision::What comment = CommentDecision::What::kNothing;
  bool exists = false;  // a comment of ours is there now
  bool status_changed = false;
};

// Makes our one comment read `text`, and sets `status` if there is one.
// Looks before it writes; a post whose answer was lost is looked for before
// another is sent. Two runs at once that both post leave one comment: each
// looks again, and takes back a later comment with the same text.
// Errors: those of the port; a status is only set once the comment is there.
absl::StatusOr<Published> Publish(
    PullRequest& pull_request, const CommentText& text,
    const std::optional<PullRequestStatus>& status, Deadline deadline);

}  // namespace patform
