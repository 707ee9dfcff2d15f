// Each change is made by the user whose token it is.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "engine/model/mark.h"
#include "tests/fakes/dump.h"
#include "tests/fakes/world.h"

namespace patform {
namespace {

class ApplyIdentitiesTest : public ::testing::Test {
 protected:
  ApplyIdentitiesTest() {
    world_.AddSink("main");
    world_.AddUser("bot");
    world_.Declare("ci", {"main:mine"});
    world_.Declare("ci", {"main:theirs"}).identity = "bot";
  }

  FakeService& bots() { return *world_.services.at({"bot", "contoso"}); }
  const SinkRecord& Record(const std::string& address) {
    return world_.sinks["main"]->entries.at(address).record;
  }
  // Of both users, the live ones: "mine 1 2, theirs 1".
  std::string Live() {
    std::string text;
    for (const auto& [realm, service] : world_.services) {
      absl::StrAppend(&text, text.empty() ? "" : ", ", realm.ToString());
      for (const FakeService::Row& row : service->rows) {
        if (service->StateOf(row) != TokenState::kActive) continue;
        absl::StrAppend(&text, " ",
                        std::string(HumanName(row.token.display_name)));
      }
    }
    return text;
  }

  FakeWorld world_;
};

TEST_F(ApplyIdentitiesTest, OneNameTwoUsers) {
  EXPECT_EQ(world_.Run(),
            "token.ci done: minted generation 1 (a0001eef); delivered to "
            "main:mine\n"
            "identity.bot/token.ci done: minted generation 1 (b0001eef); "
            "delivered to main:theirs\n");
  EXPECT_EQ(Live(), "contoso ci, contoso as bot ci");
  EXPECT_EQ(Record("main:mine").user_oid, world_.user_oid);
  EXPECT_EQ(Record("main:theirs").user_oid, "bot");
  EXPECT_EQ(world_.Run(), "");
  EXPECT_EQ(world_.Broken(), "");
}

TEST_F(ApplyIdentitiesTest, OneWhoseSignInEndsLeavesTheOtherAlone) {
  const Plan plan = world_.PlanNow();
  world_.signed_out = {"bot"};
  std::string text;
  for (const ApplyResult::Entry& entry : world_.Apply(plan).entries) {
    absl::StrAppend(&text, entry.change.address, " ", Dump(entry.outcome),
                    "\n");
  }
  EXPECT_EQ(text,
            "token.ci done: minted generation 1 (a0001eef); delivered to "
            "main:mine\n"
            "identity.bot/token.ci failed (nobody is signed in)\n");
  world_.signed_out.clear();
  world_.Run();
  EXPECT_EQ(Live(), "contoso ci, contoso as bot ci");
}

// The new one first, at another place; then the other user's ends.
TEST_F(ApplyIdentitiesTest, ATokenThatMoves) {
  world_.Run();
  DesiredToken& token = world_.desired.tokens[1];
  token.name = "moved";
  token.identity = "";
  token.deliver = {PlaceOf("main:new")};
  EXPECT_EQ(world_.Run(),
            "token.moved done: minted generation 1 (a0003dde); delivered to "
            "main:new\n"
            "identity.bot/token.ci done: revoked generation 1 (b0001eef)\n");
  EXPECT_EQ(Live(), "contoso ci moved, contoso as bot");
  EXPECT_EQ(world_.Run(), "");
}

// Nothing is put over another user's secret.
TEST_F(ApplyIdentitiesTest, ATokenThatMovesInPlaceWaits) {
  world_.Run();
  DesiredToken& token = world_.desired.tokens[1];
  token.name = "moved";
  token.identity = "";
  EXPECT_EQ(Dump(world_.PlanNow().changes),
            "? token.moved: the record at main:theirs is of user \"bot\", this "
            "configuration is \"5d2e0000-0000-4000-8000-000000000001\"; the "
            "place belongs to another setup or was copied from one: deliver "
            "elsewhere, or remove it\n"
            "? identity.bot/token.ci: main:theirs still holds the secret of "
            "token b0001eef; it is revoked once another one is there\n");
  EXPECT_EQ(world_.Run(), "");
  EXPECT_EQ(Live(), "contoso ci, contoso as bot ci");
  // Also while the one who gets it cannot sign in.
  world_.desired.tokens[1].identity = "bot";
  world_.desired.tokens[0].identity = "bot";
  world_.signed_out = {"bot"};
  EXPECT_EQ(world_.Run(), "");
  EXPECT_EQ(Live(), "contoso ci, contoso as bot ci");
}

}  // namespace
}  // namespace patform
