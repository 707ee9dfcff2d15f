#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "engine/base/status.h"
#include "engine/cli/command.h"
#include "engine/cli/failure.h"
#include "engine/cli/flags.h"
#include "engine/cli/metrics.h"
#include "engine/cli/output.h"
#include "engine/cli/planning.h"
#include "engine/cli/release.h"
#include "engine/plan/maintenance.h"
#include "engine/report/events.h"
#include "engine/report/progress.h"
#include "engine/report/text.h"

namespace patform::cli {
namespace {

// To `err`: what is on `out` may be kept in a file, which nobody could answer.
bool Confirmed(Ports& ports) {
  ports.terminal->err << "\nDo you want to do this?\n"
                         "  Only \"yes\" will be accepted to approve.\n\n"
                         "  Enter a value: "
                      << std::flush;
  std::string answer;
  std::getline(ports.terminal->in, answer);
  ports.terminal->err << "\n";
  return answer == "yes";
}

ExitCode ExitCodeOf(Ports& ports, const Plan& plan, const ApplyResult& result) {
  // Whatever was done or failed before: the user ended it.
  if (result.stopped) return ExitCodeForSignal(ports.run->Signal());
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
  // Nothing was done at all: the first failure tells why.
  for (const ApplyResult::Entry& entry : result.entries) {
    if (entry.outcome.kind != Outcome::Kind::kFailed) continue;
    const ExitCode code = ExitCodeFor(entry.outcome.status);
    // What the service says of one token is not a fault of the file.
    return code == kUsage ? kError : code;
  }
  return kError;
}

// The plan of this run, and of that what may be done.
absl::StatusOr<Planned> MakeReleasedPlan(const Arguments& arguments,
                                         Ports& ports,
                                         const std::optional<SavedPlan>& saved,
                                         const PipelineRequest& request) {
  PATFORM_ASSIGN_OR_RETURN(Planned planned,
                           MakePlan(arguments, ports, request));
  if (arguments.maintenance) {
    Maintenance maintenance = MaintenanceOf(planned.desired, planned.actual,
                                            planned.options, planned.plan);
    planned.desired = std::move(maintenance.desired);
    planned.plan = std::move(maintenance.plan);
  }
  // A guard that trips says more than that the plan is stale.
  if (Forbids(planned.plan.findings)) return planned;
  PATFORM_ASSIGN_OR_RETURN(planned.plan,
                           ReleasePlan(arguments, ports, saved, planned));
  return planned;
}

// Shows the plan. Nobody can have approved what nobody could read.
absl::Status Show(const Arguments& arguments, Ports& ports, const Plan& plan) {
  ports.terminal->out
      << (arguments.json
              ? RenderPlannedEvents(plan, ports.clock->Now())
              : RenderPlan(plan, StyleFor(arguments, ports,
                                          ports.terminal->out_is_terminal)))
      << std::flush;
  if (ports.terminal->out.good()) return absl::OkStatus();
  return absl::UnavailableError(
      "the plan could not be written to standard output, so nothing was "
      "changed");
}

// Asks, where that is needed. False: the user said no.
absl::StatusOr<bool> IsApproved(const Arguments& arguments, Ports& ports,
                                bool approved_before, const Plan& plan) {
  if (plan.empty() || arguments.auto_approve || approved_before) return true;
  if (!ports.terminal->in_is_terminal) {
    return absl::InvalidArgumentError(
        "cannot ask for approval: standard input is not a terminal; nothing "
        "was changed. Pass --auto-approve");
  }
  if (Confirmed(ports)) return true;
  ports.terminal->err << "Not approved; nothing was changed.\n";
  return false;
}

absl::StatusOr<ApplyResult> Perform(const Arguments& arguments, Ports& ports,
                                    const PipelineRequest& request,
                                    const Planned& planned) {
  if (planned.plan.empty()) return ApplyResult();
  ProgressOptions options;
  options.style = StyleFor(arguments, ports, ports.terminal->err_is_terminal);
  options.terminal = ports.terminal->err_is_terminal && !arguments.quiet;
  options.columns = ports.terminal->columns;
  options.changes = static_cast<int>(planned.plan.changes.changes.size());
  const std::unique_ptr<ApplyProgress> progress =
      arguments.json ? MakeEventStream(ports.terminal->out, *ports.clock)
                     : MakeProgress(ports.terminal->err, *ports.clock, options);
  if (!arguments.quiet) {
    ports.tokens->OnWait(
        [&progress](const Waiting& waiting) { progress->Waits(waiting); });
  }
  absl::StatusOr<ApplyResult> result =
      ApplyPlan(ports, request, planned, arguments.parallelism, *progress);
  ports.tokens->OnWait({});
  return result;
}

// What may be done: planned, shown and approved.
struct Order {
  PipelineRequest request;
  Planned planned;
  std::optional<ExitCode> instead;  // nothing is to be done, and this is why
  bool declined = false;            // by whoever was asked
};

absl::StatusOr<Order> TakeOrder(const Arguments& arguments, Ports& ports) {
  Order order;
  order.request = RequestOf(arguments, ports);
  PATFORM_ASSIGN_OR_RETURN(const std::optional<SavedPlan> saved,
                           LoadNamedPlan(arguments, ports));
  if (saved) order.request.plan = OptionsOf(*saved, order.request.plan);
  PATFORM_ASSIGN_OR_RETURN(
      order.planned, MakeReleasedPlan(arguments, ports, saved, order.request));
  const Plan& plan = order.planned.plan;
  PATFORM_RETURN_IF_ERROR(Show(arguments, ports, plan));
  // Not an error of the run: the plan is shown, and its exit code is the
  // answer.
  if (Forbids(plan.findings)) {
    ports.terminal->err
        << "patform: a policy or guard forbids this; nothing was "
           "changed\n";
    order.instead = PlanExitCode(plan);
    return order;
  }
  PATFORM_ASSIGN_OR_RETURN(
      const bool approved,
      IsApproved(arguments, ports,
                 saved || !arguments.approve.empty() || arguments.maintenance,
                 plan));
  if (!approved) {
    order.instead = kError;
    order.declined = true;
  }
  return order;
}

// For a run that failed before anything was planned: the workspace, if its
// configuration can be read at all.
std::string WorkspaceOf(const Arguments& arguments, Ports& ports) {
  std::vector<Diagnostic> reported_before;
  const absl::StatusOr<DesiredState> desired =
      LoadDesired(ports, RequestOf(arguments, ports), reported_before);
  return desired.ok() ? desired->workspace : "";
}

// What --metrics asks for, of a run that ends with `code`; and the code that it
// ends with now. Whatever the run was worth already, it is worth no less for a
// file that cannot be written, and nothing better may be claimed.
absl::StatusOr<ExitCode> AndTell(const Arguments& arguments, Ports& ports,
                                 LastApply last,
                                 const absl::StatusOr<ExitCode>& code) {
  if (arguments.metrics.empty()) return code;
  last.exit_code =
      code.ok() ? *code : ExitCodeFor(code.status(), ports.run->Signal());
  if (last.workspace.empty()) last.workspace = WorkspaceOf(arguments, ports);
  last.ended = ports.clock->Now();
  const absl::Status written = WriteMetrics(arguments, ports, last);
  if (written.ok()) return code;
  const ExitCode instead = Report(ports, written, arguments.json);
  if (!code.ok() || *code != kDone) return code;
  return instead;
}

absl::StatusOr<ExitCode> PerformOrder(const Arguments& arguments, Ports& ports,
                                      const Order& order, LastApply& last) {
  const auto& [request, planned, instead, declined] = order;
  const Plan& plan = planned.plan;
  // With an empty plan, too: the run that left something may have been the one
  // that made all changes.
  TidySinks(ports, planned.desired);
  PATFORM_ASSIGN_OR_RETURN(const ApplyResult result,
                           Perform(arguments, ports, request, planned));
  for (const ApplyResult::Entry& entry : result.entries) {
    ++last.changes[entry.outcome.kind];
  }
  if (arguments.json) {
    for (const ApplyResult::FollowUp& each : result.follow_ups) {
      ports.terminal->out << RenderFollowUp(each, ports.clock->Now());
    }
    ports.terminal->out << RenderSummaryEvent(result, ports.clock->Now());
  } else if (!plan.empty()) {
    ports.terminal->out << RenderResult(
        plan, result,
        StyleFor(arguments, ports, ports.terminal->out_is_terminal));
  }
  return ExitCodeOf(ports, plan, result);
}

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  // First of all: whoever reads the stream knows what to expect of an error.
  ports.terminal->out_is_json = arguments.json;
  if (arguments.json)
    ports.terminal->out << RenderVersionEvent(ports.clock->Now());
  PATFORM_RETURN_IF_ERROR(CheckMetrics(arguments, ports));
  // Nothing is changed yet: whatever is waited for, an answer of the service or
  // one of the user, the first signal ends it.
  ports.run->EndAtSignal(true);
  const absl::StatusOr<Order> order = TakeOrder(arguments, ports);
  ports.run->EndAtSignal(false);
  LastApply last;
  if (!order.ok()) return AndTell(arguments, ports, last, order.status());
  // Somebody looked and said no: no apply took place.
  if (order->declined) return *order->instead;
  last.workspace = order->planned.desired.workspace;
  const absl::StatusOr<ExitCode> code =
      order->instead ? *order->instead
                     : PerformOrder(arguments, ports, *order, last);
  return AndTell(arguments, ports, std::move(last), code);
}

}  // namespace

Command ApplyCommand() {
  Flag plan = PlanArgument();
  plan.help = "a saved plan: do exactly this, or nothing";
  plan.required = false;
  return {.name = "apply",
          .what = "Plan, ask, then create, update, rotate and revoke",
          .example =
              "patform apply\n"
              "  patform apply --auto-approve   # in a pipeline\n"
              "  patform apply plan.json\n"
              "  patform apply --approve sha256:… plan.json\n"
              "  patform apply --maintenance    # every night\n"
              "  patform apply --rotate ci-packaging",
          .arguments = {plan},
          .flags = Join(
              {PlanningFlags(),
               {DigestFlag("--approve",
                           "do what was approved under this digest and is "
                           "still to be done, and maintenance; PLAN adds the "
                           "details"),
                {.names = "--maintenance",
                 .help = "do what is due, and nothing else; edits that wait "
                         "for approval are left alone (exit code 0)",
                 .target = &Arguments::maintenance},
                {.names = "-y,--auto-approve",
                 .help = "do not ask",
                 .target = &Arguments::auto_approve},
                {.names = "--parallelism",
                 .value = "N",
                 .help = "changes made at once (default 8)",
                 .target = &Arguments::parallelism,
                 .variable = "PATFORM_PARALLELISM",
                 .least = 1,
                 .most = 64},
                MetricsFlag()}}),
          .run = Run,
          .prints_events = true};
}

}  // namespace patform::cli
