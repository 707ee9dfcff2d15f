#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/plan/plan.h"
#include "engine/ports/pull_request.h"

namespace patform {

// What is to become of the one comment.
struct CommentText {
  std::string marker;   // the hidden words that our comment begins with
  std::string body;     // begins with `marker`
  std::string run_url;  // the link to this run in `body`; "": none
  // Worth a comment of its own: false where a plan has nothing to report, which
  // updates a comment that exists, but makes no new one.
  bool worth_posting = true;
};

struct CommentDecision {
  enum class What { kNothing, kPost, kEdit };

  What what = What::kNothing;
  std::string id;  // the comment that is ours, if there is one
};

// Pure: the one comment of ours among `comments` (the oldest, if there should
// be several), and what makes it read `text`.
CommentDecision DecideComment(const std::vector<PullRequestComment>& comments,
                              const CommentText& text);

// The comments that are ours: written by us as far as the host can tell, with
// the marker at their very start. Quoting it makes nobody's comment ours.
std::vector<PullRequestComment> OurComments(
    const std::vector<PullRequestComment>& comments, std::string_view marker);

// Does `old_body` read like `text`? The number of the run in its link, line
// ends and spaces at the end do not count.
bool SaysTheSame(const std::string& old_body, const CommentText& text);

// The plan as a status: failed where a rule or a guard forbids it, pending
// where something could not be read, succeeded otherwise.
PullRequestStatus StatusOf(const Plan& plan);

// Has the plan anything to report?
bool WorthPosting(const Plan& plan);

}  // namespace patform
