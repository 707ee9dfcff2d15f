// What a saved plan or an approved digest allows, after the world, the
// configuration and the clock went on.
#include "engine/saved/clearance.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/fakes/dump.h"
#include "tests/fakes/world.h"

namespace patform {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

// "ci" is in service; the clock stands an hour later.
class ClearanceTest : public ::testing::Test {
 protected:
  ClearanceTest() {
    world_.AddSink("main");
    world_.Declare("ci", {"main:ci"});
    EXPECT_EQ(world_.Run(),
              "token.ci done: minted generation 1 (a0001eef); delivered to "
              "main:ci\n");
    world_.clock.Tick(absl::Hours(1));
  }

  // Through the file, as between two jobs.
  SavedPlan Save(const std::set<std::string>& rotate = {}) {
    PlanOptions options;
    options.diff.rotate = rotate;
    const ActualState actual = *world_.Look();
    const Plan plan =
        MakePlan(world_.desired, actual, options, world_.clock.Now());
    absl::StatusOr<SavedPlan> saved = ReadPlan(
        WritePlan(SavePlan(plan, options, world_.desired, actual), ""), "");
    EXPECT_TRUE(saved.ok()) << saved.status();
    return *std::move(saved);
  }

  static std::string Dump(const Clearance& clearance) {
    if (!clearance.stale.empty()) {
      return absl::StrCat(absl::StrJoin(clearance.stale, "\n"), "\n");
    }
    std::string text = patform::Dump(clearance.plan.changes);
    if (clearance.beyond > 0)
      absl::StrAppend(&text, "beyond ", clearance.beyond);
    return text;
  }

  Plan Now(const SavedPlan& saved) {
    actual_ = *world_.Look();
    return MakePlan(world_.desired, actual_, saved.options, world_.clock.Now());
  }
  Approval Wanted(const SavedPlan& saved, const Plan& now) {
    return MakeApproval(world_.desired, actual_, saved.options,
                        now.changes.changes);
  }
  std::string Exactly(const SavedPlan& saved) {
    const Plan now = Now(saved);
    return Dump(ClearExactly(saved, world_.desired, actual_, now));
  }
  std::string Approved(const SavedPlan& saved) {
    const Plan now = Now(saved);
    return Dump(ClearApproved(saved, now, Wanted(saved, now)));
  }
  std::string ByDigest(const SavedPlan& saved) {
    const Plan now = Now(saved);
    return Dump(ClearApproved(saved.plan.digest, now,
                              [&] { return Wanted(saved, now); }));
  }
  std::string AddressOf(const std::string& name) { return TokenAddress(name); }

  FakeWorld world_;
  ActualState actual_;
};

TEST_F(ClearanceTest, AnHourLaterItIsTheSamePlan) {
  world_.Declare("new", {"main:new"});
  world_.Declared("ci").scopes = ScopeSet::Of({"vso.work"});
  const SavedPlan saved = Save({"ci"});
  const std::string want =
      "+/- token.ci rotate requested gen 2 retires 1\n"
      "+ token.new create not_found gen 1\n";
  world_.clock.Tick(absl::Hours(1));
  EXPECT_EQ(Exactly(saved), want);
  EXPECT_EQ(Approved(saved), want);
  EXPECT_EQ(ByDigest(saved), want);
}

TEST_F(ClearanceTest, TheConfigurationWasEdited) {
  struct Row {
    const char* name;
    std::function<void(FakeWorld&)> edit;
    const char* want;
  };
  const std::vector<Row> rows = {
      {"scopes",
       [](FakeWorld& w) {
         w.Declared("new").scopes = ScopeSet::Of({"vso.code_full"});
       },
       "the configuration was edited\n"
       "  token.new (teams/a.toml:7): scopes: [\"vso.build\", "
       "\"vso.code\"] → [\"vso.code_full\"]\n"},
      {"lifetime",
       [](FakeWorld& w) { w.Declared("new").lifetime = absl::Hours(36); },
       "the configuration was edited\n"
       "  token.new (teams/a.toml:7): lifetime: \"30d\" → \"36h\"\n"},
      {"place",
       [](FakeWorld& w) {
         w.Declared("new").deliver = {PlaceOf("main:elsewhere")};
       },
       "the configuration was edited\n"
       "  token.new (teams/a.toml:7): deliver: [{at: \"new\", encoding: "
       "\"raw\", sink: \"main\"}] → [{at: \"elsewhere\", encoding: \"raw\", "
       "sink: \"main\"}]\n"},
      {"sink's setting",
       [](FakeWorld& w) {
         w.desired.sinks[0].written["path"] = std::string("/elsewhere");
       },
       "the configuration was edited\n"
       "  [sink.main]: path: nothing → \"/elsewhere\"\n"},
      {"policy",
       [](FakeWorld& w) { w.desired.policy_written["max_lifetime"] = "1d"; },
       "the configuration was edited\n"
       "  [policy]: max_lifetime: nothing → \"1d\"\n"},
      {"added", [](FakeWorld& w) { w.Declare("more", {"main:more"}); },
       "the configuration was edited\n"
       "  token.more: was not in the file\n"},
      {"removed", [](FakeWorld& w) { w.desired.tokens.pop_back(); },
       "the configuration was edited\n"
       "  token.new: is not in the file any more\n"},
      {"moved within the file",
       [](FakeWorld& w) {
         w.Declared("new").where = SourceLocation{"", 99};
       },
       "+ token.new create not_found gen 1\n"},
      {"${ENV} of this machine",
       [](FakeWorld& w) {
         w.desired.sinks[0].settings["path"] = std::string("/agent/1");
       },
       "+ token.new create not_found gen 1\n"},
  };
  world_.Declare("new", {"main:new"});
  world_.Declared("new").where = {"teams/a.toml", 7, 1, 3};
  const SavedPlan saved = Save();
  const DesiredState before = world_.desired;
  for (const Row& row : rows) {
    world_.desired = before;
    row.edit(world_);
    EXPECT_EQ(Exactly(saved), row.want) << row.name;
  }
}

TEST_F(ClearanceTest, SomebodyElseAppliedIt) {
  world_.Declare("new", {"main:new"});
  const SavedPlan saved = Save();
  world_.Run();
  EXPECT_EQ(Exactly(saved),
            "token.new was to be created; there is nothing to do for it now\n"
            "  token a0003dde \"new ~pf:w#1.nonce0000002kogy\": did not exist "
            "→ lives until 2027-02-14 09:00 UTC\n"
            "  main:new: held nothing → generation 1 of new (a0003dde)\n");
  // An approval is for the result: it is there, nothing is left to do.
  EXPECT_EQ(Approved(saved), "");
  EXPECT_EQ(ByDigest(saved), "");
}

TEST_F(ClearanceTest, ATokenMoved) {
  world_.Declared("ci").scopes = ScopeSet::Of({"vso.work"});
  const SavedPlan saved = Save();
  FakeService::Row& row = world_.service().rows[0];
  row.token.scopes = ScopeSet::Of({"vso.code_full"});
  EXPECT_EQ(Exactly(saved),
            "token.ci was to be updated; it would not be the same change now\n"
            "  token a0001eef \"ci ~pf:w#1.nonce0000001u5cn\": scopes: "
            "\"vso.build vso.code\" → \"vso.code_full\"\n");
  EXPECT_EQ(Approved(saved),
            "token.ci: scopes before the change: approved \"vso.build "
            "vso.code\", now \"vso.code_full\"\n");
  row.revoked = true;
  EXPECT_EQ(Exactly(saved),
            "token.ci was to be updated; it would now be created\n"
            "  token a0001eef \"ci ~pf:w#1.nonce0000001u5cn\": scopes: "
            "\"vso.build vso.code\" → \"vso.code_full\"\n"
            "  token a0001eef \"ci ~pf:w#1.nonce0000001u5cn\": state: "
            "\"active\" → \"revoked\"\n");
}

TEST_F(ClearanceTest, ARecordMoved) {
  world_.Declare("new", {"main:new"});
  const SavedPlan saved = Save();
  world_.sinks["main"]->PutForeign("main:new", "by hand");
  const std::string moved = Exactly(saved);
  EXPECT_EQ(moved.substr(0, moved.find('\n')),
            "token.new was to be created; it cannot be decided now: main:new "
            "holds a value that patform did not write; move it away, or set "
            "`adopt = true` in its `deliver` entry to let patform replace it");
  EXPECT_EQ(moved.substr(moved.find('\n') + 1),
            "  main:new: held nothing → a value that patform did not write\n");
}

TEST_F(ClearanceTest, WhatConcernsNoReviewedChangeMayMove) {
  world_.Declare("new", {"main:new"});
  const SavedPlan saved = Save();
  world_.service().AddStranger("by hand", "vso.code", kDay, 9 * kDay);
  EXPECT_EQ(Exactly(saved), "+ token.new create not_found gen 1\n");
}

// The heart of the two classes: time adds maintenance, never an approval.
TEST_F(ClearanceTest, ARotationFallsDueInBetween) {
  world_.Declare("new", {"main:new"});
  world_.clock.Tick(20 * kDay);
  const SavedPlan saved = Save();
  EXPECT_EQ(patform::Dump(saved.plan.changes),
            "+ token.new create not_found gen 1\n");
  world_.clock.Tick(5 * kDay);
  const std::string both =
      "+/- token.ci rotate in_rotation_window gen 2 retires 1\n"
      "+ token.new create not_found gen 1\n";
  EXPECT_EQ(Approved(saved), both);
  EXPECT_EQ(ByDigest(saved), both);
  // The file alone stands for itself: what came up waits.
  EXPECT_EQ(Exactly(saved), "+ token.new create not_found gen 1\nbeyond 1");
}

TEST_F(ClearanceTest, AnApprovedUpdateFallsDueItself) {
  world_.clock.Tick(20 * kDay);
  world_.Declared("ci").scopes = ScopeSet::Of({"vso.work"});
  const SavedPlan saved = Save();
  EXPECT_EQ(patform::Dump(saved.plan.changes),
            "~ token.ci update scope_changed {scopes: vso.build vso.code → "
            "vso.work}\n");
  world_.clock.Tick(5 * kDay);
  const std::string rotated =
      "+/- token.ci rotate in_rotation_window gen 2 retires 1\n";
  EXPECT_EQ(Approved(saved), rotated);
  EXPECT_EQ(ByDigest(saved), rotated);
  EXPECT_EQ(
      Exactly(saved),
      "token.ci was to be updated; it would now be rotated\n"
      "  action: \"update\" → \"rotate\"\n"
      "  after: generation: 1 → 2\n"
      "  after: name: \"ci ~pf:w#1.nonce0000001u5cn\" → \"ci\"\n"
      "  after: token: \"a0001eef-0000-4000-8000-000000000001\" → nothing\n"
      "  deliver: nothing → [{at: \"ci\", encoding: \"raw\", sink: "
      "\"main\"}]\n"
      "  new generation: nothing → 2\n");
}

TEST_F(ClearanceTest, TheNightlyRunRotatedInBetween) {
  world_.clock.Tick(25 * kDay);
  const auto merged = world_.desired.tokens;
  world_.Declared("ci").scopes = ScopeSet::Of({"vso.work"});
  auto branch = world_.desired.tokens;
  const SavedPlan saved = Save();
  world_.desired.tokens = merged;
  world_.Run();
  world_.desired.tokens = branch;
  EXPECT_EQ(Approved(saved),
            "~ token.ci update scope_changed {scopes: vso.build vso.code → "
            "vso.work}\n");
  EXPECT_EQ(ByDigest(saved), Approved(saved));
}

TEST_F(ClearanceTest, MoreThanWasApproved) {
  world_.Declare("new", {"main:new"});
  const SavedPlan saved = Save();
  world_.Declare("more", {"main:more"});
  world_.Declared("new").scopes = ScopeSet::Of({"vso.code_full"});
  world_.Declared("ci").ensure = Ensure::kAbsent;
  EXPECT_EQ(Approved(saved),
            "token.ci: to be revoked, which was not approved\n"
            "token.more: to be created, which was not approved\n"
            "token.new: scopes: approved [\"vso.build\", \"vso.code\"], now "
            "[\"vso.code_full\"]\n");
  const std::string digest = Now(saved).digest;
  EXPECT_EQ(ByDigest(saved),
            absl::StrCat("approved is ", saved.plan.digest,
                         "; the plan is now ", digest,
                         "\n"
                         "it holds 3 changes that need the approval:\n"
                         "  token.ci: to be revoked\n"
                         "  token.more: to be created\n"
                         "  token.new: to be created\n"));
}

TEST_F(ClearanceTest, LessThanWasApproved) {
  world_.Declare("a", {"main:a"});
  world_.Declare("b", {"main:b"});
  const SavedPlan saved = Save();
  // The first try got as far as "a".
  world_.misfortune.rules = {{"put main:b", 1, Misfortune::Kind::kFail,
                              absl::FailedPreconditionError("full")}};
  world_.Run();
  world_.misfortune.Clear();
  const std::string rest = Approved(saved);
  EXPECT_TRUE(rest.find("token.b") != std::string::npos) << rest;
  EXPECT_TRUE(rest.find("token.a") == std::string::npos) << rest;
}

TEST_F(ClearanceTest, AnotherUserOrWorkspace) {
  world_.Declare("new", {"main:new"});
  const SavedPlan saved = Save();
  world_.user_oid = "somebody-else";
  world_.desired.workspace = "other";
  const std::string text = Approved(saved);
  EXPECT_EQ(text.substr(0, text.find("token.")),
            "workspace: approved \"w\", now \"other\"\n"
            "user: approved \"5d2e0000-0000-4000-8000-000000000001\", now "
            "\"somebody-else\"\n");
}

// Asked for once, done once, however often the release is tried.
TEST_F(ClearanceTest, ARequestedRotationIsDoneOnce) {
  const SavedPlan saved = Save({"ci"});
  EXPECT_EQ(patform::Dump(saved.plan.changes),
            "+/- token.ci rotate requested gen 2 retires 1\n");
  EXPECT_EQ(Approved(saved), patform::Dump(saved.plan.changes));
  world_.Run({"ci"});
  EXPECT_EQ(Approved(saved), "");
}

TEST_F(ClearanceTest, OrphansThatCameUpAreLeftToTheNextPlan) {
  world_.misfortune.rules = {
      {"put main:ci", 1, Misfortune::Kind::kCrashBefore, {}}};
  EXPECT_EQ(world_.Run({"ci"}), "crashed");
  world_.clock.Tick(absl::Hours(1));
  world_.misfortune.Clear();
  const SavedPlan saved = Save();
  EXPECT_EQ(patform::Dump(saved.plan.changes),
            "» token.ci finish orphan revokes 2\n");
  world_.misfortune.rules = {
      {"put main:ci", 1, Misfortune::Kind::kCrashBefore, {}}};
  EXPECT_EQ(world_.Run({"ci"}), "crashed");
  world_.misfortune.Clear();
  world_.clock.Tick(absl::Hours(1));
  const std::string released = Exactly(saved);
  EXPECT_EQ(released, "» token.ci finish orphan revokes 2\n");
}

// What was reviewed to live on for its grace does not end before.
TEST_F(ClearanceTest, NothingEndsSoonerThanReviewed) {
  // Rotated, and dead before the old generation was retired.
  world_.misfortune.rules = {{"PUT", 1, Misfortune::Kind::kCrashBefore, {}}};
  EXPECT_EQ(world_.Run({"ci"}), "crashed");
  world_.misfortune.Clear();
  SavedPlan saved = Save();
  const std::string finish = "» token.ci finish superseded retires 1\n";
  ASSERT_EQ(patform::Dump(saved.plan.changes), finish);
  const Plan now = Now(saved);
  const auto released = [&](const std::function<void(Collect&)>& edit) {
    Plan moved = now;
    edit(moved.changes.changes[0].decision.Mutable().collect[0]);
    return Dump(ClearExactly(saved, world_.desired, actual_, moved));
  };
  const std::string refused =
      "token.ci was to be finished; there is nothing to do for it now\n";
  // Clocks of two runners differ.
  EXPECT_EQ(released([](Collect& end) { *end.retire_at -= absl::Minutes(4); }),
            finish);
  EXPECT_EQ(released([](Collect& end) { *end.retire_at += kDay; }), finish);
  EXPECT_EQ(released([](Collect& end) { *end.retire_at -= absl::Minutes(6); }),
            refused);
  EXPECT_EQ(released([](Collect& end) { end.retire_at.reset(); }), refused);
  // Of what was to end at once, later is less.
  saved.plan.changes.changes[0].decision.Mutable().collect[0].retire_at.reset();
  EXPECT_EQ(released([](Collect&) {}), finish);
}

// Two tokens of one name that nobody manages are two changes.
TEST_F(ClearanceTest, TwoOfOneName) {
  world_.desired.policy.unmanaged = Unmanaged::kRevoke;
  world_.service().AddStranger("twin", "vso.code", kDay, 9 * kDay);
  world_.service().AddStranger("twin", "vso.work", kDay, 9 * kDay);
  const SavedPlan saved = Save();
  const std::string both =
      "- token.twin revoke unmanaged revokes 0\n"
      "- token.twin revoke unmanaged revokes 0\n";
  EXPECT_EQ(Exactly(saved), both);
  EXPECT_EQ(Approved(saved), both);
  // Another one of that name was not approved.
  world_.service().AddStranger("twin", "vso.tokens", kDay, 9 * kDay);
  EXPECT_EQ(Exactly(saved), both + "beyond 1");
  const std::string more = Approved(saved);
  EXPECT_EQ(more.substr(0, more.find("approved")), "token.twin: token: ");
}

// Values that are drawn alike are not alike.
TEST_F(ClearanceTest, ComparedRawAndDrawnVisible) {
  world_.Declare("new", {"main:a##vso[b"});
  const SavedPlan saved = Save();
  world_.desired.tokens.back().deliver = {PlaceOf("main:a#\\x23vso[b")};
  EXPECT_NE(Approved(saved), "");
  EXPECT_NE(ByDigest(saved), "");
  EXPECT_NE(Exactly(saved), "");
}

// The rules and flags that a plan was approved under.
TEST_F(ClearanceTest, ApprovedUnderOtherRules) {
  world_.desired.policy.max_lifetime = 90 * kDay;
  world_.Declare("new", {"main:new"});
  const SavedPlan saved = Save();
  struct Row {
    std::function<void(DesiredState&, PlanOptions&)> edit;
    const char* want;
  };
  const std::vector<Row> rows = {
      {[](DesiredState&, PlanOptions&) {},
       "+ token.new create not_found gen 1\n"},
      {[](DesiredState& d, PlanOptions&) { d.policy.max_lifetime.reset(); },
       "[policy]: max_lifetime: approved \"90d\", now nothing\n"},
      {[](DesiredState& d, PlanOptions&) { d.auth.source = "exec"; },
       "[auth]: source: approved \"environment\", now \"exec\"\n"},
      {[](DesiredState& d, PlanOptions&) {
         d.sinks[0].written["path"] = std::string("x");
       },
       "[sink.main]: written: approved nothing, now {path: \"x\"}\n"},
      {[](DesiredState&, PlanOptions& o) { o.diff.rotate = {"new"}; },
       "--rotate new was not approved\n"},
      {[](DesiredState&, PlanOptions& o) { o.targets = {"n*"}; },
       "--target: approved nothing, now [\"n*\"]\n"},
      {[](DesiredState&, PlanOptions& o) { o.allowed_revocations = 3; },
       "--allow-revocations 3 was not approved\n"},
      {[](DesiredState&, PlanOptions& o) { o.allow_empty_list = true; },
       "--allow-empty-list was not approved\n"},
  };
  for (const Row& row : rows) {
    DesiredState desired = world_.desired;
    PlanOptions options = saved.options;
    row.edit(desired, options);
    const ActualState actual = *world_.Look();
    const Plan now = MakePlan(desired, actual, options, world_.clock.Now());
    const Approval wanted =
        MakeApproval(desired, actual, options, now.changes.changes);
    EXPECT_EQ(Dump(ClearApproved(saved, now, wanted)), row.want);
  }
}

}  // namespace
}  // namespace patform
