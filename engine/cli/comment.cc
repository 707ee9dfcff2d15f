#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"
#include "engine/cli/cli.h"
#include "engine/comment/decide.h"
#include "engine/comment/publish.h"
#include "engine/comment/target.h"
#include "engine/report/markdown.h"

namespace patform::cli {
namespace {

constexpr absl::Duration kDeadline = absl::Minutes(5);

CommentText TextFor(const SavedPlan& saved, const PullRequestTarget& target,
                    bool post_no_changes) {
  CommentText text;
  text.marker = MarkdownMarker(saved.plan);
  text.run_url = target.run_url;
  text.body = RenderPlanMarkdown(saved.plan,
                                 {CommentLimit(target.system), target.run_url});
  text.worth_posting = post_no_changes || WorthPosting(saved.plan);
  return text;
}

std::string Say(const Published& published, const PullRequestTarget& target) {
  using What = CommentDecision::What;
  switch (published.comment) {
    case What::kPost:
      return absl::StrCat("Posted the plan to ", target.ToString(), ".");
    case What::kEdit:
      return absl::StrCat("Updated the comment of ", target.ToString(), ".");
    case What::kNothing:
      break;
  }
  if (published.exists) {
    return absl::StrCat("The comment of ", target.ToString(),
                        " says so already.");
  }
  return absl::StrCat("No changes, and no comment of ", target.ToString(),
                      " to say it in: nothing was posted.");
}

}  // namespace

int Comment(const Arguments& arguments, World& world) {
  std::optional<SavedPlan> saved;
  int exit_code = kDone;
  if (!LoadPlanOrSay(arguments, world, saved, exit_code)) return exit_code;
  const absl::StatusOr<PullRequestTarget> target =
      FindPullRequest(world.environment, *world.files);
  if (arguments.dry_run) {
    // Anywhere: what it looks like is worth a look outside of a CI, too.
    *world.err << "patform: would be posted to "
               << (target.ok() ? target->ToString()
                               : "a pull request, but this is no job of one")
               << "; nothing was sent\n";
    *world.out << TextFor(*saved, target.value_or(PullRequestTarget()),
                          arguments.post_no_changes)
                      .body;
    return kDone;
  }
  if (!target.ok()) return Fail(world, target.status());
  const absl::StatusOr<std::unique_ptr<PullRequest>> pull_request =
      world.pull_request(*target, arguments.allow_hosts);
  if (!pull_request.ok()) return Fail(world, pull_request.status());

  const CommentText text = TextFor(*saved, *target, arguments.post_no_changes);
  std::optional<PullRequestStatus> status;
  if (!arguments.no_status) status = StatusOf(saved->plan);
  const absl::StatusOr<Published> published =
      Publish(**pull_request, text, status, After(*world.clock, kDeadline));
  if (!published.ok()) return Fail(world, published.status());
  *world.out << Say(*published, *target) << "\n";
  if (published->status_changed) {
    *world.out << "Set the status patform/" << Visible(status->name) << ": "
               << Visible(status->description) << "\n";
  }
  return kDone;
}

}  // namespace patform::cli
