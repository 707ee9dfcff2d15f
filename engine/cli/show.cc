#include "engine/cli/cli.h"

namespace patform::cli {

int Show(const Arguments& arguments, World& world) {
  std::optional<SavedPlan> saved;
  int exit_code = kDone;
  if (!LoadPlanOrSay(arguments, world, saved, exit_code)) return exit_code;
  *world.out << RenderAs(arguments, world, saved->plan);
  exit_code = WriteViewsOrSay(arguments, world, saved->plan);
  if (exit_code != kDone) return exit_code;
  // That it can be shown is a success, whatever it says.
  return arguments.detailed_exitcode ? PlanExitCode(arguments, saved->plan)
                                     : kDone;
}

}  // namespace patform::cli
