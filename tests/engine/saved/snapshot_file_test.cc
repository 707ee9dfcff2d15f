#include "engine/saved/snapshot_file.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/plan/plan.h"
#include "tests/fakes/dump.h"
#include "tests/fakes/world.h"

namespace patform {
namespace {

class SnapshotFileTest : public ::testing::Test {
 protected:
  SnapshotFileTest() {
    world_.AddSink("main");
    world_.Declare("ci", {"main:ci"});
    world_.Run();
    world_.clock.Tick(absl::Hours(1));
    world_.Run({"ci"});
    world_.clock.Tick(absl::Hours(1));
    world_.sinks["main"]->PutForeign("main:foreign", "by hand");
    world_.Declare("foreign", {"main:foreign"});
    actual_ = *world_.Look();
  }

  ActualState ThroughAFile() const {
    absl::StatusOr<ActualState> read =
        ReadSnapshot(WriteSnapshot(actual_, ""), "");
    EXPECT_TRUE(read.ok()) << read.status();
    return *std::move(read);
  }
  std::string PlanFrom(const ActualState& snapshot) {
    std::set<std::string> assumed;
    const absl::StatusOr<ActualState> world =
        WorldOfSnapshot(snapshot, world_.desired, world_.clock.Now(), assumed);
    if (!world.ok()) {
      return absl::StrCat(IsIncomplete(world.status()) ? "incomplete: " : "",
                          std::string(world.status().message()));
    }
    Plan plan = MakePlan(world_.desired, *world, {}, world_.clock.Now());
    SetSnapshot(world_.desired, *world, snapshot.taken_at, assumed, plan);
    return Dump(plan.changes);
  }
  std::string PlanLive() {
    return Dump(MakePlan(world_.desired, *world_.Look(), {}, world_.clock.Now())
                    .changes);
  }

  FakeWorld world_;
  ActualState actual_;
};

TEST_F(SnapshotFileTest, PlansTheSameAsTheWorldItself) {
  const ActualState snapshot = ThroughAFile();
  EXPECT_EQ(snapshot.user_oid, actual_.user_oid);
  EXPECT_EQ(snapshot.taken_at, actual_.taken_at);
  EXPECT_EQ(WriteSnapshot(snapshot, ""), WriteSnapshot(actual_, ""));
  EXPECT_EQ(PlanFrom(snapshot), PlanLive());
  world_.Declared("ci").scopes = ScopeSet::Of({"vso.work"});
  EXPECT_EQ(PlanFrom(snapshot), PlanLive());
  world_.desired.tokens.clear();
  EXPECT_EQ(PlanFrom(snapshot), PlanLive());
}

// What is wrong with a place, and what is left in one.
TEST_F(SnapshotFileTest, CautionsAndStrays) {
  actual_.records["main:ci"].caution = "open to others";
  StrayPlace& stray = actual_.strays["main:old"];
  stray.place = PlaceOf("main:old");
  stray.held = actual_.records["main:ci"];
  stray.held.record->address = "main:old";
  const ActualState read = ThroughAFile();
  EXPECT_EQ(read.records.at("main:ci").caution, "open to others");
  ASSERT_EQ(read.strays.size(), 1u);
  EXPECT_EQ(read.strays.at("main:old").place.Address(), "main:old");
  EXPECT_EQ(read.strays.at("main:old").held.record, stray.held.record);
  // A place that the file under review does not name any more is one, too.
  world_.desired.tokens.clear();
  std::set<std::string> assumed;
  const auto world =
      WorldOfSnapshot(read, world_.desired, world_.clock.Now(), assumed);
  ASSERT_TRUE(world.ok());
  EXPECT_EQ(world->strays.count("main:ci"), 1u);
  EXPECT_EQ(world->strays.count("main:old"), 1u);
  const Plan plan = MakePlan(world_.desired, *world, {}, world_.clock.Now());
  ASSERT_EQ(plan.changes.changes.size(), 1u);
  EXPECT_EQ(plan.changes.changes[0].remove.size(), 2u);
}

TEST_F(SnapshotFileTest, HoldsNoSecret) {
  const std::string text = WriteSnapshot(actual_, "a key of some length");
  for (const FakeService::Row& row : world_.service().rows) {
    EXPECT_EQ(text.find(row.secret), std::string::npos);
  }
  EXPECT_EQ(text.find("by hand"), std::string::npos);
  EXPECT_EQ(text.find("a key of"), std::string::npos);
}

TEST_F(SnapshotFileTest, APlaceThatItDoesNotKnowCountsAsEmpty) {
  world_.desired.tokens.pop_back();
  world_.Declare("new", {"main:new"});
  EXPECT_EQ(PlanFrom(ThroughAFile()),
            "+ token.new create not_found gen 1\n"
            "note token.new: main:new is not in the snapshot; it is taken for "
            "empty\n");
}

TEST_F(SnapshotFileTest, TimeGoesOn) {
  world_.desired.tokens.pop_back();
  const ActualState snapshot = ThroughAFile();
  world_.clock.Tick(absl::Hours(24 * 40));
  EXPECT_EQ(PlanFrom(snapshot), PlanLive());
  EXPECT_NE(PlanFrom(snapshot).find("expired"), std::string::npos);
}

TEST_F(SnapshotFileTest, AnOrganizationThatItDoesNotHold) {
  world_.Declared("ci").organization = "fabrikam";
  EXPECT_EQ(PlanFrom(ThroughAFile()),
            "incomplete: the snapshot does not hold the organization "
            "\"fabrikam\"; take one with a configuration that names it");
}

TEST_F(SnapshotFileTest, UnreadableStaysUnknown) {
  world_.desired.tokens.pop_back();
  actual_.records["main:ci"] =
      HeldRecord::Unknown(absl::PermissionDeniedError("permission denied"));
  EXPECT_EQ(PlanFrom(ThroughAFile()),
            "? token.ci: what main:ci holds could not be read: permission "
            "denied\n");
}

TEST_F(SnapshotFileTest, Faults) {
  const auto error = [](const std::string& text, std::string_view key) {
    const absl::Status status = ReadSnapshot(text, key).status();
    return absl::StrCat(IsStale(status) ? "stale: " : "",
                        std::string(status.message()));
  };
  EXPECT_EQ(error("{}", ""),
            "it is not a snapshot; `patform snapshot --out FILE` writes one");
  EXPECT_EQ(error(WriteSnapshot(actual_, ""), "a key of some length"),
            "stale: it is not signed, and PATFORM_PLAN_KEY is set: only what "
            "was signed with that key is accepted");
  std::string text = WriteSnapshot(actual_, "");
  text.replace(text.find("vso.code"), 8, "vso.full");
  const std::string edited = error(text, "");
  EXPECT_EQ(edited.substr(0, edited.find(':', 8)),
            "stale: it was changed after it was written");
}

}  // namespace
}  // namespace patform
