// The status of a world that went through everything: the states come out of
// real runs that were killed, not of hand-made views. The text and the JSON
// are compared with files of tests/golden; PATFORM_UPDATE_GOLDEN=1 writes
// them, and fails, so that somebody reads them.
#include "engine/inquiry/status.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/report/page/status_page.h"
#include "engine/report/status_json.h"
#include "engine/report/status_text.h"
#include "tests/fakes/world.h"
#include "tests/golden/golden.h"
#include "tests/golden/page.h"

namespace patform {
namespace {

using Kind = Misfortune::Kind;

class StatusTest : public ::testing::Test {
 protected:
  StatusTest() {
    world_.AddSink("main");
    world_.AddSink("agents");
  }

  // A run that dies at `call`.
  void Die(const std::string& call, Kind kind,
           const std::set<std::string>& rotate = {}) {
    world_.misfortune.Clear();
    world_.misfortune.rules = {{call, 1, kind, {}}};
    ASSERT_EQ(world_.Run(rotate), "crashed");
    world_.misfortune.Clear();
  }

  StatusReport Status(const std::vector<std::string>& targets = {}) {
    const Plan plan = world_.PlanNow();
    return MakeStatus(world_.desired, world_.last_look, plan, targets);
  }

  // "ci: 1 superseded end_itself, 2 current stay [main:ci]" for each token.
  std::string Brief(const std::vector<std::string>& targets = {}) {
    std::string text;
    for (const TokenStatus& token : Status(targets).tokens) {
      std::vector<std::string> rows;
      for (const GenerationStatus& row : token.generations) {
        rows.push_back(absl::StrCat(
            row.generation, " ", Word(row.state), " ", Word(row.next),
            row.held_by.empty()
                ? ""
                : absl::StrCat(" [", absl::StrJoin(row.held_by, " "), "]")));
      }
      absl::StrAppend(&text, token.name, ": ", absl::StrJoin(rows, ", "),
                      token.makes > 0 ? absl::StrCat(" -> ", token.makes) : "",
                      "\n");
    }
    return text;
  }

  void Forget(const std::string& name) {
    std::erase_if(world_.desired.tokens, [&](const DesiredToken& token) {
      return token.name == name;
    });
  }

  FakeWorld world_;
};

// Every state but those that need a place which cannot be read, or which
// changed hands.
TEST_F(StatusTest, OneOfAlmostEverything) {
  world_.Declare("young", {"main:young"});
  world_.Declare("split", {"main:split", "agents:.env#SPLIT"});
  world_.Declare("late", {"main:late"});
  DesiredToken& dead = world_.Declare("dead", {"main:dead"});
  dead.lifetime = absl::Hours(73);
  dead.rotate_before.span = absl::Minutes(1);
  for (const char* name :
       {"absent", "ended", "moved", "released", "surplus", "vanished"}) {
    world_.Declare(name, {absl::StrCat("main:", name)});
  }
  world_.Declare("rotated", {"main:rotated", "agents:.env#ROTATED"});
  world_.Run();
  world_.clock.Tick(absl::Hours(72));
  world_.Run({"rotated"});
  Die("put main:late", Kind::kCrashBefore, {"late"});
  world_.clock.Tick(absl::Hours(1));
  Die("put main:split", Kind::kCrashBefore, {"split"});
  Die("put main:young", Kind::kCrashBefore, {"young"});
  world_.clock.Tick(absl::Minutes(5));

  world_.Declared("absent").ensure = Ensure::kAbsent;
  world_.Declared("released").ensure = Ensure::kReleased;
  world_.Declared("moved").deliver = {PlaceOf("main:elsewhere")};
  world_.Declared("moved").scopes = ScopeSet::Of({"vso.code"});
  Forget("surplus");
  world_.Declare("foreign", {"main:foreign"});
  world_.sinks["main"]->PutForeign("main:foreign", "by hand");
  world_.Declare("new", {"main:new"});
  world_.Declare("watched", {});
  FakeService& service = world_.service();
  for (const char* name : {"watched", "new"}) {
    service.AddStranger(name, "vso.code vso.build", absl::Hours(24),
                        absl::Hours(24 * 20));
  }
  std::string copied;
  for (FakeService::Row& row : service.rows) {
    const std::string& name = row.token.display_name;
    if (name.rfind("ended ", 0) == 0) row.revoked = true;
    if (name.rfind("rotated ~pf:w#2", 0) == 0) copied = name;
  }
  service.AddStranger(copied, "vso.code", -absl::Minutes(1),
                      absl::Hours(24 * 20));
  std::erase_if(service.rows, [](const FakeService::Row& row) {
    return row.token.display_name.rfind("vanished ", 0) == 0;
  });

  EXPECT_EQ(Brief(),
            "young: 1 current stay [main:young], 2 in_flight wait\n"
            "split: 1 current replace [main:split], 2 partly_delivered retire "
            "[agents:.env#SPLIT] -> 3\n"
            "late: 1 current stay [main:late], 2 orphan revoke\n"
            "dead: 1 expired replace [main:dead] -> 2\n"
            "absent: 1 declared_absent revoke\n"
            "ended: 1 revoked replace [main:ended] -> 2\n"
            "moved: 1 unrecorded retire -> 2\n"
            "released: 1 declared_released release\n"
            "vanished: 1 gone replace [main:vanished] -> 2\n"
            "rotated: 0 copied stay, 1 superseded end_itself, 2 current stay "
            "[main:rotated agents:.env#ROTATED]\n"
            "foreign: \n"
            "new: 0 unmanaged stay -> 1\n"
            "watched: 0 watched stay\n"
            "surplus: 1 undeclared revoke\n");
  const StatusReport report = Status();
  EXPECT_TRUE(report.complete);
  ExpectGolden("status.txt", RenderStatus(report, Style(false)));
  ExpectGolden("status-color.txt", RenderStatus(report, Style(true)));
  ExpectGolden("status.json", RenderStatusJson(report));
  ExpectGolden("status.html", WithoutAssets(RenderStatusPage(report)));
}

TEST_F(StatusTest, APlaceThatCannotBeRead) {
  world_.Declare("ci", {"main:ci", "agents:.env#CI"});
  world_.Run();
  world_.misfortune.rules = {
      {"read agents:", 0, Kind::kFail,
       absl::PermissionDeniedError("permission denied: .env\x07")}};
  EXPECT_EQ(Brief(), "ci: 1 current undecided [main:ci]\n");
  StatusReport report = Status();
  EXPECT_FALSE(report.complete);
  EXPECT_EQ(
      RenderStatus(report, Style(false)),
      "TOKEN     STATE    DUE         ENDS               NEXT APPLY\n"
      "token.ci  current  2027-02-07  2027-02-14 in 30d  undecided\n"
      "    generation 1, a0001eef, minted now, in main:ci\n"
      "\n? token.ci is undecided: what agents:.env#CI holds could not be read: "
      "permission denied: .env\\x07\n"
      "\n1 token: 1 current.\n"
      "The status is incomplete: a place could not be read (see above).\n");
  world_.misfortune.rules = {
      {"read main:", 0, Kind::kFail, absl::PermissionDeniedError("locked")}};
  EXPECT_EQ(Brief(), "ci: 1 partly_delivered undecided [agents:.env#CI]\n");
  world_.misfortune.rules = {
      {"read ", 0, Kind::kFail, absl::PermissionDeniedError("locked")}};
  EXPECT_EQ(Brief(), "ci: 1 unknown undecided\n");
}

TEST_F(StatusTest, APlaceThatChangedHands) {
  world_.Declare("old", {"main:a"});
  world_.Run();
  world_.clock.Tick(absl::Hours(1));
  world_.Declared("old").deliver = {PlaceOf("main:b")};
  world_.Declare("new", {"main:a"}).deliver[0].adopt = true;
  EXPECT_EQ(Brief(),
            "old: 1 served_elsewhere stay -> 2\n"
            "new:  -> 2\n");
}

// Decide() retires what a place may serve that cannot tell: it is not called an
// orphan, which would end at once.
TEST_F(StatusTest, APlaceThatCannotTell) {
  world_.Declare("ci", {"main:ci", "agents:.env#CI"});
  world_.Run();
  Die("put agents:", Kind::kCrashBefore, {"ci"});
  world_.clock.Tick(absl::Hours(1));
  EXPECT_EQ(Brief(),
            "ci: 1 current stay [main:ci agents:.env#CI], 2 orphan revoke\n");
  world_.sinks["agents"]->entries.at("agents:.env#CI").state =
      HeldRecord::State::kTorn;
  EXPECT_EQ(Brief(),
            "ci: 1 current replace [main:ci], 2 unrecorded retire -> 3\n");
}

// A run with another version of the file may have it in its hands.
TEST_F(StatusTest, UndeclaredOnItsWay) {
  world_.Declare("ci", {"main:ci"});
  world_.Run();
  Die("put main:ci", Kind::kCrashBefore, {"ci"});
  world_.Declared("ci").name = "web";
  EXPECT_EQ(Brief(),
            "web:  -> 2\nci: 1 undeclared revoke, 2 undeclared wait\n");
}

TEST_F(StatusTest, OneThatNobodyRecordsEndsByItselfOrLater) {
  world_.Declare("ci", {"main:ci"});
  world_.Run();
  world_.clock.Tick(absl::Hours(24 * 29) + absl::Hours(1));
  // Its place was emptied by hand: less than its grace is left.
  world_.sinks["main"]->entries.clear();
  EXPECT_EQ(Brief(), "ci: 1 unrecorded end_itself -> 2\n");
}

TEST_F(StatusTest, TargetsAndTheGuards) {
  world_.Declare("ci", {"main:ci"});
  world_.Declare("deploy", {"main:deploy"});
  world_.Declare("docs", {"main:docs"});
  world_.Run();
  Forget("docs");
  world_.desired.policy.max_revocations = 0;
  EXPECT_EQ(Brief({"d*"}),
            "deploy: 1 current stay [main:deploy]\n"
            "docs: 1 undeclared revoke\n");
  EXPECT_EQ(Brief({"token.ci"}), "ci: 1 current stay [main:ci]\n");
  EXPECT_EQ(
      RenderStatus(Status({"ci"}), Style(false)),
      "TOKEN     STATE    DUE         ENDS               NEXT APPLY\n"
      "token.ci  current  2027-02-07  2027-02-14 in 30d  -\n"
      "    generation 1, a0001eef, minted now, in main:ci\n"
      "\n"
      "1 token: 1 current.\n"
      "Limited to the targets given: 2 other tokens left out.\n"
      "The next apply would do nothing: a policy or guard forbids it; `patform "
      "plan` names it.\n");
  EXPECT_EQ(Status({"ci"}).left_out,
            (std::vector<std::string>{"token.deploy", "token.docs"}));
}

TEST_F(StatusTest, TwoOrganizations) {
  world_.AddOrganization("fabrikam");
  world_.Declare("ci", {"main:ci"});
  world_.Declare("other", {"main:other"}).organization = "fabrikam";
  world_.Run();
  EXPECT_EQ(RenderStatus(Status(), Style(false)),
            "TOKEN                 STATE    DUE         ENDS               "
            "NEXT APPLY\n"
            "token.ci              current  2027-02-07  2027-02-14 in 30d  -\n"
            "    contoso, generation 1, a0001eef, minted now, in main:ci\n"
            "fabrikam/token.other  current  2027-02-07  2027-02-14 in 30d  -\n"
            "    fabrikam, generation 1, b0001eef, minted now, in main:other\n"
            "\n2 tokens: 2 current.\n");
}

TEST_F(StatusTest, Nothing) {
  EXPECT_EQ(RenderStatus(Status(), Style(false)),
            "No token is declared, and none carries this workspace's mark.\n");
}

// In 80 columns, whatever names, states and places there are; what ends first
// comes first.
TEST_F(StatusTest, FitsATerminal) {
  const std::string name(60, 'n');
  world_.Declare("later", {"main:later"});
  world_.Run();
  world_.Declare(name, {"main:" + name, "agents:.env#" + std::string(30, 'K')})
      .lifetime = absl::Hours(240);
  world_.Run();
  const std::string text = RenderStatus(Status(), Style(false));
  for (const auto line : absl::StrSplit(text, '\n')) {
    // A name is never cut; it has its line to itself.
    if (absl::StrContains(line, name)) continue;
    EXPECT_LE(line.size(), 80u) << line;
  }
  EXPECT_LT(text.find("token." + name), text.find("token.later")) << text;
}

TEST_F(StatusTest, WideNamesLineUp) {
  world_.Declare("é\x1b[2J", {"main:a"});
  world_.Declare("plain", {"main:b"});
  EXPECT_EQ(RenderStatus(Status(), Style(false)),
            "TOKEN             STATE    DUE  ENDS  NEXT APPLY\n"
            "token.\"é\\x1b[2J\"  missing  -    -     create\n"
            "token.plain       missing  -    -     create\n"
            "\n2 tokens: 2 missing.\n");
}

}  // namespace
}  // namespace patform
