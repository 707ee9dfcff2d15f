#include "engine/diff/diff.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/clock.h"
#include "engine/model/mark.h"
#include "engine/model/places.h"
#include "tests/engine/diff/diff_world.h"
#include "tests/engine/diff/testing.h"

namespace patform {
namespace {

using testing::Held;
using testing::Id;
using testing::kDay;
using testing::kNow;
using testing::Marked;
using testing::Token;

class DiffTest : public testing::DiffWorld {};

TEST_F(DiffTest, SettledIsEmpty) {
  const ChangeSet changes = Changes();
  EXPECT_EQ(Dump(changes), "");
  EXPECT_EQ(changes.unchanged, 1);
  EXPECT_EQ(changes.stable_until, kNow + 13 * kDay);
}

TEST_F(DiffTest, ActionsAndReasons) {
  const std::vector<Row> rows = {
      {"create", [&] { Empty(); }, "+ token.ci create not_found gen 1\n"},
      {"create after expiry",
       [&] {
         Empty();
         Exists({Marked(1, "ci", 1, 40 * kDay)});
         actual_.records["main:ci"] = Held(1, 1, PlaceOf("main:ci"));
       },
       "+ token.ci create expired gen 2\n"},
      {"create after somebody revoked it",
       [&] { Existing(1).state = TokenState::kRevoked; },
       "+ token.ci create gone gen 2\n"},
      {"create beside an unmarked one",
       [&] {
         Empty();
         Exists({Token(5, "ci", kDay)});
       },
       "+ token.ci create not_found gen 1\n"
       "note token.ci: an unmarked token of this name exists too (00000005); "
       "patform did not make it and leaves it alone. If this one is to take "
       "its place: replaces = [\"00000005-0000-4000-8000-000000000000\"]\n"},
      {"create in place of an unmarked one",
       [&] {
         Empty();
         Exists({Token(5, "ci", kDay), Token(6, "old ci", kDay)});
         ci().replaces = {Id(5), Id(6), Id(7)};
       },
       "+ token.ci create not_found gen 1 retires 0 retires 0\n"},
      {"… and no grace",
       [&] {
         Empty();
         Exists({Token(5, "ci", kDay)});
         ci().replaces = {Id(5)};
         ci().grace = absl::ZeroDuration();
       },
       "+ token.ci create not_found gen 1 revokes 0\n"},
      {"it is in service: what it replaces ends",
       [&] {
         Exists({Token(5, "other", kDay)});
         ci().replaces = {Id(5)};
       },
       "» token.ci finish superseded retires 0\n"},
      {"… that is done already",
       [&] {
         Exists({Token(5, "other", kDay, kDay + absl::Hours(23))});
         ci().replaces = {Id(5)};
       },
       ""},
      {"what is of somebody is not replaced",
       [&] {
         Exists({Token(5, "web", kDay), Marked(6, "gone", 1, kDay),
                 Token(7, "served", kDay)});
         ci().replaces = {Id(5), Id(6), Id(7)};
         Declare("web", {});
         actual_.records["main:x"] = Held(7, 1, PlaceOf("main:x"), "x");
         desired_.tokens[0].replaces = {Id(5), Id(7)};
       },
       "- token.gone revoke undeclared revokes 1\n"
       "note token.ci: token 00000005 \"web\" is not replaced: token.web "
       "declares it\n"
       "note token.ci: token 00000007 \"served\" is not replaced: main:x "
       "serves it\n"},
      {"rotate when due", [&] { now_ = kNow + 13 * kDay; },
       "+/- token.ci rotate in_rotation_window gen 2 retires 1\n"},
      {"… a moment before", [&] { now_ = kNow + 13 * kDay - absl::Seconds(1); },
       ""},
      {"rotate due and no grace",
       [&] {
         now_ = kNow + 13 * kDay;
         ci().grace = absl::ZeroDuration();
       },
       "+/- token.ci rotate in_rotation_window gen 2 revokes 1\n"},
      {"due so late that the grace is longer than its life",
       [&] { now_ = kNow + 19 * kDay + absl::Hours(6); },
       "+/- token.ci rotate in_rotation_window gen 2\n"},
      {"due, but others are at work",
       [&] {
         now_ = kNow + 13 * kDay;
         for (int id : {2, 3, 4}) {
           Exists({Marked(id, "ci", id, absl::ZeroDuration() - 13 * kDay)});
         }
       },
       "? token.ci waits: 3 tokens of ci were minted in the last 30m and none "
       "was delivered; other runs may be at work. Wait and apply again; what "
       "stays undelivered is then collected\n"},
      {"rotate on request", [&] { options_.rotate = {"ci"}; },
       "+/- token.ci rotate requested gen 2 retires 1\n"},
      {"rotate when the secret is lost",
       [&] { actual_.records["main:ci"] = HeldRecord::Absent(); },
       "+/- token.ci rotate secret_not_in_sink gen 2 retires 1\n"},
      {"rotate for a second place",
       [&] {
         ci().deliver.push_back(PlaceOf("other:ci"));
         actual_.records["other:ci"] = HeldRecord::Absent();
       },
       "+/- token.ci rotate sink_out_of_date gen 2 retires 1\n"},
      {"undecided",
       [&] {
         actual_.records["main:ci"] =
             HeldRecord::Unknown(absl::UnavailableError("no answer"));
       },
       "? token.ci: what main:ci holds could not be read: no answer\n"},
      {"scopes", [&] { ci().scopes = ScopeSet::Of({"vso.work"}); },
       "~ token.ci update scope_changed {scopes: vso.build vso.code → "
       "vso.work}\n"},
      {"scopes in another order",
       [&] { Existing(1).scopes = ScopeSet::Parse("vso.code,vso.build"); }, ""},
      {"scopes that others imply",
       [&] {
         desired_.implied_scopes["vso.code"] = {"vso.profile"};
         Existing(1).scopes = ScopeSet::Parse("vso.build vso.code vso.profile");
       },
       ""},
      {"all organizations", [&] { ci().all_organizations = true; },
       "~ token.ci update all_organizations_changed {valid_in: this "
       "organization → all organizations}\n"},
      {"renamed",
       [&] {
         ci().name = "packaging";
         ci().renamed_from = "ci";
       },
       "~ token.packaging update renamed {display_name: ci → packaging}\n"},
      {"a shorter life", [&] { ci().lifetime = 20 * kDay; },
       "~ token.ci update lifetime_too_long {valid_to: 2027-02-04T08:00:00Z → "
       "2027-01-25T08:00:00Z}\n"},
      {"a life that is over already: the next one comes first",
       [&] { ci().lifetime = 8 * kDay; },
       "+/- token.ci rotate lifetime_too_long gen 2 retires 1\n"},
      {"a life that would be due at once", [&] { ci().lifetime = 16 * kDay; },
       "+/- token.ci rotate lifetime_too_long gen 2 retires 1\n"},
      {"a longer life comes with the next rotation",
       [&] { ci().lifetime = 90 * kDay; },
       "note token.ci: lives only 30d, not 90d as `lifetime` asks: the service "
       "gave less, as a policy of the tenant may demand, or `lifetime` was "
       "raised since. It is due 7d before its end\n"},
      {"our clock was a minute ahead of the service's",
       [&] { Existing(1).valid_to += absl::Minutes(1); }, ""},
      {"an earlier date", [&] { ci().expires = kNow + 2 * kDay; },
       "~ token.ci update expires_changed {valid_to: 2027-02-04T08:00:00Z → "
       "2027-01-17T08:00:00Z}\n"},
      {"a later date", [&] { ci().expires = kNow + 60 * kDay; },
       "note token.ci: lives until 2027-02-04 08:00 UTC; `expires` is "
       "2027-03-16 08:00 UTC: the next rotation asks for it, or --rotate ci "
       "now\n"},
      {"extend when due",
       [&] {
         now_ = kNow + 13 * kDay;
         ci().renewal = Renewal::kExtend;
       },
       "~ token.ci update in_rotation_window {valid_to: 2027-02-04T08:00:00Z → "
       "2027-02-27T08:00:00Z}\n"},
      {"extended: it lives on although longer than declared",
       [&] {
         now_ = kNow + 14 * kDay;
         ci().renewal = Renewal::kExtend;
         Existing(1).valid_to = kNow + 43 * kDay;
       },
       ""},
      {"extending did not help: rotate in the second half of the window",
       [&] {
         now_ = kNow + 17 * kDay;
         ci().renewal = Renewal::kExtend;
       },
       "+/- token.ci rotate in_rotation_window gen 2 retires 1\n"},
      {"extend no further than the policy allows: rotate",
       [&] {
         now_ = kNow + 13 * kDay;
         ci().renewal = Renewal::kExtend;
         desired_.policy.max_lifetime = 30 * kDay;
       },
       "+/- token.ci rotate in_rotation_window gen 2 retires 1\n"},
      {"undeclared",
       [&] {
         desired_.tokens.clear();
         actual_.records.clear();
       },
       "- token.ci revoke undeclared revokes 1\n"},
      {"undeclared with all generations",
       [&] {
         desired_.tokens.clear();
         actual_.records.clear();
         Exists({Marked(2, "ci", 2, kDay)});
       },
       "- token.ci revoke undeclared revokes 1 revokes 2\n"},
      {"declared absent",
       [&] {
         ci().ensure = Ensure::kAbsent;
         actual_.records.clear();
       },
       "- token.ci revoke declared_absent revokes 1\n"},
      {"declared absent, unmarked",
       [&] {
         Empty();
         actual_.records.clear();
         Exists({Token(5, "ci", kDay)});
         ci().ensure = Ensure::kAbsent;
       },
       "- token.ci revoke declared_absent revokes 0\n"},
      {"declared absent, ours and an unmarked one, in one plan",
       [&] {
         Exists({Token(5, "ci", kDay)});
         actual_.records.clear();
         ci().ensure = Ensure::kAbsent;
       },
       "- token.ci revoke declared_absent revokes 1 revokes 0\n"},
      {"declared absent, two unmarked",
       [&] {
         Exists({Token(5, "ci", kDay), Token(6, "ci", kDay)});
         actual_.records.clear();
         ci().ensure = Ensure::kAbsent;
       },
       "- token.ci revoke declared_absent revokes 1\n"
       "? token.ci: 2 tokens bear the name \"ci\" and none carries this "
       "workspace's mark (00000005-0000-4000-8000-000000000000, "
       "00000006-0000-4000-8000-000000000000): patform cannot tell which one "
       "is meant; rename or revoke all but one in the portal\n"},
      {"released",
       [&] {
         ci().ensure = Ensure::kReleased;
         actual_.records.clear();
       },
       ". token.ci release declared_released {display_name: ci "
       "~pf:w#1.nonce0000001sruw → ci}\n"},
      {"released while a copy of the mark lives",
       [&] {
         ci().ensure = Ensure::kReleased;
         actual_.records.clear();
         ActualToken copy = Existing(1);
         copy.id = Id(9);
         copy.valid_from = kNow;
         Exists({copy});
       },
       "? token.ci: token 00000001 cannot be released while another token "
       "carries a copy of its mark, which would then count as made by patform: "
       "rename or revoke the copy in the portal, then apply again\n"
       "note token.ci: token 00000009 \"ci ~pf:w#1.nonce0000001sruw\" carries "
       "a copied mark; patform did not mint it and leaves it alone\n"},
      {"finish: superseded",
       [&] {
         Exists({Marked(2, "ci", 2, kDay)});
         actual_.records["main:ci"] = Held(2, 2, PlaceOf("main:ci"));
       },
       "» token.ci finish superseded retires 1\n"},
      {"finish: orphan and superseded",
       [&] {
         Exists({Marked(2, "ci", 2, 2 * kDay), Marked(3, "ci", 3, kDay)});
         actual_.records["main:ci"] = Held(2, 2, PlaceOf("main:ci"));
       },
       "» token.ci finish orphan retires 1 revokes 3\n"},
      {"finish and update",
       [&] {
         Exists({Marked(2, "ci", 2, kDay)});
         actual_.records["main:ci"] = Held(2, 2, PlaceOf("main:ci"));
         ci().scopes = ScopeSet::Of({"vso.work"});
       },
       "~ token.ci update scope_changed {scopes: vso.build vso.code → "
       "vso.work}\n» token.ci finish superseded retires 1\n"},
      {"in flight", [&] { Exists({Marked(2, "ci", 2, absl::Minutes(5))}); },
       "note token.ci: generation 2 (00000002) is in flight: minted 2027-01-15 "
       "07:55 UTC and delivered nowhere yet. A run may still be working on it; "
       "if none is, an apply after 2027-01-15 08:25 UTC ends it\n"},
      {"in flight beside something to finish",
       [&] {
         Exists({Marked(2, "ci", 2, 2 * kDay),
                 Marked(3, "ci", 3, absl::Minutes(5))});
         actual_.records["main:ci"] = Held(2, 2, PlaceOf("main:ci"));
       },
       "» token.ci finish superseded retires 1\n"
       "note token.ci: generation 3 (00000003) is in flight: minted 2027-01-15 "
       "07:55 UTC and delivered nowhere yet. A run may still be working on it; "
       "if none is, an apply after 2027-01-15 08:25 UTC ends it\n"},
  };
  for (const Row& row : rows) {
    Reset();
    row.change();
    EXPECT_EQ(Text(), row.want) << row.name;
  }
}

TEST_F(DiffTest, WithoutDeliver) {
  const std::vector<Row> rows = {
      {"as declared", [] {}, ""},
      {"missing", [&] { Empty(); },
       "? token.ci: no live token named \"ci\" exists, and without `deliver` "
       "patform cannot create it: its secret would have nowhere to go. Add "
       "`deliver`, or create the token in the portal\n"},
      {"due", [&] { now_ = kNow + 15 * kDay; }, ""},
      {"due and extendable",
       [&] {
         now_ = kNow + 18 * kDay;
         ci().renewal = Renewal::kExtend;
       },
       "~ token.ci update in_rotation_window {valid_to: 2027-02-04T08:00:00Z → "
       "2027-03-04T08:00:00Z}\n"},
      {"a rotation is asked for", [&] { options_.rotate = {"ci"}; },
       "? token.ci: a rotation was asked for, but without `deliver` the new "
       "secret would have nowhere to go; add `deliver`\n"},
      {"scopes", [&] { ci().scopes = ScopeSet::Of({"vso.work"}); },
       "~ token.ci update scope_changed {scopes: vso.build vso.code → "
       "vso.work}\n"},
      {"its life should be over: never cut to the past",
       [&] { ci().lifetime = 8 * kDay; },
       "note token.ci: has lived longer than its `lifetime` already, and "
       "without `deliver` patform cannot rotate it; raise `lifetime`, add "
       "`deliver`, or set `ensure = \"absent\"` to revoke it\n"},
      {"renamed",
       [&] {
         ci().renamed_from = "ci";
         ci().name = "packaging";
       },
       "~ token.packaging update renamed {display_name: ci → packaging}\n"},
      {"it ran out on its date",
       [&] {
         Empty();
         ci().expires = kNow - 2 * kDay;
       },
       "note token.ci: ended 2d ago; its table can go\n"},
      {"two of the name", [&] { Exists({Token(5, "ci", kDay)}); },
       "? token.ci: 2 tokens bear the name \"ci\" and none carries this "
       "workspace's mark (00000001-0000-4000-8000-000000000000, "
       "00000005-0000-4000-8000-000000000000): patform cannot tell which one "
       "is meant; rename or revoke all but one in the portal\n"},
  };
  for (const Row& row : rows) {
    Reset();
    ci().deliver.clear();
    Empty();
    actual_.records.clear();
    Exists({Token(1, "ci", 10 * kDay)});
    row.change();
    EXPECT_EQ(Text(), row.want) << row.name;
  }
}

TEST_F(DiffTest, WhatASinkServesIsNotRevoked) {
  // The place of a token that left the file goes to another.
  ci().name = "packaging";
  EXPECT_EQ(Text(),
            "+ token.packaging create record_not_ours gen 2\n"
            "- token.ci revoke undeclared revokes 1\n");
  // Another place of the new one cannot be read: nothing is made, so nothing
  // may end.
  ci().deliver.push_back(PlaceOf("other:x"));
  actual_.records["other:x"] =
      HeldRecord::Unknown(absl::UnavailableError("no answer"));
  EXPECT_EQ(Text(),
            "? token.packaging: what other:x holds could not be read: no "
            "answer\n"
            "? token.ci: main:ci still holds the secret of token 00000001; it "
            "is revoked once another one is there\n");
  // The very place cannot be read.
  ci().deliver = {PlaceOf("other:x")};
  actual_.records.erase("main:ci");
  EXPECT_EQ(Text(),
            "? token.packaging: what other:x holds could not be read: no "
            "answer\n"
            "? token.ci: no token is revoked that a sink may serve, and what "
            "other:x holds could not be read: no answer\n");
  // In words, it does not wait for a sink that has nothing to do with it.
  DesiredToken& absent = Declare("ci", {});
  absent.ensure = Ensure::kAbsent;
  EXPECT_EQ(Text(),
            "- token.ci revoke declared_absent revokes 1\n"
            "? token.packaging: what other:x holds could not be read: no "
            "answer\n");
}

TEST_F(DiffTest, Unmanaged) {
  Exists({Token(7, "zeta", kDay), Token(6, "alpha", kDay),
          Token(8, "git: laptop", kDay), Token(9, "old", 40 * kDay),  // expired
          Token(5, "x ~pf:v#1." + testing::Nonce(5), kDay)});
  desired_.policy.unmanaged_except = {"git: *"};
  const auto names = [](const ChangeSet& changes) {
    std::string text;
    for (const ActualToken& token : changes.unmanaged) {
      absl::StrAppend(&text, token.display_name, " ");
    }
    return absl::StrCat(text, "+", changes.unmanaged_excepted);
  };
  EXPECT_EQ(names(Changes()), "alpha zeta +1");
  EXPECT_EQ(Text(), "");
  desired_.policy.unmanaged = Unmanaged::kIgnore;
  EXPECT_EQ(names(Changes()), "+3");
  EXPECT_EQ(Text(), "");
  desired_.policy.unmanaged = Unmanaged::kRevoke;
  EXPECT_EQ(names(Changes()), "+1");
  EXPECT_EQ(Text(),
            "- token.alpha revoke unmanaged revokes 0\n"
            "- token.zeta revoke unmanaged revokes 0\n");
}

TEST_F(DiffTest, AnUnmarkedTokenThatASinkServesOutlivesThePolicy) {
  // A person took the mark off the token in service.
  Existing(1).display_name = "mine now";
  desired_.policy.unmanaged = Unmanaged::kRevoke;
  EXPECT_EQ(Text(),
            "+ token.ci create record_not_ours gen 2\n"
            "- token.\"mine now\" revoke unmanaged revokes 0\n");
}

TEST_F(DiffTest, FileOrderThenAddress) {
  Declare("beta", {"main:b"});
  Declare("alpha", {"main:a"});
  Exists({Marked(4, "zz", 1, kDay), Marked(3, "aa", 1, kDay)});
  options_.rotate = {"ci"};
  EXPECT_EQ(Text(),
            "+/- token.ci rotate requested gen 2 retires 1\n"
            "+ token.beta create not_found gen 1\n"
            "+ token.alpha create not_found gen 1\n"
            "- token.aa revoke undeclared revokes 1\n"
            "- token.zz revoke undeclared revokes 1\n");
}

TEST_F(DiffTest, WhatAChangeCarries) {
  options_.rotate = {"ci"};
  ci().scopes = ScopeSet::Of({"vso.code", "vso.work"});
  ci().where = SourceLocation{"", 12};
  const Change change = Changes().changes.at(0);
  EXPECT_EQ(change.organization, "contoso");
  EXPECT_EQ(SourceLocation(change.where).line, 12);
  EXPECT_EQ(change.before->id, Id(1));
  EXPECT_EQ(change.before->generation, 1);
  EXPECT_EQ(change.after->generation, 2);
  EXPECT_EQ(change.after->id, std::nullopt);
  EXPECT_EQ(change.after->display_name, "ci");
  EXPECT_EQ(change.after->valid_to, kNow + 30 * kDay);
  const std::vector<FieldChange> fields = FieldChangesOf(change);
  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields[0].field, "scopes");
  EXPECT_EQ(fields[1].field, "valid_to");
  EXPECT_EQ(fields[1].before, "2027-02-04T08:00:00Z");
  EXPECT_EQ(fields[1].after, "2027-02-14T08:00:00Z");
  EXPECT_FALSE(change.InPlace());
  ASSERT_EQ(change.deliver.size(), 1u);
}

TEST_F(DiffTest, AnUpdateSendsOnlyWhatDiffers) {
  ci().name = "packaging";
  ci().renamed_from = "ci";
  const UpdateRequest update = RequestOf(Changes().changes.at(0));
  EXPECT_EQ(update.id, Id(1));
  EXPECT_EQ(update.display_name, "packaging ~pf:w#1.nonce0000001sruw");
  EXPECT_EQ(update.scopes, std::nullopt);
  EXPECT_EQ(update.valid_to, std::nullopt);
  EXPECT_EQ(update.all_organizations, std::nullopt);
}

TEST_F(DiffTest, StableUntil) {
  Exists({Marked(2, "ci", 2, absl::Minutes(5))});
  EXPECT_EQ(Changes().stable_until, kNow + absl::Minutes(25) + kDateTolerance);
  Reset();
  ci().expires = kNow + 20 * kDay;  // nothing is due before a date in words
  // Its last week is shown, and then its end.
  EXPECT_EQ(Changes().stable_until, kNow + 13 * kDay);
  now_ = kNow + 13 * kDay;
  EXPECT_EQ(Changes().stable_until, kNow + 20 * kDay);
  Reset();
  Exists({Token(5, "ci", kDay, 2 * kDay)});  // its note goes when it ends
  EXPECT_EQ(Changes().stable_until, kNow + kDay);
  Reset();
  desired_.tokens.clear();
  Empty();
  EXPECT_EQ(Changes().stable_until, absl::InfiniteFuture());
}

// The declared tokens that nothing renews, the first to end first.
TEST_F(DiffTest, WhatNothingRenews) {
  const auto text = [&] {
    std::string all;
    for (const Unrenewed& token : Changes().unrenewed) {
      absl::StrAppend(&all, token.IsShown(now_) ? "! " : "  ", token.address,
                      " ", EndsText(token, now_), "\n");
    }
    return all;
  };
  EXPECT_EQ(text(), "");
  ci().expires = kNow + 20 * kDay;
  Declare("web", {});
  Exists({Token(5, "web", kDay, 4 * kDay)});
  EXPECT_EQ(text(),
            "! token.web ends in 3d (2027-01-18 08:00 UTC), and nothing renews "
            "it: without `deliver` it cannot be rotated\n"
            "  token.ci ends in 20d (2027-02-04 08:00 UTC), and nothing renews "
            "it: `expires` is a fixed date\n");
  // By the end that the plan gives it.
  ci().expires = kNow + 2 * kDay;
  EXPECT_EQ(text().substr(0, 25), "! token.ci ends in 2d (20");
  // A date that has passed concerns its token alone.
  Reset();
  ci().expires = kNow - kDay;
  Declare("web", {"main:web"});
  Existing(1).valid_to = kNow - kDay;
  Existing(1).state = TokenState::kExpired;
  EXPECT_EQ(Text(), "+ token.web create not_found gen 1\n");
  EXPECT_EQ(text(),
            "! token.ci ended 1d ago (2027-01-14 08:00 UTC), and nothing "
            "renews it: `expires` is a fixed date\n");
  // What cannot be decided is not renewed either.
  Reset();
  actual_.records["main:ci"].record->user_oid = "oid-2";
  now_ = kNow + 15 * kDay;
  EXPECT_EQ(text(),
            "! token.ci ends in 5d (2027-02-04 08:00 UTC), and nothing renews "
            "it: its renewal is undecided\n");
}

// Two clocks that differ by more than a time zone: one is wrong, and what only
// one of them asks for waits.
TEST_F(DiffTest, ADoubtfulClockBeginsNoRotation) {
  struct Doubt {
    const char* name;
    absl::Duration ahead;  // the service's clock, of this machine's
    const char* want;
  };
  const char* kRotated =
      "+/- token.ci rotate in_rotation_window gen 2 retires 1\n";
  const std::vector<Doubt> rows = {
      {"the same", absl::ZeroDuration(), kRotated},
      {"a day, as time zones explain", absl::Hours(26), kRotated},
      {"two days", 2 * kDay,
       "? token.ci: it is due by the service's clock and not by this "
       "machine's, which are 2d apart: set this machine's clock, then apply "
       "again\n"},
      {"a year", 365 * kDay,
       "? token.ci: it is due by the service's clock and not by this "
       "machine's, which are 365d apart: set this machine's clock, then apply "
       "again\n"},
      {"a year ahead: both ask for it", -365 * kDay, kRotated},
  };
  for (const Doubt& row : rows) {
    Reset();
    now_ = kNow + 14 * kDay;  // due for a day
    actual_.clock_ahead = row.ahead;
    const ChangeSet changes = Changes();
    std::string text;
    for (const std::string& line :
         std::vector<std::string>(absl::StrSplit(Dump(changes), '\n'))) {
      // That the clocks differ is told in any case.
      if (line.empty() || line.rfind("note clock", 0) == 0) continue;
      absl::StrAppend(&text, line, "\n");
    }
    EXPECT_EQ(text, row.want) << row.name;
  }
}

// What `replaces` names ends when its successor is in service, whatever the
// policy says of tokens that are in no file; marked ones it cannot name.
TEST_F(DiffTest, WhatIsReplacedIsNotUnmanaged) {
  desired_.policy.unmanaged = Unmanaged::kRevoke;
  Exists({Token(5, "by hand", 10 * kDay),
          Token(6, "web ~pf:v#1." + testing::Nonce(6), 10 * kDay)});
  EXPECT_EQ(Text(), "- token.\"by hand\" revoke unmanaged revokes 0\n");
  ci().replaces = {Id(5), Id(6)};
  const ChangeSet changes = Changes();
  for (const Change& change : changes.changes) {
    EXPECT_TRUE(change.revoke.empty());
    for (const Collect& end : change.decision->collect) {
      EXPECT_EQ(end.id, Id(5));
      EXPECT_EQ(change.name, "ci");
    }
  }
  bool said = false;
  for (const Note& note : changes.notes) {
    said = said || note.text.find("it carries a mark") != std::string::npos;
  }
  EXPECT_TRUE(said);
}

// Another version of the file calls the token of these places "build", and a
// run of it has just minted generation 2 of that name.
TEST_F(DiffTest, UndeclaredOnItsWayToAPlaceOfOurs) {
  const auto mint = [this](std::vector<Delivery> places, absl::Duration age) {
    Reset();
    ActualToken token = Marked(2, "build", 2, age);
    token.display_name = DisplayName(
        "build",
        {"w", 2, NonceFor("k7wq2m5tzr4xh1nd", PlacesPrint(desired_, places))});
    Exists({token});
  };
  constexpr char kRevoked[] = "- token.build revoke undeclared revokes 2\n";
  mint(ci().deliver, absl::Minutes(30));
  EXPECT_EQ(Text(),
            "note token.build: generation 2 (00000002) is in flight: minted "
            "2027-01-15 07:30 UTC for places of this configuration, under a "
            "name that is in no table of it, and delivered nowhere yet. A run "
            "with another version of the file may still be at work on it; if "
            "none is, an apply 30m later revokes it\n");
  mint(ci().deliver, absl::Minutes(30) + absl::Seconds(1));
  EXPECT_EQ(Text(), kRevoked);
  // Where the service does not tell its time nothing is old.
  mint(ci().deliver, absl::Hours(1));
  actual_.clock_ahead.reset();
  EXPECT_NE(Text(), kRevoked);
  // For places that are nobody's here: the table was removed.
  mint({PlaceOf("main:build")}, absl::Minutes(1));
  EXPECT_EQ(Text(), kRevoked);
  // It arrived: a place that gets another secret lets it go.
  mint(ci().deliver, absl::Minutes(1));
  actual_.records["main:ci"] = Held(2, 2, PlaceOf("main:ci"));
  EXPECT_NE(Text().find(kRevoked), std::string::npos) << Text();
}

}  // namespace
}  // namespace patform
