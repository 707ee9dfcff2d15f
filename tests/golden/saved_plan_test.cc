// The files that travel between jobs, byte for byte: a saved plan and a
// snapshot. A change here is a change of a documented format.
// PATFORM_UPDATE_GOLDEN=1 writes them, and fails, so that somebody reads them.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "engine/saved/plan_file.h"
#include "engine/saved/snapshot_file.h"
#include "tests/fakes/world.h"
#include "tests/golden/golden.h"

namespace patform {
namespace {

constexpr char kKey[] = "a key that signs golden files";

// A due rotation, an update, an orphan, a new token, one by hand, one that can
// not be decided, a broken rule.
class SavedPlanGolden : public ::testing::Test {
 protected:
  SavedPlanGolden() {
    world_.AddSink("main");
    world_.desired.sinks[0].written["path"] = std::string("secrets");
    for (const char* name : {"due", "update", "orphan"}) {
      world_.Declare(name, {absl::StrCat("main:", name)});
    }
    world_.Run();
    world_.clock.Tick(absl::Hours(24 * 22));
    world_.Run({"update"});
    world_.misfortune.rules = {
        {"put main:orphan", 1, Misfortune::Kind::kCrashBefore, {}}};
    EXPECT_EQ(world_.Run({"orphan"}), "crashed");
    world_.misfortune.Clear();
    world_.Run({"orphan"});
    world_.clock.Tick(absl::Hours(24 * 2));
    world_.service().AddStranger("by hand \x1b[31m##vso[task.setvariable]",
                                 "vso.work", absl::Hours(1), absl::Hours(99));
    world_.Declared("update").scopes = ScopeSet::Of({"vso.work"});
    world_.Declared("update").where = {"teams/a.toml", 7, 2, 3};
    world_.Declare("new", {"main:new"}).labels = {{"team", "a"}};
    world_.Declared("new").deliver[0].encoding = Encoding::kBasic;
    world_.Declare("nowhere", {});
    world_.desired.policy.forbidden_scopes = {"vso.work"};
    world_.desired.policy_written = {{"forbidden_scopes", "['vso.work']"}};
    actual_ = *world_.Look();
  }

  FakeWorld world_;
  ActualState actual_;
};

TEST_F(SavedPlanGolden, SavedPlan) {
  PlanOptions options;
  options.targets = {"*e*", "orphan"};
  const Plan plan =
      MakePlan(world_.desired, actual_, options, world_.clock.Now());
  ExpectGolden(
      "saved-plan.json",
      WritePlan(SavePlan(plan, options, world_.desired, actual_), kKey));
}

TEST_F(SavedPlanGolden, Snapshot) {
  ExpectGolden("snapshot.json", WriteSnapshot(actual_, ""));
}

}  // namespace
}  // namespace patform
