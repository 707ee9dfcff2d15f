#include "engine/plan/maintenance.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/fakes/dump.h"
#include "tests/fakes/world.h"

namespace patform {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

// Two tokens that were applied, 25 days ago: both are due.
class MaintenanceTest : public ::testing::Test {
 protected:
  MaintenanceTest() {
    world_.AddSink("main");
    world_.AddSink("second");
    world_.Declare("build", {"main:build"});
    world_.Declare("deploy", {"main:deploy"});
    world_.Run();
    world_.clock.Tick(absl::Hours(1));
  }

  Maintenance Now() {
    actual_ = *world_.Look();
    const Plan plan = MakePlan(world_.desired, actual_, {}, world_.clock.Now());
    return MaintenanceOf(world_.desired, actual_, {}, plan);
  }
  // What is done, then what waits.
  static std::string Told(const Maintenance& maintenance) {
    ChangeSet waiting;
    waiting.changes = maintenance.plan.waiting;
    return absl::StrCat(Dump(maintenance.plan.changes), "waiting:\n",
                        Dump(waiting));
  }
  static std::string Findings(const Maintenance& maintenance) {
    std::string text;
    for (const Finding& finding : maintenance.plan.findings) {
      absl::StrAppend(&text, Word(finding.severity), " ", finding.rule, " ",
                      finding.address, ";");
    }
    return text;
  }

  FakeWorld world_;
  ActualState actual_;
};

TEST_F(MaintenanceTest, EditsWait) {
  world_.Declare("new", {"main:new"});
  world_.Declared("build").scopes = ScopeSet::Of({"vso.work"});
  const Maintenance nothing = Now();
  EXPECT_EQ(Told(nothing),
            "waiting:\n"
            "~ token.build update scope_changed {scopes: vso.build vso.code → "
            "vso.work}\n"
            "+ token.new create not_found gen 1\n");
  EXPECT_TRUE(nothing.plan.empty());
  EXPECT_EQ(nothing.plan.policy_changes, 0);
}

// A token that was edited and is due keeps its consumers: it is rotated as it
// is in service, and the edit waits on.
TEST_F(MaintenanceTest, WhatIsDueIsDoneAsItIsInService) {
  world_.Declared("build").scopes = ScopeSet::Of({"vso.work"});
  world_.Declared("build").deliver.push_back(PlaceOf("second:build"));
  world_.clock.Tick(25 * kDay);
  const Maintenance night = Now();
  EXPECT_EQ(Told(night),
            "+/- token.build rotate in_rotation_window gen 2 retires 1\n"
            "+/- token.deploy rotate in_rotation_window gen 2 retires 1\n"
            "waiting:\n"
            "+/- token.build rotate sink_out_of_date gen 2 retires 1\n");
  EXPECT_EQ(night.plan.changes.changes[0].after->scopes.text(),
            "vso.build vso.code");
  EXPECT_EQ(night.plan.changes.changes[0].deliver.size(), 1u);
  EXPECT_EQ(night.desired.tokens[0].scopes.text(), "vso.build vso.code");
  // The file is as it was, and so is what it waits for.
  EXPECT_EQ(world_.Declared("build").scopes.text(), "vso.work");
}

TEST_F(MaintenanceTest, AnExtensionIsDoneAsWell) {
  world_.Declared("build").renewal = Renewal::kExtend;
  world_.Declared("build").scopes = ScopeSet::Of({"vso.work"});
  world_.clock.Tick(25 * kDay);
  const Maintenance night = Now();
  EXPECT_EQ(night.plan.counts[Action::kUpdate], 1) << Told(night);
  ASSERT_FALSE(night.plan.changes.changes.empty());
  const Change& extended = night.plan.changes.changes[0];
  EXPECT_EQ(extended.address, "token.build");
  EXPECT_EQ(extended.after->scopes.text(), "vso.build vso.code");
  EXPECT_EQ(FieldChangesOf(extended).size(), 1u);
  EXPECT_EQ(night.plan.waiting.size(), 1u) << Told(night);
}

TEST_F(MaintenanceTest, ANewNameOrAnotherPrimaryWaitsWhole) {
  world_.clock.Tick(25 * kDay);
  DesiredToken& build = world_.Declared("build");
  build.name = "compile";
  build.renamed_from = "build";
  DesiredToken& deploy = world_.Declared("deploy");
  deploy.deliver.insert(deploy.deliver.begin(), PlaceOf("second:deploy"));
  const Maintenance night = Now();
  EXPECT_EQ(night.plan.counts[Action::kRotate], 0) << Told(night);
  EXPECT_EQ(night.plan.waiting.size(), 2u) << Told(night);
}

// Guards count what is done, and a rule that only an edit breaks is a warning.
TEST_F(MaintenanceTest, RulesOfWhatIsDone) {
  world_.Declare("new", {"main:new"});
  world_.desired.policy.max_revocations = 0;
  world_.desired.policy.forbidden_scopes = {"vso.work"};
  world_.Declared("new").scopes = ScopeSet::Of({"vso.work"});
  world_.Declared("build").ensure = Ensure::kAbsent;
  world_.clock.Tick(25 * kDay);
  const Plan plan =
      MakePlan(world_.desired, *world_.Look(), {}, world_.clock.Now());
  EXPECT_TRUE(HasErrors(plan.findings));
  Maintenance night = Now();
  EXPECT_EQ(Findings(night), "warning forbidden_scopes token.new;");
  EXPECT_EQ(night.plan.counts[Action::kRotate], 1);
  // A rule that the maintenance itself breaks holds.
  world_.desired.policy.forbidden_scopes = {"vso.build"};
  EXPECT_EQ(Findings(Now()), "error forbidden_scopes token.deploy;");
}

}  // namespace
}  // namespace patform
