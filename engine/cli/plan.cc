#include "engine/base/strings.h"
#include "engine/cli/cli.h"
#include "engine/report/formats.h"

namespace patform::cli {

std::string RenderAs(const Arguments& arguments, const World& world,
                     const patform::Plan& plan) {
  return RenderPlanAs(arguments.format, plan,
                      StyleFor(arguments, world, world.out_is_terminal));
}

int WriteViewsOrSay(const Arguments& arguments, World& world,
                    const patform::Plan& plan) {
  for (const auto& [format, path] : arguments.into) {
    const int code =
        WriteOrSay(world, path, RenderPlanAs(format, plan, Style(false)));
    if (code != kDone) return code;
  }
  return kDone;
}

int PlanExitCode(const Arguments& arguments, const patform::Plan& plan) {
  const int code = PlanExitCode(plan);
  if (code == kDone && arguments.detailed_exitcode && !plan.empty()) {
    return kChanges;
  }
  return code;
}

int Plan(const Arguments& arguments, World& world) {
  const PipelineRequest request = RequestOf(arguments, world);
  // Before anything is read: a key that will not do is known now.
  const absl::StatusOr<Secret> key = PlanKey(world);
  if (!key.ok()) return Fail(world, key.status());
  int exit_code = kDone;
  const std::optional<Planned> planned =
      PlanOrSay(arguments, world, request, exit_code);
  if (!planned) return exit_code;
  *world.out << RenderAs(arguments, world, planned->plan);
  exit_code = WriteViewsOrSay(arguments, world, planned->plan);
  if (exit_code != kDone) return exit_code;
  if (!arguments.out.empty()) {
    const SavedPlan saved = SavePlan(planned->plan, request.plan,
                                     planned->desired, planned->actual);
    exit_code =
        WriteOrSay(world, arguments.out, WritePlan(saved, key->Reveal()));
    if (exit_code != kDone) return exit_code;
    *world.err << "Saved the plan to " << Visible(arguments.out)
               << (key->empty() ? "" : ", signed")
               << ". To do exactly this: patform apply "
               << Visible(arguments.out) << "\n";
  }
  return PlanExitCode(arguments, planned->plan);
}

}  // namespace patform::cli
