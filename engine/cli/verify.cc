#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/cli/command.h"
#include "engine/cli/flags.h"
#include "engine/cli/output.h"
#include "engine/cli/planning.h"
#include "engine/cli/release.h"
#include "engine/report/answer.h"

namespace patform::cli {
namespace {

// They are part of what was approved, and the exit code follows from them.
void SayFindings(Ports& ports, const Plan& plan) {
  for (const Finding& finding : plan.findings) {
    ports.terminal->err << "patform: " << Word(finding.severity) << ": "
                        << finding.rule << ": " << Visible(finding.address)
                        << (finding.address.empty() ? "" : " ")
                        << Visible(finding.what) << "\n";
  }
}

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  PATFORM_ASSIGN_OR_RETURN(const std::optional<SavedPlan> saved,
                           LoadNamedPlan(arguments, ports));
  PipelineRequest request = RequestOf(arguments, ports);
  if (saved) request.plan = OptionsOf(*saved, request.plan);
  PATFORM_ASSIGN_OR_RETURN(Planned made, MakePlan(arguments, ports, request));
  const Planned& planned = Kept(std::move(made));
  // Only whether it may be released is asked here, and not what.
  PATFORM_RETURN_IF_ERROR(
      ReleasePlan(arguments, ports, saved, planned).status());
  const Plan& plan = planned.plan;
  const int changes = plan.policy_changes;
  if (arguments.format == "json") {
    ports.terminal->out << Answer()
                               .Flag("approved", true)
                               .Number("changes", changes)
                               .Text("digest", plan.digest)
                               .Line();
    SayFindings(ports, plan);
    return PlanExitCode(plan);
  }
  // Rotations that are due are maintenance and have nothing to be approved.
  if (changes == 0) {
    ports.terminal->out << "Nothing in the plan needs an approval.\n";
  } else {
    ports.terminal->out << "Approved: " << Count(changes, "change")
                        << " of the plan, " << plan.digest << "\n";
  }
  SayFindings(ports, plan);
  return PlanExitCode(plan);
}

}  // namespace

Command VerifyCommand() {
  Flag digest = DigestFlag("", "what `plan` printed when it was approved");
  digest.required = true;
  Flag plan = PlanArgument();
  plan.help = "the saved plan of that digest";
  plan.required = false;
  return {.name = "verify",
          .what = "Is the plan still the approved one? Changes nothing",
          .example =
              "patform verify sha256:…           # 0: it is, 6: it is "
              "not\n"
              "  patform verify sha256:… plan.json # shows what differs",
          .arguments = {digest, plan},
          .flags = Join({PlanningFlags(), {SnapshotFlag()}}),
          .run = Run,
          .only_reads = true};
}

}  // namespace patform::cli
