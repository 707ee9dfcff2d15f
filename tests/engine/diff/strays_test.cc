#include "engine/diff/strays.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/engine/diff/testing.h"
#include "tests/fakes/world.h"

namespace patform {
namespace {

using testing::Id;
using testing::kDay;

// A place that no table names holds the secret of token 1.
class StraysTest : public ::testing::Test {
 protected:
  StraysTest() {
    desired_.workspace = "w";
    desired_.organization = "contoso";
    actual_.user_oid = "oid";
    token_ = testing::Marked(1, "old", 1, 10 * kDay);
    StrayPlace& stray = actual_.strays["main:old"];
    stray.place = PlaceOf("main:old");
    stray.held = testing::Held(1, 1, stray.place);
    stray.held.version = "v1";
    stray.held.record->token = "old";
    stray.held.record->user_oid = "oid";
    Listed(TokenState::kActive);
    Change change;
    change.action = Action::kRevoke;
    change.organization = "contoso";
    change.name = "old";
    change.revoke.push_back(EndNow(token_, 1, Reason::kUndeclared));
    revokes_.changes.push_back(change);
  }

  void Listed(TokenState state) {
    token_.state = state;
    actual_.organizations["contoso"].organization = "contoso";
    actual_.organizations["contoso"].tokens = {token_};
  }
  SinkRecord& Record() { return *actual_.strays["main:old"].held.record; }
  // Removals and notes.
  std::string After(ChangeSet set) {
    DiffStrays(desired_, actual_, set);
    std::string text;
    for (const Change& change : set.changes) {
      for (const Removal& each : change.remove) {
        absl::StrAppend(&text, "remove ", each.place.Address(), " ",
                        each.version, "\n");
      }
    }
    for (const Note& note : set.notes) {
      absl::StrAppend(&text, note.address, ": ", note.text, "\n");
    }
    return text;
  }

  DesiredState desired_;
  ActualState actual_;
  ActualToken token_;
  ChangeSet revokes_;
};

TEST_F(StraysTest, GoWithTheTokenThatIsRevoked) {
  EXPECT_EQ(After(revokes_), "remove main:old v1\n");
  // A rotation lets it end later, and then it may be read until then.
  revokes_.changes[0].action = Action::kRotate;
  EXPECT_EQ(After(revokes_).find("remove"), std::string::npos);
}

TEST_F(StraysTest, AreNamedOtherwise) {
  const std::string start = absl::StrCat(
      "token.old: main:old holds the secret "
      "of ",
      Which(1, Id(1)));
  EXPECT_EQ(
      After({}),
      absl::StrCat(start, ", which lives until ", FormatMinute(token_.valid_to),
                   "; no table names that place any more. Remove it "
                   "there when nobody reads it any more\n"));
  const std::string ended = start +
                            ", which has ended; no table names that place any "
                            "more. Remove it there\n";
  Listed(TokenState::kRevoked);
  EXPECT_EQ(After({}), ended);
  actual_.organizations["contoso"].tokens.clear();
  EXPECT_EQ(After({}), ended);
}

TEST_F(StraysTest, OfOthersAreTheirs) {
  Record().user_oid = "somebody";
  EXPECT_EQ(After(revokes_), "");
  Record().user_oid = "";
  EXPECT_EQ(After(revokes_), "remove main:old v1\n");
  Record().organization = "fabrikam";
  EXPECT_EQ(After(revokes_), "");
}

}  // namespace
}  // namespace patform
