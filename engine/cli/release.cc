#include "engine/cli/release.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/cli/failure.h"
#include "engine/report/outline.h"
#include "engine/saved/clearance.h"
#include "engine/saved/load.h"

namespace patform::cli {
namespace {

absl::Status Stale(const std::string& headline, const Clearance& clearance,
                   const std::string& advice) {
  return WithAdvice(WithDetails(StaleError(headline), clearance.stale), advice);
}

absl::StatusOr<Plan> ReleaseDigest(const std::string& digest,
                                   const std::optional<SavedPlan>& saved,
                                   const Planned& planned) {
  const Plan& now = planned.plan;
  const auto wanted = [&] {
    return MakeApproval(planned.desired, planned.actual, planned.options,
                        now.changes.changes);
  };
  Clearance clearance = saved ? ClearApproved(*saved, now, wanted())
                              : ClearApproved(digest, now, wanted);
  if (clearance.stale.empty()) return std::move(clearance.plan);
  return Stale("the plan is not the approved one; nothing was changed",
               clearance,
               saved ? "Have the new plan approved: patform plan"
                     : "With the saved plan of that digest patform shows what "
                       "differs: patform verify DIGEST PLAN");
}

}  // namespace

absl::StatusOr<std::optional<SavedPlan>> LoadNamedPlan(
    const Arguments& arguments, Ports& ports) {
  if (arguments.plan_file.empty()) return std::nullopt;
  PATFORM_ASSIGN_OR_RETURN(SavedPlan saved,
                           LoadPlan(ports, arguments.plan_file));
  if (arguments.approve.empty() || arguments.approve == saved.plan.digest) {
    return saved;
  }
  // Before anything is planned: nothing that is planned could be released.
  return StaleError(absl::StrCat(
      arguments.plan_file, " is not the plan that was approved: its digest is ",
      saved.plan.digest, ", approved is ", arguments.approve));
}

PlanOptions OptionsOf(const SavedPlan& saved, const PlanOptions& asked) {
  PlanOptions options = asked;
  options.diff = saved.options.diff;
  options.targets = saved.options.targets;
  // Another one that the user names comes first.
  options.baseline = BaselineOf(saved.world);
  return options;
}

absl::StatusOr<Plan> ReleasePlan(const Arguments& arguments, Ports& ports,
                                 const std::optional<SavedPlan>& saved,
                                 const Planned& planned) {
  const Plan& now = planned.plan;
  if (saved && saved->plan.signature == Plan::Signature::kUnchecked) {
    ports.terminal->err << "patform: " << Visible(arguments.plan_file) << ": "
                        << RenderSignature(saved->plan) << "\n";
  }
  if (!arguments.approve.empty()) {
    return ReleaseDigest(arguments.approve, saved, planned);
  }
  if (!saved) return now;
  Clearance clearance =
      ClearExactly(*saved, planned.desired, planned.actual, now);
  if (!clearance.stale.empty()) {
    return Stale(
        "the saved plan is stale; nothing was changed", clearance,
        "Plan again, and have the new plan reviewed: patform plan --out FILE");
  }
  if (clearance.beyond > 0) {
    // Not an error: a plan for one token must not wait for all the others.
    ports.terminal->err << "patform: " << Count(clearance.beyond, "change")
                        << " appeared after the plan was saved and "
                        << (clearance.beyond == 1 ? "is" : "are")
                        << " left to the next plan\n";
  }
  return std::move(clearance.plan);
}

}  // namespace patform::cli
