#include "engine/inquiry/duty.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/inquiry/standing.h"
#include "tests/fakes/world.h"

namespace patform {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

class DutyTest : public ::testing::Test {
 protected:
  DutyTest() { world_.AddSink("main"); }

  StatusReport Status() {
    Plan plan = world_.PlanNow();
    plan.identity = identity_;
    return MakeStatus(world_.desired, world_.last_look, plan, {});
  }

  // "[now] kind until DAY from DAY: ADDRESS (OWNER) what | fix", a line each.
  std::string Brief(const StatusReport& report) {
    std::string text;
    for (const Duty& duty : DutiesOf(report)) {
      absl::StrAppend(&text, duty.IsShown(report.as_of) ? "" : "later ",
                      Word(duty.kind),
                      duty.by ? " by " + FormatDay(*duty.by) : std::string(),
                      duty.address.empty() ? "" : " ", duty.address,
                      duty.owner.empty() ? "" : " of ", duty.owner, ": ",
                      duty.what, duty.fix.empty() ? "" : " | ", duty.fix, "\n");
    }
    return text;
  }

  FakeWorld world_;
  std::optional<Identity> identity_;
};

TEST_F(DutyTest, WhatPatformDoesIsNobodysDuty) {
  world_.Declare("ci", {"main:ci"});
  world_.Run();
  world_.clock.Tick(24 * kDay);  // due
  EXPECT_EQ(Brief(Status()), "");
}

TEST_F(DutyTest, WhatIsNowComesBeforeWhatIsLater) {
  world_.Declare("ci", {"main:ci"}).owner = "team-ci";
  DesiredToken& fixed = world_.Declare("fixed", {"main:fixed"});
  fixed.owner = "team-a";
  fixed.expires = world_.clock.Now() + 20 * kDay;
  world_.Declare("watched", {}).owner = "team-b";
  world_.service().AddStranger("watched", "vso.code vso.build", kDay,
                               60 * kDay);
  world_.Run();
  world_.clock.Tick(15 * kDay);
  world_.Declare("foreign", {"main:foreign"});
  world_.sinks["main"]->PutForeign("main:foreign", "by hand");
  EXPECT_EQ(
      Brief(Status()),
      "ending by 2027-02-04 token.fixed of team-a: ends on 2027-02-04: "
      "`expires` is a fixed date | set a later `expires`, or a `lifetime`, "
      "which rotation renews\n"
      "undecided token.foreign: is undecided: main:foreign holds a value that "
      "patform did not write; move it away, or set `adopt = true` in its "
      "`deliver` entry to let patform replace it\n"
      "later ending by 2027-02-13 token.watched of team-b: ends on 2027-02-13: "
      "without `deliver` it cannot be rotated | add `deliver` and a "
      "`lifetime`, or replace it by hand\n");
}

TEST_F(DutyTest, ASignInThatEnds) {
  world_.Declare("ci", {"main:ci"});
  world_.Run();
  identity_.emplace();
  EXPECT_EQ(Brief(Status()), "");
  identity_->rests_until = world_.clock.Now() + 90 * kDay;
  identity_->rests_why = "run `patform login` before";
  EXPECT_EQ(Brief(Status()),
            "later sign_in by 2027-04-15: it ends on 2027-04-15: run `patform "
            "login` before\n");
  world_.clock.Tick(10 * kDay);
  identity_->rests_until = world_.clock.Now() + 14 * kDay;
  EXPECT_EQ(Brief(Status()),
            "sign_in by 2027-02-08: it ends in 14d, on 2027-02-08: run "
            "`patform login` before\n");
  identity_->rests_until = absl::InfiniteFuture();
  identity_->trouble = "what it rests on could not be kept";
  EXPECT_EQ(Brief(Status()), "sign_in: what it rests on could not be kept\n");
}

TEST_F(DutyTest, OfTheWorkspace) {
  StatusReport report;
  report.unread = {"the tokens of identity.bot could not be listed: no"};
  report.errors = 1;
  report.clock = "it is an hour off";
  report.strays = {{"main:old", "holds the secret of a token that is gone"}};
  EXPECT_EQ(Brief(report),
            "unread: the tokens of identity.bot could not be listed: no\n"
            "policy: the next apply would leave out what a policy forbids | "
            "`patform plan` names it\n"
            "clock: it is an hour off\n"
            "stray main:old: holds the secret of a token that is gone\n");
  report.forbidden = true;
  report.unread.clear();
  report.strays.clear();
  report.clock.clear();
  EXPECT_EQ(Brief(report),
            "policy: the next apply would do nothing: a policy or guard "
            "forbids it | `patform plan` names it\n");
}

TEST(Standing, IsTheWorstThatCanBeSaid) {
  TokenStatus token;
  EXPECT_EQ(StandingOf(token), Standing::kFine);
  GenerationStatus& row = token.generations.emplace_back();
  row.next = NextStep::kEndItself;
  EXPECT_EQ(StandingOf(token), Standing::kFine);
  row.next = NextStep::kUpdate;
  EXPECT_EQ(StandingOf(token), Standing::kChanges);
  row.next = NextStep::kStay;
  token.makes = 2;
  EXPECT_EQ(StandingOf(token), Standing::kChanges);
  token.problem = "nobody knows";
  EXPECT_EQ(StandingOf(token), Standing::kUndecided);
  row.state = GenerationState::kGone;
  EXPECT_EQ(StandingOf(token), Standing::kBroken);
  token.unrenewed.emplace();
  EXPECT_EQ(StandingOf(token), Standing::kBroken);
  token.ends = true;
  EXPECT_EQ(StandingOf(token), Standing::kEnds);
}

}  // namespace
}  // namespace patform
