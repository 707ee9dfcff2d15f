#include "engine/comment/publish.h"

#include <vector>

#include "engine/base/status.h"

namespace patform {
namespace {

using What = CommentDecision::What;

// The first answer may be lost, and so may the second; a host that loses more
// of them is in trouble, and each one may still turn up as a comment.
constexpr int kMaxPosts = 2;

// If there are several comments of ours the oldest stays. There are two where
// another run posts between our look and our post, or where an answer was lost
// and a list did not show it yet. Only what reads like our text, or like the
// oldest, is taken back: anything else may be somebody's reply to it.
absl::Status LeaveOne(PullRequest& pull_request, const CommentText& text,
                      const std::vector<PullRequestComment>& comments,
                      Deadline deadline) {
  const std::vector<PullRequestComment> ours =
      OurComments(comments, text.marker);
  for (size_t i = 1; i < ours.size(); ++i) {
    if (!SaysTheSame(ours[i].body, text) && ours[i].body != ours.front().body) {
      continue;
    }
    absl::Status removed = pull_request.Remove(ours[i].id, deadline);
    // The other run may have seen the same and been faster.
    if (!removed.ok() && !absl::IsNotFound(removed)) return removed;
  }
  return absl::OkStatus();
}

// Posts, or finds out that an earlier try has; edits what that one left.
absl::Status PostOnce(PullRequest& pull_request, const CommentText& text,
                      Deadline deadline) {
  // Outline: post; look; take back what is double; edit, if an older comment is
  // ours; and once more only if the answer was lost and no comment is there.
  for (int tries = 1;; ++tries) {
    const absl::StatusOr<std::string> posted =
        pull_request.Post(text.body, deadline);
    // A definite refusal: nothing was posted.
    if (!posted.ok() && !absl::IsUnknown(posted.status())) {
      return posted.status();
    }
    // Is it there, and is it the only one?
    const absl::StatusOr<std::vector<PullRequestComment>> comments =
        pull_request.Comments(deadline);
    if (!comments.ok()) {
      if (posted.ok()) return comments.status();
      return Annotate(posted.status(),
                      "the comment may have been posted, and looking for it "
                      "failed; the next run finds it");
    }
    // Two runs may have posted at once: each takes back its own if it came
    // second.
    PATFORM_RETURN_IF_ERROR(LeaveOne(pull_request, text, *comments, deadline));
    const CommentDecision decision = DecideComment(*comments, text);
    // An older one, with another text, is ours: it is brought up to date.
    if (decision.what == What::kEdit) {
      return pull_request.Edit(decision.id, text.body, deadline);
    }
    // A list that lags does not show what was posted: that it was is enough.
    if (posted.ok() || decision.what == What::kNothing) {
      return absl::OkStatus();
    }
    if (tries >= kMaxPosts) return posted.status();
  }
}

}  // namespace

// The comment first, then the status: a status that announces a plan which
// cannot be read yet helps nobody.
absl::StatusOr<Published> Publish(
    PullRequest& pull_request, const CommentText& text,
    const std::optional<PullRequestStatus>& status, Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(const std::vector<PullRequestComment> comments,
                           pull_request.Comments(deadline));
  // Also what an earlier run left double.
  PATFORM_RETURN_IF_ERROR(LeaveOne(pull_request, text, comments, deadline));
  const CommentDecision decision = DecideComment(comments, text);
  Published published;
  published.comment = decision.what;
  published.exists = !decision.id.empty() || decision.what == What::kPost;
  switch (decision.what) {
    case What::kNothing:
      break;
    case What::kPost:
      PATFORM_RETURN_IF_ERROR(PostOnce(pull_request, text, deadline));
      break;
    case What::kEdit:
      PATFORM_RETURN_IF_ERROR(
          pull_request.Edit(decision.id, text.body, deadline));
      break;
  }
  if (status) {
    PATFORM_ASSIGN_OR_RETURN(published.status_changed,
                             pull_request.SetStatus(*status, deadline));
  }
  return published;
}

}  // namespace patform
