#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/cli/cli.h"
#include "engine/report/events.h"
#include "engine/report/text.h"
#include "engine/saved/clearance.h"

namespace patform::cli {
namespace {

// Lines of one explanation; the rest is counted.
constexpr size_t kShown = 40;

void SayStale(const Arguments& arguments, World& world,
              const std::string& headline, const Release& release,
              const std::string& advice) {
  if (arguments.json) {
    *world.out << RenderErrorEvent(
        absl::StrCat(headline, "\n", absl::StrJoin(release.stale, "\n")),
        world.clock->Now());
  }
  *world.err << "patform: " << headline << "\n";
  const size_t shown = std::min(release.stale.size(), kShown);
  for (size_t i = 0; i < shown; ++i) {
    *world.err << "    " << release.stale[i] << "\n";
  }
  if (release.stale.size() > shown) {
    *world.err << "    … and " << release.stale.size() - shown << " more\n";
  }
  *world.err << advice << "\n";
}

}  // namespace

PlanOptions OptionsOf(const SavedPlan& saved, const PlanOptions& asked) {
  PlanOptions options = asked;
  options.diff = saved.options.diff;
  options.targets = saved.options.targets;
  // Another one that the user names comes first.
  options.baseline = BaselineOf(saved.world);
  return options;
}

bool LoadPlanOrSay(const Arguments& arguments, World& world,
                   std::optional<SavedPlan>& saved, int& exit_code) {
  if (arguments.plan_file.empty()) return true;
  absl::StatusOr<SavedPlan> loaded = LoadPlan(world, arguments.plan_file);
  if (!loaded.ok()) {
    exit_code = Fail(arguments, world, loaded.status());
    return false;
  }
  saved = *std::move(loaded);
  if (arguments.approve.empty() || arguments.approve == saved->plan.digest) {
    return true;
  }
  exit_code = Fail(arguments, world,
                   StaleError(absl::StrCat(arguments.plan_file,
                                           " is not the plan that was "
                                           "approved: its digest is ",
                                           saved->plan.digest, ", approved is ",
                                           arguments.approve)));
  return false;
}

int WriteOrSay(World& world, const std::string& path, const std::string& text) {
  const absl::Status status = world.files->Replace(path, text);
  if (status.ok()) return kDone;
  const int code = Fail(world, status);
  // A folder that may not be written is no matter of signing in.
  return code == kSignIn ? kError : code;
}

std::optional<patform::Plan> ReleaseOrSay(const Arguments& arguments,
                                          World& world,
                                          const std::optional<SavedPlan>& saved,
                                          const Planned& planned,
                                          int& exit_code) {
  const patform::Plan& now = planned.plan;
  if (saved && saved->plan.signature == patform::Plan::Signature::kUnchecked) {
    *world.err << "patform: " << Visible(arguments.plan_file) << ": "
               << RenderSignature(saved->plan) << "\n";
  }
  if (!arguments.approve.empty()) {
    Release release = saved ? ReleaseApproved(*saved, now)
                            : ReleaseApproved(arguments.approve, now);
    if (release.stale.empty()) return std::move(release.plan);
    SayStale(arguments, world,
             "the plan is not the approved one; nothing was changed", release,
             saved ? "Have the new plan approved: patform plan"
                   : "With the saved plan of that digest patform says what "
                     "differs: patform verify DIGEST PLAN");
    exit_code = kStale;
    return std::nullopt;
  }
  if (!saved) return now;
  Release release =
      ReleaseExactly(*saved, planned.desired, planned.actual, now);
  if (!release.stale.empty()) {
    SayStale(
        arguments, world, "the saved plan is stale; nothing was changed",
        release,
        "Plan again, and have the new plan reviewed: patform plan --out FILE");
    exit_code = kStale;
    return std::nullopt;
  }
  if (release.beyond > 0) {
    *world.err << "patform: " << Count(release.beyond, "change")
               << " came up since the plan was saved and "
               << (release.beyond == 1 ? "is" : "are")
               << " left to the next one\n";
  }
  return std::move(release.plan);
}

}  // namespace patform::cli
