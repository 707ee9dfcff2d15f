#include "engine/plan/plan.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/plan/places.h"
#include "tests/fakes/dump.h"
#include "tests/fakes/world.h"

namespace patform {
namespace {

class PlanTest : public ::testing::Test {
 protected:
  PlanTest() {
    world_.AddSink("main");
    for (const char* name : {"build", "deploy", "docs"}) {
      world_.Declare(name, {absl::StrCat("main:", name)});
    }
    world_.Declare("watched", {});
  }
  Plan Make(std::vector<std::string> targets, int allowed = -1) {
    PlanOptions options;
    options.targets = std::move(targets);
    options.allowed_revocations = allowed;
    return MakePlan(world_.desired, *world_.Look(), options,
                    world_.clock.Now());
  }

  FakeWorld world_;
};

TEST_F(PlanTest, HoldsWhatADecisionNeeds) {
  const Plan plan = Make({});
  EXPECT_EQ(plan.workspace, "w");
  EXPECT_EQ(plan.organizations, std::vector<std::string>{"contoso"});
  EXPECT_EQ(plan.as_of, world_.clock.Now());
  EXPECT_EQ(plan.stable_until, absl::InfiniteFuture());
  EXPECT_EQ(plan.counts[Action::kCreate], 3);
  EXPECT_FALSE(plan.empty());
  EXPECT_FALSE(plan.complete());
  EXPECT_TRUE(plan.left_out.empty());
  EXPECT_TRUE(plan.findings.empty());
}

TEST_F(PlanTest, Targets) {
  struct Row {
    std::vector<std::string> targets;
    const char* want;
    size_t left_out;
    bool complete;
  };
  const char* kWatched =
      "? token.watched: no live token named \"watched\" exists, and without "
      "`deliver` patform cannot create it: its secret would have nowhere to "
      "go. Add `deliver`, or create the token in the portal\n";
  const std::vector<Row> rows = {
      {{"build"}, "+ token.build create not_found gen 1\n", 2, true},
      {{"token.build"}, "+ token.build create not_found gen 1\n", 2, true},
      {{"d*", "nothing"},
       "+ token.deploy create not_found gen 1\n+ token.docs create not_found "
       "gen 1\n",
       1,
       true},
      {{"BUILD"}, "", 3, true},
      {{"token.watched"}, kWatched, 3, false},
      {{"watched"}, kWatched, 3, false},
  };
  for (const Row& row : rows) {
    const Plan plan = Make(row.targets);
    EXPECT_EQ(Dump(plan.changes), row.want) << row.targets[0];
    EXPECT_EQ(plan.left_out.size(), row.left_out) << row.targets[0];
    EXPECT_EQ(plan.complete(), row.complete) << row.targets[0];
    EXPECT_EQ(plan.targets, row.targets);
  }
}

TEST_F(PlanTest, CountsEachAction) {
  world_.Declared("watched").ensure = Ensure::kAbsent;
  world_.Run();
  world_.clock.Tick(absl::Hours(1));
  // An orphan of "docs".
  world_.misfortune.rules = {
      {"put main:docs", 1, Misfortune::Kind::kCrashBefore, {}}};
  EXPECT_EQ(world_.Run({"docs"}), "crashed");
  world_.misfortune.Clear();
  world_.clock.Tick(absl::Hours(1));
  world_.Declare("new", {"main:new"});
  world_.Declared("deploy").scopes = ScopeSet::Of({"vso.work"});
  world_.Declared("build").ensure = Ensure::kAbsent;
  const Plan plan = Make({});
  EXPECT_EQ(Dump(plan.changes),
            "- token.build revoke declared_absent revokes 1\n"
            "~ token.deploy update scope_changed {scopes: vso.build vso.code → "
            "vso.work}\n"
            "» token.docs finish orphan revokes 2\n"
            "+ token.new create not_found gen 1\n");
  EXPECT_EQ(plan.counts[Action::kCreate], 1);
  EXPECT_EQ(plan.counts[Action::kUpdate], 1);
  EXPECT_EQ(plan.counts[Action::kRotate], 0);
  EXPECT_EQ(plan.counts[Action::kRevoke], 1);
  EXPECT_EQ(plan.counts[Action::kFinish], 1);
  EXPECT_EQ(plan.counts[Action::kRelease], 0);
}

TEST_F(PlanTest, FindingsOfThePolicyThenOfTheGuards) {
  world_.Run();
  world_.desired.policy.max_lifetime = absl::Hours(24);
  world_.desired.policy.max_revocations = 0;
  world_.desired.tokens.erase(world_.desired.tokens.begin() + 1,
                              world_.desired.tokens.end());
  const auto rules = [](const Plan& plan) {
    std::string text;
    for (const Finding& finding : plan.findings) {
      absl::StrAppend(&text, finding.rule, " ", finding.address, ";");
    }
    return text;
  };
  EXPECT_EQ(rules(Make({})), "max_lifetime token.build;max_revocations ;");
  EXPECT_EQ(rules(Make({}, 2)), "max_lifetime token.build;");
  // What the targets leave out is not revoked, so it is not counted.
  EXPECT_EQ(rules(Make({"build"})), "max_lifetime token.build;");
}

// As the file writes it; of the environment only that it had a part in it.
TEST(DescribeSinkTest, AsTheFileWritesIt) {
  SinkConfig sink;
  sink.type = "file";
  sink.written = {{"mode", std::string("0600")},
                  {"newline", true},
                  {"path", std::string("a\"b\\c")}};
  EXPECT_EQ(DescribeSink(sink),
            "file, mode = \"0600\", newline = true, path = "
            "\"a\\\"b\\\\c\"");
  sink.filled_in = "0123abcd";
  EXPECT_EQ(DescribeSink(sink),
            "file, mode = \"0600\", newline = true, path = "
            "\"a\\\"b\\\\c\", from the environment 0123abcd");
}

}  // namespace
}  // namespace patform
