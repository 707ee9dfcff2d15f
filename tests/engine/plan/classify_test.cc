#include "engine/plan/classify.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/engine/diff/testing.h"
#include "tests/fakes/world.h"

namespace patform {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

// "ci" in two sinks, an hour old, and what happens then.
TEST(ClassifyTest, WhatTimeAsksForAndWhatAPersonDoes) {
  struct Row {
    const char* name;
    std::function<void(FakeWorld&)> happens;
    const char* want;
  };
  const auto later = [](FakeWorld& w) { w.clock.Tick(25 * kDay); };
  const auto die_at = [](FakeWorld& w, const char* call) {
    w.misfortune.rules = {{call, 1, Misfortune::Kind::kCrashBefore, {}}};
    EXPECT_EQ(w.Run({"ci"}), "crashed");
    w.misfortune.Clear();
    w.clock.Tick(absl::Hours(1));
  };
  const std::vector<Row> rows = {
      {"nothing", [](FakeWorld&) {}, ""},
      {"due", later, "rotate in_rotation_window maintenance\n"},
      {"expired", [](FakeWorld& w) { w.clock.Tick(40 * kDay); },
       "create expired maintenance\n"},
      {"due to be extended",
       [&](FakeWorld& w) {
         w.Declared("ci").renewal = Renewal::kExtend;
         w.clock.Tick(24 * kDay);
       },
       "update in_rotation_window maintenance\n"},
      {"renamed, and due later",
       [&](FakeWorld& w) {
         w.Declared("ci").renamed_from = "ci";
         w.Declared("ci").name = "ci-2";
         w.Run();
         w.Declared("ci-2").renamed_from = "";
         later(w);
       },
       "rotate in_rotation_window maintenance\n"},
      {"died before the delivery",
       [&](FakeWorld& w) { die_at(w, "put second:ci"); },
       "finish orphan maintenance\n"},
      {"died between two deliveries",
       [&](FakeWorld& w) { die_at(w, "put main:ci"); },
       "rotate sink_out_of_date maintenance\n"},
      {"due, and other scopes",
       [&](FakeWorld& w) {
         w.Declared("ci").scopes = ScopeSet::Of({"vso.work"});
         later(w);
       },
       "rotate in_rotation_window policy\n"},
      {"due, and another place",
       [&](FakeWorld& w) {
         w.Declared("ci").deliver.push_back(PlaceOf("main:elsewhere"));
         later(w);
       },
       "rotate sink_out_of_date policy\n"},
      {"expired, and another place",
       [&](FakeWorld& w) {
         w.Declared("ci").deliver.push_back(PlaceOf("main:elsewhere"));
         w.clock.Tick(40 * kDay);
       },
       "create expired policy\n"},
      {"a place lost its record",
       [](FakeWorld& w) { w.sinks["second"]->entries.clear(); },
       "rotate sink_out_of_date policy\n"},
      {"revoked by hand",
       [](FakeWorld& w) { w.service().rows[0].revoked = true; },
       "create gone policy\n"},
      {"other scopes",
       [](FakeWorld& w) {
         w.Declared("ci").scopes = ScopeSet::Of({"vso.work"});
       },
       "update scope_changed policy\n"},
      {"a shorter life",
       [](FakeWorld& w) { w.Declared("ci").lifetime = 20 * kDay; },
       "update lifetime_too_long policy\n"},
      {"undeclared", [](FakeWorld& w) { w.desired.tokens.clear(); },
       "revoke undeclared policy\n"},
      {"absent",
       [](FakeWorld& w) { w.Declared("ci").ensure = Ensure::kAbsent; },
       "revoke declared_absent policy\n"},
      {"released",
       [](FakeWorld& w) { w.Declared("ci").ensure = Ensure::kReleased; },
       "release declared_released policy\n"},
      {"new", [](FakeWorld& w) { w.Declare("new", {"main:new"}); },
       "create not_found policy\n"},
  };
  for (const Row& row : rows) {
    FakeWorld world;
    world.AddSink("main");
    world.AddSink("second");
    world.Declare("ci", {"main:ci", "second:ci"});
    world.Run();
    world.clock.Tick(absl::Hours(1));
    row.happens(world);
    std::string text;
    for (const Change& change : world.PlanNow().changes.changes) {
      absl::StrAppend(&text, Word(change.action), " ", Word(change.reason), " ",
                      Word(change.change_class), "\n");
    }
    EXPECT_EQ(text, row.want) << row.name;
  }
  // A rotation that somebody asks for is not due.
  FakeWorld world;
  world.AddSink("main");
  world.Declare("ci", {"main:ci"});
  world.Run();
  const Plan plan = world.PlanNow({"ci"});
  ASSERT_EQ(plan.changes.changes.size(), 1u);
  EXPECT_EQ(plan.changes.changes[0].change_class, ChangeClass::kPolicy);
}

// Time asks for it, and still a person has to: each alone.
TEST(ClassifyTest, WhatMakesMaintenanceAPolicyChange) {
  struct Row {
    const char* name;
    std::function<void(Change&, SinkRecord&)> change;
    ChangeClass want;
  };
  const std::vector<Row> rows = {
      {"due", [](Change&, SinkRecord&) {}, ChangeClass::kMaintenance},
      {"ends one of ours",
       [](Change& c, SinkRecord&) {
         c.decision.Mutable().collect.emplace_back().generation = 1;
       },
       ChangeClass::kMaintenance},
      {"ends one without a mark",
       [](Change& c, SinkRecord&) {
         c.decision.Mutable().collect.emplace_back();
       },
       ChangeClass::kPolicy},
      {"renamed since the delivery",
       [](Change&, SinkRecord& r) { r.token = "old"; },
       ChangeClass::kMaintenance},
      {"the place is another token's",
       [](Change&, SinkRecord& r) {
         r.token = "other";
         r.id = testing::Id(9);
       },
       ChangeClass::kPolicy},
      {"the place is another organization's",
       [](Change&, SinkRecord& r) { r.organization = "fabrikam"; },
       ChangeClass::kPolicy},
      {"the end of its life alone",
       [](Change& c, SinkRecord&) {
         c.before->valid_to = testing::kNow + testing::kDay;
         c.after = c.before;
         c.after->valid_to = testing::kNow + 9 * testing::kDay;
       },
       ChangeClass::kMaintenance},
      {"its scopes",
       [](Change& c, SinkRecord&) {
         c.after = c.before;
         c.after->scopes = ScopeSet::Of({"vso.work"});
       },
       ChangeClass::kPolicy},
  };
  for (const Row& row : rows) {
    Change change;
    change.action = Action::kRotate;
    change.reason = Reason::kInRotationWindow;
    change.name = "ci";
    change.organization = "contoso";
    change.deliver = {PlaceOf("main:ci")};
    change.before.emplace().id = testing::Id(1);
    ActualState actual;
    HeldRecord& held = actual.records["main:ci"];
    held = testing::Held(1, 1, PlaceOf("main:ci"));
    row.change(change, *held.record);
    EXPECT_EQ(Classify(change, DesiredState(), actual), row.want) << row.name;
  }
}

// Two machines, each with a file of its own.
TEST(ClassifyTest, WhatAnotherMachineMayServe) {
  const std::string why =
      ", and every place of this token is on this machine alone: another "
      "machine may serve it, and loses it by this change. So somebody has to "
      "approve it; deliver to a store that all machines reach to avoid this";
  DesiredState desired;
  desired.sinks.resize(2);
  desired.sinks[0].name = "main";
  desired.sinks[1].name = "vault";
  desired.sinks[1].reach = Reach::kNetwork;
  desired.tokens.resize(1);
  DesiredToken& token = desired.tokens[0];
  token.name = "ci";
  token.organization = "contoso";
  token.deliver = {PlaceOf("main:ci")};
  Change missing;
  missing.action = Action::kRotate;
  missing.reason = Reason::kSecretNotInSink;
  missing.name = "ci";
  missing.organization = "contoso";
  missing.deliver = token.deliver;
  ActualState actual;
  EXPECT_EQ(MayBeServedElsewhere(missing, desired, actual),
            "its secret is not in main:ci" + why);
  Change due = missing;
  due.reason = Reason::kInRotationWindow;
  due.before.emplace().id = testing::Id(1);
  due.before->generation = 1;
  Collect& old = due.decision.Mutable().collect.emplace_back();
  old.generation = 1;
  old.reason = Reason::kSuperseded;
  actual.records["main:ci"] = testing::Held(1, 1, PlaceOf("main:ci"));
  EXPECT_EQ(MayBeServedElsewhere(due, desired, actual), "");
  EXPECT_EQ(Classify(due, desired, actual), ChangeClass::kMaintenance);
  Collect& newer = due.decision.Mutable().collect.emplace_back();
  newer.id = testing::Id(2);
  newer.generation = 2;
  newer.reason = Reason::kSuperseded;
  EXPECT_EQ(MayBeServedElsewhere(due, desired, actual),
            Which(2, newer.id) + " is newer than what main:ci holds" + why);
  EXPECT_EQ(Classify(due, desired, actual), ChangeClass::kPolicy);
  // What a run that died has left is nobody's.
  due.decision.Mutable().collect.back().reason = Reason::kOrphan;
  EXPECT_EQ(Classify(due, desired, actual), ChangeClass::kMaintenance);
  due.decision.Mutable().collect.back().reason = Reason::kSuperseded;
  // A store that all machines reach shows what is in service.
  token.deliver.push_back(PlaceOf("vault:ci"));
  EXPECT_EQ(MayBeServedElsewhere(missing, desired, actual), "");
  EXPECT_EQ(MayBeServedElsewhere(due, desired, actual), "");
  EXPECT_EQ(Classify(due, desired, actual), ChangeClass::kMaintenance);
}

}  // namespace
}  // namespace patform
