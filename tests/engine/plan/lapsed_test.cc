// What a plan withholds when an exception from a rule has ended: whatever would
// break the rule again, of that token alone, and nothing else.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/plan/plan.h"
#include "tests/fakes/dump.h"
#include "tests/fakes/world.h"

namespace patform {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

// "legacy" lives 30 days and may for five more; the policy allows 25. "other"
// keeps the rule. Both are in service, and are due after 23 days.
class LapsedTest : public ::testing::Test {
 protected:
  LapsedTest() {
    world_.AddSink("main");
    world_.Declare("legacy", {"main:legacy"});
    world_.Declare("other", {"main:other"}).lifetime = 25 * kDay;
    world_.Declared("other").rotate_before.span = 2 * kDay;
    world_.desired.policy.max_lifetime = 25 * kDay;
    PolicyException exception;
    exception.rule = "max_lifetime";
    exception.token = "legacy";
    exception.until = world_.clock.Now() + 5 * kDay;
    exception.reason = "moves";
    world_.desired.policy.exceptions = {exception};
    world_.Run();
  }
  Plan Make(PlanOptions options = {}) {
    return MakePlan(world_.desired, *world_.Look(), options,
                    world_.clock.Now());
  }
  // The changes, what is undecided without its reason, what ends and nothing
  // renews, and whether the plan is forbidden as a whole.
  static std::string Text(const Plan& plan) {
    std::string text;
    for (const Change& change : plan.changes.changes) {
      absl::StrAppend(&text, Dump(change), "\n");
    }
    for (const Deferred& deferred : plan.changes.deferred) {
      absl::StrAppend(&text, "? ", deferred.address, "\n");
    }
    for (const Unrenewed& token : plan.changes.unrenewed) {
      absl::StrAppend(&text, "ends ", token.address, " ", Word(token.why),
                      "\n");
    }
    return text + (Forbids(plan.findings) ? "forbidden\n" : "");
  }
  std::string TextNow() { return Text(Make()); }

  FakeWorld world_;
};

TEST_F(LapsedTest, ARotationThatFallsDue) {
  // While the exception holds, and after its end until something is to be done.
  EXPECT_EQ(TextNow(), "");
  EXPECT_EQ(Make().stable_until, world_.clock.Now() + 5 * kDay);
  world_.clock.Tick(6 * kDay);
  EXPECT_EQ(TextNow(), "");
  world_.clock.Tick(17 * kDay);
  const Plan plan = Make();
  EXPECT_EQ(Text(plan),
            "+/- token.other rotate in_rotation_window gen 2 retires 1\n"
            "? token.legacy\n"
            "ends token.legacy held_back\n");
  ASSERT_EQ(plan.changes.deferred.size(), 1u);
  const Deferred& withheld = plan.changes.deferred[0];
  EXPECT_EQ(
      withheld.explanation,
      "it would be rotated (due), which the policy forbids: max_lifetime, "
      "lives 30d; the policy allows 25d; its exception ended 2027-01-20 "
      "08:00 UTC");
  EXPECT_EQ(withheld.name, "legacy");
  EXPECT_EQ(withheld.organization, "contoso");
  EXPECT_FALSE(withheld.contention);
  EXPECT_FALSE(plan.complete());
  EXPECT_EQ(plan.counts[Action::kRotate], 1);
  // What is withheld is nothing to approve.
  EXPECT_EQ(plan.policy_changes, 0);
  ASSERT_EQ(plan.changes.unrenewed.size(), 1u);
  const Unrenewed& ends = plan.changes.unrenewed[0];
  EXPECT_EQ(ends.generation, 1);
  EXPECT_EQ(ends.ends, world_.clock.Now() + 7 * kDay);
  EXPECT_TRUE(ends.IsShown(world_.clock.Now()));
}

// What would make a secret or give one more is withheld, and what ends one or
// lets it go is not.
TEST_F(LapsedTest, EachAction) {
  struct Row {
    const char* name;
    std::function<void()> change;
    const char* want;
  };
  const std::vector<Row> rows = {
      {"nothing", [] {}, ""},
      {"an edit in place",
       [&] { world_.Declared("legacy").scopes = ScopeSet::Of({"vso.work"}); },
       "? token.legacy\nends token.legacy held_back\n"},
      {"an edit that keeps the rule",
       [&] { world_.Declared("legacy").lifetime = 20 * kDay; },
       "~ token.legacy update lifetime_too_long {valid_to: "
       "2027-02-14T08:00:00Z → 2027-02-04T08:00:00Z}\n"},
      {"absent", [&] { world_.Declared("legacy").ensure = Ensure::kAbsent; },
       "- token.legacy revoke declared_absent revokes 1\n"},
      {"released",
       [&] { world_.Declared("legacy").ensure = Ensure::kReleased; },
       ". token.legacy release declared_released {display_name: legacy "
       "~pf:w#1.nonce0000001r234 → legacy}\n"},
      {"undeclared",
       [&] { world_.desired.tokens.erase(world_.desired.tokens.begin()); },
       "- token.legacy revoke undeclared revokes 1\n"},
      {"a new one under the exception",
       [&] {
         world_.Declare("legacy-2", {"main:two"});
         world_.desired.policy.exceptions[0].token = "legacy*";
       },
       "? token.legacy-2\n"},
      {"a rule that only warns",
       [&] {
         world_.Declared("legacy").scopes = ScopeSet::Of({"vso.work"});
         world_.desired.policy.severity["max_lifetime"] = Severity::kWarning;
       },
       "~ token.legacy update scope_changed {scopes: vso.build "
       "vso.code → vso.work}\n"},
      {"broken without any exception",
       [&] {
         world_.Declared("other").lifetime = 40 * kDay;
         world_.Declared("other").scopes = ScopeSet::Of({"vso.work"});
       },
       "~ token.other update scope_changed {scopes: vso.build vso.code → "
       "vso.work}\nforbidden\n"},
  };
  world_.clock.Tick(6 * kDay);
  const DesiredState kept = world_.desired;
  for (const Row& row : rows) {
    world_.desired = kept;
    row.change();
    EXPECT_EQ(TextNow(), row.want) << row.name;
  }
}

// A run that died left the old generation: that it ends makes nothing.
TEST_F(LapsedTest, WhatARunLeftIsFinished) {
  world_.misfortune.rules = {{"PUT legacy", 1, Misfortune::Kind::kFail,
                              absl::UnavailableError("refused")}};
  world_.Run({"legacy"});
  world_.misfortune.Clear();
  world_.clock.Tick(6 * kDay);
  EXPECT_EQ(TextNow(), "» token.legacy finish superseded retires 1\n");
}

TEST_F(LapsedTest, TargetsLeaveItOut) {
  world_.clock.Tick(23 * kDay);
  PlanOptions options;
  options.targets = {"other"};
  const Plan plan = Make(options);
  EXPECT_EQ(Text(plan),
            "+/- token.other rotate in_rotation_window gen 2 retires 1\n");
  EXPECT_TRUE(plan.complete());
}

// What a place serves is revoked only once another secret is there, and the one
// that was to come is withheld.
TEST_F(LapsedTest, ARevocationThatWaitsForIt) {
  world_.Declare("new", {"main:other"});
  world_.desired.policy.exceptions.push_back(
      world_.desired.policy.exceptions[0]);
  world_.desired.policy.exceptions[1].token = "new";
  world_.desired.tokens.erase(world_.desired.tokens.begin() + 1);
  EXPECT_EQ(TextNow(),
            "+ token.new create record_not_ours gen 2\n"
            "- token.other revoke undeclared revokes 1\n");
  world_.clock.Tick(6 * kDay);
  EXPECT_EQ(TextNow(),
            "? token.new\n? token.other\nends token.new held_back\n");
}

// One row for each token.
TEST_F(LapsedTest, WhatNothingRenewsAnywayIsListedOnce) {
  world_.Declared("legacy").deliver.clear();
  world_.Declared("legacy").scopes = ScopeSet::Of({"vso.work"});
  world_.clock.Tick(6 * kDay);
  EXPECT_EQ(TextNow(), "? token.legacy\nends token.legacy held_back\n");
}

}  // namespace
}  // namespace patform
