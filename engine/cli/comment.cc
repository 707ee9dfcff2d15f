#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/cli/command.h"
#include "engine/cli/flags.h"
#include "engine/cli/release.h"
#include "engine/comment/decide.h"
#include "engine/comment/publish.h"
#include "engine/comment/target.h"
#include "engine/report/answer.h"
#include "engine/report/markdown.h"

namespace patform::cli {
namespace {

// A code host that is down must not hold a pipeline up for longer than that.
constexpr absl::Duration kDeadline = absl::Minutes(5);

CommentText TextFor(const SavedPlan& saved, const PullRequestTarget& target,
                    bool post_no_changes) {
  CommentText text;
  // The comment is found by its marker. The run's address is kept apart: it
  // differs in each run, which by itself is not a reason to edit anything.
  text.marker = MarkdownMarker(saved.plan);
  text.run_url = target.run_url;
  text.body = RenderPlanMarkdown(saved.plan,
                                 {CommentLimit(target.system), target.run_url});
  text.worth_posting = post_no_changes || WorthPosting(saved.plan);
  return text;
}

const char* WordFor(CommentDecision::What what) {
  switch (what) {
    case CommentDecision::What::kPost:
      return "posted";
    case CommentDecision::What::kEdit:
      return "updated";
    case CommentDecision::What::kNothing:
      break;
  }
  return "unchanged";
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
                        " shows this plan already.");
  }
  return absl::StrCat("No changes, and ", target.ToString(),
                      " has no comment of a plan: nothing was posted.");
}

// What it would look like is worth seeing outside of a CI system as well, so no
// pull request is needed.
void SayWhatWouldBePosted(const Arguments& arguments, Ports& ports,
                          const SavedPlan& saved,
                          const absl::StatusOr<PullRequestTarget>& target) {
  ports.terminal->err << "patform: would be posted to "
                      << (target.ok()
                              ? target->ToString()
                              : "a pull request, but this is not a job of one")
                      << "; nothing was sent\n";
  const std::string body = TextFor(saved, target.value_or(PullRequestTarget()),
                                   arguments.post_no_changes)
                               .body;
  ports.terminal->out << (arguments.format == "json"
                              ? Answer().Text("body", body).Line()
                              : body);
}

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  PATFORM_ASSIGN_OR_RETURN(const std::optional<SavedPlan> saved,
                           LoadNamedPlan(arguments, ports));
  const absl::StatusOr<PullRequestTarget> target =
      FindPullRequest(ports.environment, *ports.files);
  if (arguments.dry_run) {
    SayWhatWouldBePosted(arguments, ports, *saved, target);
    return kDone;
  }
  PATFORM_RETURN_IF_ERROR(target.status());
  // The job's own token is read here and not before: a dry run needs none.
  PATFORM_ASSIGN_OR_RETURN(
      const std::unique_ptr<PullRequest> pull_request,
      ports.code_hosts->Open(*target, arguments.allow_hosts));

  const CommentText text = TextFor(*saved, *target, arguments.post_no_changes);
  std::optional<PullRequestStatus> status;
  if (!arguments.no_status) status = StatusOf(saved->plan);
  PATFORM_ASSIGN_OR_RETURN(
      const Published published,
      Publish(*pull_request, text, status, After(*ports.clock, kDeadline)));
  if (arguments.format == "json") {
    ports.terminal->out << Answer()
                               .Text("comment", WordFor(published.comment))
                               .Flag("exists", published.exists)
                               .Text("pull_request", target->ToString())
                               .Flag("status_changed", published.status_changed)
                               .Line();
    return kDone;
  }
  ports.terminal->out << Say(published, *target) << "\n";
  if (published.status_changed) {
    ports.terminal->out << "Set the status patform/" << Visible(status->name)
                        << ": " << Visible(status->description) << "\n";
  }
  return kDone;
}

}  // namespace

Command CommentCommand() {
  return {
      .name = "comment",
      .what = "Post a saved plan to the pull request of this CI job",
      .example =
          "patform plan --out plan.json && patform comment plan.json\n"
          "  patform comment plan.json --dry-run   # prints it, sends nothing\n"
          "\n"
          "Azure Pipelines: SYSTEM_ACCESSTOKEN has to be mapped into the "
          "step.\n"
          "GitHub Actions: GITHUB_TOKEN, with pull-requests: write.",
      .arguments = {PlanArgument()},
      .flags = {{.names = "--dry-run",
                 .help = "print the comment and send nothing",
                 .target = &Arguments::dry_run},
                {.names = "--post-no-changes",
                 .help = "make a comment although the plan has no changes",
                 .target = &Arguments::post_no_changes},
                {.names = "--no-status",
                 .help = "Azure Repos: set no status beside the comment",
                 .target = &Arguments::no_status},
                AllowHostFlag()},
      .run = Run};
}

}  // namespace patform::cli
