#include "engine/inquiry/status.h"

#include "engine/cli/cli.h"
#include "engine/report/status_json.h"
#include "engine/report/status_text.h"

namespace patform::cli {

int Status(const Arguments& arguments, World& world) {
  PipelineRequest request = RequestOf(arguments, world);
  // What becomes of one token may hang on another: the plan is made for all,
  // the answer is narrowed.
  request.plan.targets.clear();
  int exit_code = kDone;
  const std::optional<Planned> planned =
      PlanOrSay(arguments, world, request, exit_code);
  if (!planned) return exit_code;
  const StatusReport report = MakeStatus(planned->desired, planned->actual,
                                         planned->plan, arguments.targets);
  std::vector<std::string> names = DeclaredNames(planned->desired);
  for (const TokenStatus& token : report.tokens) {
    names.push_back(token.name);
    names.push_back(token.address);
  }
  const absl::Status targets = CheckTargets(arguments.targets, names);
  if (!targets.ok()) return Fail(world, targets);
  *world.out << (arguments.format == "json"
                     ? RenderStatusJson(report)
                     : RenderStatus(report, StyleFor(arguments, world,
                                                     world.out_is_terminal)));
  return report.complete ? kDone : kIncomplete;
}

}  // namespace patform::cli
