#include "engine/base/status.h"
#include "engine/cli/command.h"
#include "engine/cli/flags.h"
#include "engine/cli/output.h"
#include "engine/cli/release.h"

namespace patform::cli {
namespace {

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  PATFORM_ASSIGN_OR_RETURN(const std::optional<SavedPlan> saved,
                           LoadNamedPlan(arguments, ports));
  // There is one: the row has the argument as required.
  ports.terminal->out << RenderAs(arguments, ports, saved->plan);
  PATFORM_RETURN_IF_ERROR(WriteViews(arguments, ports, saved->plan));
  // That it can be shown is a success, whatever it says.
  return arguments.detailed_exitcode ? PlanExitCode(arguments, saved->plan)
                                     : kDone;
}

}  // namespace

Command ShowCommand() {
  return {.name = "show",
          .what = "Show a saved plan; reads nothing else",
          .example =
              "patform plan --out plan.json\n"
              "  patform show plan.json\n"
              "  patform show plan.json --format markdown --sarif-into "
              "plan.sarif",
          .arguments = {PlanArgument()},
          .flags = PlanFormatFlags(),
          .run = Run,
          .only_reads = true};
}

}  // namespace patform::cli
