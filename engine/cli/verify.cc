#include "engine/base/strings.h"
#include "engine/cli/cli.h"

namespace patform::cli {

int Verify(const Arguments& arguments, World& world) {
  std::optional<SavedPlan> saved;
  int exit_code = kDone;
  if (!LoadPlanOrSay(arguments, world, saved, exit_code)) return exit_code;
  PipelineRequest request = RequestOf(arguments, world);
  if (saved) request.plan = OptionsOf(*saved, request.plan);
  const std::optional<Planned> planned =
      PlanOrSay(arguments, world, request, exit_code);
  if (!planned) return exit_code;
  if (!ReleaseOrSay(arguments, world, saved, *planned, exit_code)) {
    return exit_code;
  }
  const patform::Plan& plan = planned->plan;
  const int changes = static_cast<int>(plan.approval.changes.size());
  if (changes == 0) {
    *world.out << "Nothing in the plan needs an approval.\n";
  } else {
    *world.out << "Approved: " << Count(changes, "change") << " of the plan, "
               << plan.digest << "\n";
  }
  for (const Finding& finding : plan.findings) {
    *world.err << "patform: " << Word(finding.severity) << ": " << finding.rule
               << ": " << Visible(finding.address)
               << (finding.address.empty() ? "" : " ") << Visible(finding.what)
               << "\n";
  }
  return PlanExitCode(plan);
}

}  // namespace patform::cli
