#include "engine/cli/cli.h"
#include "engine/report/json.h"
#include "engine/report/text.h"

namespace patform::cli {

int Plan(const Arguments& arguments, World& world) {
  const PipelineRequest request = RequestOf(arguments, world);
  int exit_code = kDone;
  const std::optional<Planned> planned =
      PlanOrSay(arguments, world, request, exit_code);
  if (!planned) return exit_code;
  const patform::Plan& plan = planned->plan;
  *world.out << (arguments.format == "json"
                     ? RenderPlanJson(plan)
                     : RenderPlan(plan, StyleFor(arguments, world,
                                                 world.out_is_terminal)));
  exit_code = PlanExitCode(plan);
  if (exit_code == kDone && arguments.detailed_exitcode && !plan.empty()) {
    return kChanges;
  }
  return exit_code;
}

}  // namespace patform::cli
