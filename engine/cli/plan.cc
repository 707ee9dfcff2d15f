#include <string>
#include <vector>

#include "absl/strings/str_join.h"
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

namespace {

// A plan for a pull request should not be made by who could also apply it.
void SayWhatItCould(const Arguments& arguments, World& world,
                    const patform::Plan& plan) {
  if (!plan.identity || !plan.identity->scopes) return;
  const std::vector<std::string> scopes = plan.identity->MintingScopes();
  if (scopes.empty()) {
    if (arguments.quiet) return;
    *world.err << "patform: the access token of this plan has the scopes "
               << Visible(plan.identity->scopes->text())
               << ": it can neither make nor end tokens\n";
    return;
  }
  *world.err << "patform: the access token of this plan could also make and "
                "end tokens ("
             << absl::StrJoin(scopes, ", ") << "); where anybody's changes are "
             << "planned, give it " << kReaderScope << " alone\n";
}

}  // namespace

int Plan(const Arguments& arguments, World& world) {
  const PipelineRequest request = RequestOf(arguments, world);
  // Before anything is read: a key that will not do is known now.
  const absl::StatusOr<Secret> key = PlanKey(world);
  if (!key.ok()) return Fail(world, key.status());
  int exit_code = kDone;
  std::optional<Planned> planned =
      PlanOrSay(arguments, world, request, exit_code);
  if (!planned) return exit_code;
  // What is shown here is what the file will show.
  if (!arguments.out.empty()) {
    planned->plan.signature = key->empty() ? patform::Plan::Signature::kNone
                                           : patform::Plan::Signature::kGood;
  }
  SayWhatItCould(arguments, world, planned->plan);
  *world.out << RenderAs(arguments, world, planned->plan);
  exit_code = WriteViewsOrSay(arguments, world, planned->plan);
  if (exit_code != kDone) return exit_code;
  if (!arguments.out.empty()) {
    const SavedPlan saved = SavePlan(planned->plan, planned->options,
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
