#include "engine/diff/endings.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/diff/diff.h"
#include "tests/engine/diff/testing.h"

namespace patform {
namespace {

using testing::Held;
using testing::Id;
using testing::kDay;
using testing::kNow;
using testing::Marked;
using testing::Token;

// "revocation "prod" 1 declared team-a superseded 2027-01-16 08:00 UTC".
std::string Dump(const ChangeSet& set) {
  std::string text;
  for (const Change& change : set.changes) {
    for (const Ending& ending : EndingsOf(change)) {
      absl::StrAppend(&text, ending.revocation ? "revocation" : "retirement",
                      " of \"", ending.HumanName(), "\" ", ending.id.Short(),
                      " gen ", ending.generation, " ", Word(ending.whose), " ",
                      ending.owner.empty() ? "-" : ending.owner, " ",
                      Word(ending.reason), " ",
                      ending.at ? FormatMinute(*ending.at) : "now", "\n");
    }
  }
  return text;
}

// "ci", settled since ten days at main:ci, of team-a; "prod" of nobody's file.
class EndingsTest : public ::testing::Test {
 protected:
  EndingsTest() {
    desired_.workspace = "w";
    desired_.organization = "contoso";
    TokenList& snapshot = actual_.organizations["contoso"];
    snapshot.organization = "contoso";
    snapshot.has_history = true;
    DesiredToken& ci = Declare("ci", "main:ci");
    ci.owner = "team-a";
    Exists(Marked(1, "ci", 1, 10 * kDay));
    actual_.records["main:ci"] = Held(1, 1, ci.deliver[0]);
  }

  DesiredToken& Declare(const std::string& name, const std::string& place) {
    DesiredToken token;
    token.name = name;
    token.organization = "contoso";
    token.scopes = ScopeSet::Of({"vso.code", "vso.build"});
    token.rotate_before.span = 7 * kDay;
    if (!place.empty()) {
      token.deliver.push_back(PlaceOf(place));
      actual_.records.emplace(place, HeldRecord::Absent());
    }
    desired_.tokens.push_back(token);
    return desired_.tokens.back();
  }
  DesiredToken& ci() { return desired_.tokens[0]; }
  void Exists(const ActualToken& token) {
    actual_.organizations["contoso"].tokens.push_back(token);
  }
  std::string Ends() const {
    return Dump(Diff(desired_, actual_, options_, kNow));
  }

  DesiredState desired_;
  ActualState actual_;
  DiffOptions options_;
};

TEST_F(EndingsTest, NothingEndsByItself) { EXPECT_EQ(Ends(), ""); }

TEST_F(EndingsTest, ARotationRetiresItsOwnGeneration) {
  options_.rotate = {"ci"};
  EXPECT_EQ(Ends(),
            "retirement of \"ci\" 00000001 gen 1 declared team-a superseded "
            "2027-01-16 08:00 UTC\n");
}

TEST_F(EndingsTest, AnOrphanIsRetired) {
  Exists(Marked(2, "ci", 2, 2 * kDay));
  EXPECT_EQ(Ends(),
            "retirement of \"ci\" 00000002 gen 2 declared team-a orphan now\n");
}

TEST_F(EndingsTest, WhatReplacesNamesIsRevoked) {
  Exists(Token(7, "prod", 1 * kDay));
  ci().replaces = {Id(7)};
  EXPECT_EQ(Ends(),
            "revocation of \"prod\" 00000007 gen 0 unmanaged - superseded "
            "2027-01-16 08:00 UTC\n");
  ci().grace = absl::ZeroDuration();
  EXPECT_EQ(Ends(),
            "revocation of \"prod\" 00000007 gen 0 unmanaged - superseded "
            "now\n");
  // The same beside a token that is made only now.
  actual_.records["main:ci"] = HeldRecord::Absent();
  actual_.organizations["contoso"].tokens.erase(
      actual_.organizations["contoso"].tokens.begin());
  EXPECT_EQ(Ends(),
            "revocation of \"prod\" 00000007 gen 0 unmanaged - superseded "
            "now\n");
}

TEST_F(EndingsTest, Revoke) {
  Exists(Marked(3, "gone", 4, 1 * kDay));
  Exists(Token(7, "prod", 1 * kDay));
  desired_.policy.unmanaged = Unmanaged::kRevoke;
  EXPECT_EQ(Ends(),
            "revocation of \"gone\" 00000003 gen 4 undeclared - undeclared "
            "now\n"
            "revocation of \"prod\" 00000007 gen 0 unmanaged - unmanaged "
            "now\n");
}

// Both what is ours and what is not; the name is that of the victim.
TEST_F(EndingsTest, AbsentUnderAnotherName) {
  Exists(Marked(3, "prod", 4, 1 * kDay));
  Exists(Token(7, "prod", 1 * kDay));
  DesiredToken& x = Declare("x", "");
  x.renamed_from = "prod";
  x.ensure = Ensure::kAbsent;
  x.owner = "team-x";
  EXPECT_EQ(Ends(),
            "revocation of \"prod\" 00000003 gen 4 declared team-x "
            "declared_absent now\n"
            "revocation of \"prod\" 00000007 gen 0 unmanaged - "
            "declared_absent now\n");
}

// A name with the mark of another workspace makes its token nobody's prey.
TEST_F(EndingsTest, OtherWorkspacesCanNotBeNamed) {
  Exists(Token(7, "prod ~pf:other#1.aaaaaaaaaaaaaaaa", 1 * kDay));
  DesiredToken& x = Declare("x", "");
  x.renamed_from = "prod ~pf:other#1.aaaaaaaaaaaaaaaa";
  x.ensure = Ensure::kAbsent;
  EXPECT_EQ(Ends(), "");
}

// Renamed to a token with another place: nobody at the old one is served.
TEST_F(EndingsTest, ARenameToAnotherPlaceRevokes) {
  Exists(Marked(3, "prod", 4, 1 * kDay));
  DesiredToken& x = Declare("x", "main:x");
  x.renamed_from = "prod";
  EXPECT_EQ(Ends(),
            "revocation of \"prod\" 00000003 gen 4 declared - superseded "
            "2027-01-16 08:00 UTC\n");
}

// A token that is in service takes over another one's name.
TEST_F(EndingsTest, ARenameIntoATokenInServiceRevokes) {
  Exists(Marked(3, "prod", 1, 1 * kDay));
  ci().renamed_from = "prod";
  EXPECT_EQ(Ends(),
            "revocation of \"prod\" 00000003 gen 1 declared team-a superseded "
            "2027-01-16 08:00 UTC\n");
}

// Renamed at its place, and rotated at once: the old one has a successor.
TEST_F(EndingsTest, ARenameThatRotatesInPlaceRetires) {
  ci().renamed_from = "ci";
  ci().name = "new";
  options_.rotate = {"new"};
  EXPECT_EQ(Ends(),
            "retirement of \"ci\" 00000001 gen 1 declared team-a superseded "
            "2027-01-16 08:00 UTC\n");
}

TEST_F(EndingsTest, AnEndThatComesSooner) {
  const absl::Time soon = kNow + absl::Minutes(2);
  struct Row {
    const char* name;
    std::function<void(DesiredToken&)> edit;
    const char* want;
  };
  const std::vector<Row> rows = {
      {"a shorter lifetime, renewed in time",
       [](DesiredToken& t) { t.lifetime = 25 * kDay; },
       "retirement of \"ci\" 00000001 gen 1 declared team-a "
       "lifetime_too_long 2027-01-30 08:00 UTC\n"},
      {"a date, which nothing renews",
       [](DesiredToken& t) { t.expires = kNow + 15 * kDay; },
       "revocation of \"ci\" 00000001 gen 1 declared team-a expires_changed "
       "2027-01-30 08:00 UTC\n"},
      {"in two minutes", [&](DesiredToken& t) { t.expires = soon; },
       "revocation of \"ci\" 00000001 gen 1 declared team-a expires_changed "
       "2027-01-15 08:02 UTC\n"},
      {"a shorter lifetime without `deliver`",
       [](DesiredToken& t) {
         t.lifetime = 25 * kDay;
         t.deliver.clear();
       },
       "revocation of \"ci\" 00000001 gen 1 declared team-a "
       "lifetime_too_long 2027-01-30 08:00 UTC\n"},
      {"later", [](DesiredToken& t) { t.expires = kNow + 60 * kDay; }, ""},
  };
  for (const Row& row : rows) {
    const DesiredToken kept = ci();
    row.edit(ci());
    EXPECT_EQ(Ends(), row.want) << row.name;
    ci() = kept;
  }
  // By a rotation, where an update would give it a new secret.
  actual_.records["main:ci"].record->renewed_by_update = true;
  ci().expires = soon;
  EXPECT_EQ(Ends(),
            "revocation of \"ci\" 00000001 gen 1 declared team-a superseded "
            "2027-01-16 08:00 UTC\n");
  ci().expires.reset();
  ci().lifetime = 25 * kDay;
  EXPECT_EQ(Ends(),
            "retirement of \"ci\" 00000001 gen 1 declared team-a superseded "
            "2027-01-16 08:00 UTC\n");
  actual_.records["main:ci"].record->renewed_by_update = false;
  ci().lifetime = 30 * kDay;
  // A token by hand that a table merely watches.
  Exists(Token(7, "prod", 1 * kDay));
  DesiredToken& watched = Declare("prod", "");
  watched.lifetime = 20 * kDay;
  EXPECT_EQ(Ends(),
            "revocation of \"prod\" 00000007 gen 0 unmanaged - "
            "lifetime_too_long 2027-02-03 08:00 UTC\n");
  watched.expires = soon;
  EXPECT_EQ(Ends(),
            "revocation of \"prod\" 00000007 gen 0 unmanaged - "
            "expires_changed 2027-01-15 08:02 UTC\n");
}

}  // namespace
}  // namespace patform
