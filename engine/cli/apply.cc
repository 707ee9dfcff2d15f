#include <string>

#include "engine/cli/cli.h"
#include "engine/report/events.h"
#include "engine/report/progress.h"
#include "engine/report/text.h"

namespace patform::cli {
namespace {

bool Confirmed(World& world) {
  *world.err << "\nDo you want to do this?\n"
                "  Only \"yes\" is taken for an approval.\n\n"
                "  Enter a value: "
             << std::flush;
  std::string answer;
  std::getline(*world.in, answer);
  *world.err << "\n";
  return answer == "yes";
}

int ExitCodeOf(World& world, const patform::Plan& plan,
               const ApplyResult& result) {
  if (result.stopped) return ExitCodeForSignal(world.interrupted());
  const int failed = result.Count(Outcome::Kind::kFailed);
  const int incomplete = result.Count(Outcome::Kind::kIncomplete);
  if (failed + incomplete == 0) return PlanExitCode(plan);
  // Whatever was done before: without a new sign-in nothing more will be.
  for (const ApplyResult::Entry& entry : result.entries) {
    if (absl::IsUnauthenticated(entry.outcome.status)) return kSignIn;
  }
  if (incomplete > 0 || result.Count(Outcome::Kind::kDone) > 0) {
    return kPartial;
  }
  for (const ApplyResult::Entry& entry : result.entries) {
    if (entry.outcome.kind != Outcome::Kind::kFailed) continue;
    const ExitCode code = ExitCodeFor(entry.outcome.status);
    // What the service says of one token is not a fault of the file.
    return code == kUsage ? kError : code;
  }
  return kError;
}

}  // namespace

int Apply(const Arguments& arguments, World& world) {
  if (arguments.json) *world.out << RenderVersionEvent(world.clock->Now());
  PipelineRequest request = RequestOf(arguments, world);
  std::optional<SavedPlan> saved;
  int exit_code = kDone;
  if (!LoadPlanOrSay(arguments, world, saved, exit_code)) return exit_code;
  if (saved) request.plan = OptionsOf(*saved, request.plan);
  std::optional<Planned> planned =
      PlanOrSay(arguments, world, request, exit_code);
  if (!planned) return exit_code;
  // A guard that trips says more than that the plan is stale.
  if (!HasErrors(planned->plan.findings)) {
    std::optional<patform::Plan> released =
        ReleaseOrSay(arguments, world, saved, *planned, exit_code);
    if (!released) return exit_code;
    planned->plan = *std::move(released);
  }
  const bool approved = saved || !arguments.approve.empty();
  const patform::Plan& plan = planned->plan;
  const Style style = StyleFor(arguments, world, world.out_is_terminal);
  *world.out << (arguments.json ? RenderPlannedEvents(plan, world.clock->Now())
                                : RenderPlan(plan, style))
             << std::flush;
  if (!world.out->good()) {
    return Fail(world, absl::UnavailableError(
                           "the plan could not be written to standard output, "
                           "so nothing was changed"));
  }
  if (HasErrors(plan.findings)) {
    *world.err << "patform: a policy or guard forbids this; nothing was "
                  "changed\n";
    return PlanExitCode(plan);
  }
  if (!plan.empty() && !arguments.auto_approve && !approved) {
    if (!world.in_is_terminal) {
      return Fail(arguments, world,
                  absl::InvalidArgumentError(
                      "nobody can be asked (standard input is no "
                      "terminal) and --auto-approve was not given; "
                      "nothing was changed"));
    }
    if (!Confirmed(world)) {
      *world.err << "Not approved; nothing was changed.\n";
      return kError;
    }
  }
  TidySinks(world, planned->desired);
  ApplyResult result;
  if (!plan.empty()) {
    std::unique_ptr<ApplyListener> listener =
        arguments.json
            ? MakeEventStream(*world.out, *world.clock)
            : MakeProgress(*world.err, *world.clock,
                           StyleFor(arguments, world, world.err_is_terminal),
                           world.err_is_terminal && !arguments.quiet,
                           world.columns);
    absl::StatusOr<ApplyResult> applied =
        ApplyPlan(world, request, *planned, arguments.parallelism, *listener);
    if (!applied.ok()) return Fail(arguments, world, applied.status());
    result = *std::move(applied);
  }
  if (arguments.json) {
    *world.out << RenderSummaryEvent(result, world.clock->Now());
  } else if (!plan.empty()) {
    *world.out << RenderResult(result, style);
  }
  return ExitCodeOf(world, plan, result);
}

}  // namespace patform::cli
