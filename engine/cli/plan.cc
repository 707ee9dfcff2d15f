#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/cli/command.h"
#include "engine/cli/flags.h"
#include "engine/cli/metrics.h"
#include "engine/cli/output.h"
#include "engine/cli/planning.h"
#include "engine/comment/target.h"
#include "engine/model/lifecycle_scopes.h"
#include "engine/saved/load.h"
#include "engine/saved/plan_file.h"

namespace patform::cli {
namespace {

// A plan of somebody else's changes should not be made by who could also apply
// them: in a pull request, and nowhere else, that is worth a note.
void SayWhatItCould(const Arguments& arguments, Ports& ports,
                    const Plan& plan) {
  if (arguments.quiet) return;
  // An opaque token does not tell.
  if (!plan.identity || !plan.identity->scopes) return;
  const std::vector<std::string> scopes = plan.identity->MintingScopes();
  if (scopes.empty()) {
    ports.terminal->err
        << "patform: the access token of this plan has the scopes "
        << Visible(plan.identity->scopes->text())
        << ": it can neither create nor revoke tokens\n";
    return;
  }
  if (!FindPullRequest(ports.environment, *ports.files).ok()) return;
  ports.terminal->err
      << "patform: the access token of this plan could also create and "
         "revoke tokens ("
      << absl::StrJoin(scopes, ", ")
      << "); where changes of others are planned, give it only " << kReaderScope
      << "\n";
}

absl::Status Save(const Arguments& arguments, Ports& ports,
                  const Planned& planned, const Secret& key) {
  const SavedPlan saved =
      SavePlan(planned.plan, planned.options, planned.desired, planned.actual);
  PATFORM_RETURN_IF_ERROR(
      WriteFile(ports, arguments.out, WritePlan(saved, key.Reveal())));
  ports.terminal->err << "Saved the plan to " << Visible(arguments.out)
                      << (key.empty() ? "" : ", signed") << ". ";
  if (Forbids(planned.plan.findings)) {
    ports.terminal->err << "It cannot be applied: a policy or guard forbids "
                           "it.\n";
  } else {
    ports.terminal->err << "To do exactly this: patform apply "
                        << Visible(arguments.out) << "\n";
  }
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  const PipelineRequest request = RequestOf(arguments, ports);
  // Before anything is read: a key that will not do is known now.
  PATFORM_ASSIGN_OR_RETURN(const Secret key, PlanKey(ports));
  PATFORM_RETURN_IF_ERROR(CheckMetrics(arguments, ports));
  PATFORM_ASSIGN_OR_RETURN(Planned made, MakePlan(arguments, ports, request));
  Planned& planned = Kept(std::move(made));
  Plan& plan = planned.plan;
  // What is shown here is what the file will show.
  if (!arguments.out.empty()) {
    plan.signature =
        key.empty() ? Plan::Signature::kNone : Plan::Signature::kGood;
  }
  SayWhatItCould(arguments, ports, plan);
  ports.terminal->out << RenderAs(arguments, ports, plan);
  // Even of a plan that breaks a rule: why it does is what a reviewer reads.
  PATFORM_RETURN_IF_ERROR(WriteViews(arguments, ports, plan));
  if (!arguments.out.empty()) {
    PATFORM_RETURN_IF_ERROR(Save(arguments, ports, planned, key));
  }
  if (!arguments.metrics.empty()) {
    PATFORM_RETURN_IF_ERROR(
        WriteMetrics(arguments, ports,
                     MakeStatus(planned.desired, planned.actual, plan, {})));
  }
  return PlanExitCode(arguments, plan);
}

}  // namespace

Command PlanCommand() {
  Flag now = NowFlag();
  now.help = "plan as if it were this instant (what-if)";
  return {.name = "plan",
          .what = "Show what apply would change; changes nothing",
          .example =
              "patform plan\n"
              "  patform plan --format json | jq .summary\n"
              "  patform plan --out plan.json && patform apply plan.json\n"
              "  patform plan --snapshot world.json   # no network\n"
              "  patform plan --format github --markdown-into plan.md\n"
              "  patform plan --html-into review.html   # a page for people\n"
              "  patform plan --detailed-exitcode   # 2: there are changes",
          .flags = Join({PlanningFlags(),
                         {SnapshotFlag()},
                         PlanFormatFlags(),
                         {OutFlag("save the plan, for show and apply; it holds "
                                  "no secret"),
                          now},
                         StatusMetricsFlags()}),
          .run = Run,
          .only_reads = true};
}

}  // namespace patform::cli
