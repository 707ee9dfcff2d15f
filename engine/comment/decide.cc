#include "engine/comment/decide.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"
#include "engine/report/outline.h"

namespace patform {
namespace {

// As a host may give it back.
std::string Plain(const std::string& body) {
  std::string text = absl::StrReplaceAll(body, {{"\r\n", "\n"}});
  absl::StripTrailingAsciiWhitespace(&text);
  return text;
}

}  // namespace

// Whether the comment that is there already reads the same. A run that
// finds nothing new must not edit it: each edit is a notification.
bool SaysTheSame(const std::string& old_body, const CommentText& text) {
  const std::string old_plain = Plain(old_body), plain = Plain(text.body);
  if (old_plain == plain) return true;
  // A link ends in the run's number, and each run has another one: this is the
  // link without it.
  std::string stem = text.run_url;
  while (!stem.empty() &&
         absl::ascii_isdigit(static_cast<unsigned char>(stem.back()))) {
    stem.pop_back();
  }
  // Up to and including the link's stem both must be the same.
  const size_t at = plain.find(text.run_url);
  if (stem.empty() || stem == text.run_url || at == std::string::npos ||
      old_plain.compare(0, at + stem.size(), plain, 0, at + stem.size()) != 0) {
    return false;
  }
  size_t end = at + stem.size();
  while (end < old_plain.size() &&
         absl::ascii_isdigit(static_cast<unsigned char>(old_plain[end]))) {
    ++end;
  }
  // The link of the older run; put in the place of ours, the texts must be
  // equal.
  const std::string old_url = old_plain.substr(at, end - at);
  const std::vector<std::string> pieces = absl::StrSplit(plain, text.run_url);
  return absl::StrJoin(pieces, old_url) == old_plain;
}

// Whose a comment is and what it begins with: either alone could be imitated,
// by quoting or by a second program under the same build identity.
std::vector<PullRequestComment> OurComments(
    const std::vector<PullRequestComment>& comments, std::string_view marker) {
  std::vector<PullRequestComment> ours;
  for (const PullRequestComment& comment : comments) {
    if (comment.own && absl::StartsWith(comment.body, AbslView(marker))) {
      ours.push_back(comment);
    }
  }
  return ours;
}

// Nothing to say and nothing said: no comment is made. One that exists is
// edited, so that it does not go on showing an older plan.
CommentDecision DecideComment(const std::vector<PullRequestComment>& comments,
                              const CommentText& text) {
  using What = CommentDecision::What;
  const std::vector<PullRequestComment> ours =
      OurComments(comments, text.marker);
  if (ours.empty()) {
    return {text.worth_posting ? What::kPost : What::kNothing, ""};
  }
  // The oldest: people may have replied to it.
  const PullRequestComment& first = ours.front();
  return {SaysTheSame(first.body, text) ? What::kNothing : What::kEdit,
          first.id};
}

PullRequestStatus StatusOf(const Plan& plan) {
  using State = PullRequestStatus::State;
  PullRequestStatus status;
  // One status per workspace, so that two files of a repository do not
  // overwrite each other's.
  status.name = plan.workspace;
  status.description = plan.empty() ? "No changes." : RenderSummary(plan);
  // In this order: what is forbidden stays so, whatever else could not be read.
  if (Forbids(plan.findings)) {
    const auto errors = std::count_if(
        plan.findings.begin(), plan.findings.end(), [](const Finding& f) {
          return f.severity == Severity::kError && !f.lapsed;
        });
    status.state = State::kFailed;
    absl::StrAppend(&status.description, " Forbidden by ",
                    Count(errors, "rule"), ".");
  } else if (!plan.complete()) {
    // Pending blocks the merge as well, without blaming the change.
    status.state = State::kPending;
    absl::StrAppend(
        &status.description, " Incomplete: ",
        Count(static_cast<long long>(plan.changes.deferred.size()), "token"),
        " could not be decided.");
  } else {
    status.state = State::kSucceeded;
  }
  return status;
}

// Incomplete is worth saying even if nothing else is, and so is what ends.
bool WorthPosting(const Plan& plan) {
  const std::vector<Unrenewed>& ending = plan.changes.unrenewed;
  return !plan.empty() || !plan.findings.empty() || !plan.complete() ||
         std::any_of(ending.begin(), ending.end(), [&](const Unrenewed& each) {
           return each.IsShown(plan.as_of);
         });
}

}  // namespace patform
