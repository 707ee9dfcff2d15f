// Each field of a table changed alone, in pairs, and at the edges of the
// token's time.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "engine/diff/token_diff.h"
#include "tests/engine/diff/diff_world.h"

namespace patform {
namespace {

using testing::kDay;
using testing::kNow;
using testing::Token;

// The settled token was born 10 days ago, is due in 13 and ends in 20.
struct Moment {
  const char* name;
  absl::Duration from_now;
  const char* want;
};

class TokenDiffFieldsTest : public testing::DiffWorld {
 protected:
  void ExpectAt(const std::vector<Moment>& moments,
                const std::function<void()>& before) {
    for (const Moment& moment : moments) {
      Reset();
      now_ = kNow + moment.from_now;
      before();
      EXPECT_EQ(testing::Whole(Changes(), now_), moment.want) << moment.name;
    }
  }
  // Nothing but one update of these fields, and only they are sent.
  void ExpectUpdate(const std::string& reason,
                    const std::vector<std::string>& fields,
                    const std::string& name) {
    const ChangeSet changes = Changes();
    EXPECT_TRUE(changes.deferred.empty()) << name;
    EXPECT_TRUE(changes.notes.empty()) << name;
    EXPECT_EQ(changes.unchanged, fields.empty() ? 1 : 0) << name;
    ASSERT_EQ(changes.changes.size(), fields.empty() ? 0u : 1u) << name;
    if (fields.empty()) return;
    const Change& change = changes.changes[0];
    EXPECT_EQ(change.action, Action::kUpdate) << name;
    EXPECT_EQ(Word(change.reason), reason) << name;
    std::vector<std::string> differ;
    for (const FieldChange& field : FieldChangesOf(change)) {
      differ.push_back(field.field);
    }
    EXPECT_EQ(differ, fields) << name;
    const auto sent = [&](const char* field) {
      return std::count(fields.begin(), fields.end(), field) > 0;
    };
    const UpdateRequest update = RequestOf(change);
    EXPECT_EQ(update.id, testing::Id(1)) << name;
    EXPECT_EQ(update.display_name.has_value(), sent("display_name")) << name;
    EXPECT_EQ(update.scopes.has_value(), sent("scopes")) << name;
    EXPECT_EQ(update.valid_to.has_value(), sent("valid_to")) << name;
    EXPECT_EQ(update.all_organizations.has_value(), sent("valid_in")) << name;
  }
};

TEST_F(TokenDiffFieldsTest, Alone) {
  ExpectEach({
      {"none", [] {},
       "unchanged 1\n"
       "for 13d"},
      {"one scope more",
       [&] {
         ci().scopes = ScopeSet::Of({"vso.build", "vso.code", "vso.work"});
       },
       "~ token.ci update scope_changed {scopes: vso.build vso.code → "
       "vso.build vso.code vso.work}\n"
       "for 13d"},
      {"one scope less", [&] { ci().scopes = ScopeSet::Of({"vso.code"}); },
       "~ token.ci update scope_changed {scopes: vso.build vso.code → "
       "vso.code}\n"
       "for 13d"},
      {"a wider one in place of a narrower",
       [&] {
         desired_.implied_scopes["vso.code_write"] = {"vso.code"};
         ci().scopes = ScopeSet::Of({"vso.build", "vso.code_write"});
       },
       "~ token.ci update scope_changed {scopes: vso.build vso.code → "
       "vso.build vso.code_write}\n"
       "for 13d"},
      {"one that implies another that is declared, too",
       [&] {
         desired_.implied_scopes["vso.code_write"] = {"vso.code"};
         ci().scopes =
             ScopeSet::Of({"vso.build", "vso.code", "vso.code_write"});
         Existing(1).scopes = ScopeSet::Of({"vso.build", "vso.code_write"});
       },
       "unchanged 1\n"
       "for 13d"},
      {"the full scope", [&] { ci().scopes = ScopeSet::Of({"app_token"}); },
       "~ token.ci update scope_changed {scopes: vso.build vso.code → "
       "app_token}\n"
       "for 13d"},
      {"in all organizations", [&] { ci().all_organizations = true; },
       "~ token.ci update all_organizations_changed {valid_in: this "
       "organization → all organizations}\n"
       "for 13d"},
      {"in this one only", [&] { Existing(1).all_organizations = true; },
       "~ token.ci update all_organizations_changed {valid_in: all "
       "organizations → this organization}\n"
       "for 13d"},
      {"a lifetime a second shorter: within what clocks differ by",
       [&] { ci().lifetime = 30 * kDay - absl::Seconds(1); },
       "unchanged 1\n"
       "for 13d"},
      {"… five minutes shorter",
       [&] { ci().lifetime = 30 * kDay - absl::Minutes(5); },
       "unchanged 1\n"
       "for 13d"},
      {"… a second more",
       [&] { ci().lifetime = 30 * kDay - absl::Seconds(301); },
       "~ token.ci update lifetime_too_long {valid_to: 2027-02-04T08:00:00Z → "
       "2027-02-04T07:54:59Z}\n"
       "for 13d"},
      {"a lifetime that ends it a second after it would be due",
       [&] { ci().lifetime = 17 * kDay + absl::Seconds(1); },
       "~ token.ci update lifetime_too_long {valid_to: 2027-02-04T08:00:00Z → "
       "2027-01-22T08:00:01Z}\n"
       "for 13d"},
      {"… at the very second", [&] { ci().lifetime = 17 * kDay; },
       "+/- token.ci rotate lifetime_too_long gen 2 retires 1 [valid_to]\n"
       "for 13d"},
      {"a longer lifetime", [&] { ci().lifetime = 365 * kDay; },
       "note token.ci: lives only 30d, not 365d as `lifetime` asks: the "
       "service gave less, as a policy of the tenant may demand, or `lifetime` "
       "was raised since. It is due 7d before its end\nunchanged 1\nfor "
       "13d"},
      {"a date a second before its end: the tolerance",
       [&] { ci().expires = kNow + 20 * kDay - absl::Seconds(1); },
       "unchanged 1\nfor 13d"},
      {"… two seconds",
       [&] { ci().expires = kNow + 20 * kDay - absl::Seconds(2); },
       "~ token.ci update expires_changed {valid_to: 2027-02-04T08:00:00Z → "
       "2027-02-04T07:59:58Z} unrenewed\nfor 12d 23h"},
      {"a date a second after its end",
       [&] { ci().expires = kNow + 20 * kDay + absl::Seconds(1); },
       "unchanged 1\nfor 13d"},
      {"… two seconds",
       [&] { ci().expires = kNow + 20 * kDay + absl::Seconds(2); },
       "note token.ci: lives until 2027-02-04 08:00 UTC; `expires` is "
       "2027-02-04 08:00 UTC: the next rotation asks for it, or --rotate ci "
       "now\n"
       "unchanged 1\n"
       "for 13d"},
      {"a date in a second", [&] { ci().expires = kNow + absl::Seconds(1); },
       "~ token.ci update expires_changed {valid_to: 2027-02-04T08:00:00Z → "
       "2027-01-15T08:00:01Z} unrenewed\nfor 1s"},
      {"a date that has come", [&] { ci().expires = kNow; },
       "? token.ci: `expires` has passed (2027-01-15 08:00 UTC): set a later "
       "date, or end it with ensure = \"absent\""},
      {"a date that is over", [&] { ci().expires = kNow - kDay; },
       "? token.ci: `expires` has passed (2027-01-14 08:00 UTC): set a later "
       "date, or end it with ensure = \"absent\""},
      {"a wider window", [&] { ci().rotate_before.span = 10 * kDay; },
       "unchanged 1\n"
       "for 10d"},
      {"… a second too narrow for it to be due",
       [&] { ci().rotate_before.span = 20 * kDay - absl::Seconds(1); },
       "unchanged 1\n"
       "for 1s"},
      {"… that it is in", [&] { ci().rotate_before.span = 20 * kDay; },
       "+/- token.ci rotate in_rotation_window gen 2 retires 1 [valid_to]"},
      {"a share", [&] { ci().rotate_before.span.reset(); },
       "unchanged 1\n"
       "for 12d 12h"},
      {"… that it is in",
       [&] {
         ci().rotate_before.span.reset();
         ci().rotate_before.share = 0.75;
       },
       "+/- token.ci rotate in_rotation_window gen 2 retires 1 [valid_to]"},
      {"extended instead of rotated", [&] { ci().renewal = Renewal::kExtend; },
       "unchanged 1\n"
       "for 13d"},
      {"another grace: nothing ends now",
       [&] { ci().grace = absl::ZeroDuration(); },
       "unchanged 1\n"
       "for 13d"},
      {"an owner", [&] { ci().owner = "team@example.com"; },
       "unchanged 1\n"
       "for 13d"},
      {"a purpose", [&] { ci().purpose = "builds"; },
       "unchanged 1\n"
       "for 13d"},
      {"labels", [&] { ci().labels["cost"] = "7"; },
       "unchanged 1\n"
       "for 13d"},
      {"not to be revoked", [&] { ci().prevent_revoke = true; },
       "unchanged 1\n"
       "for 13d"},
      {"another line",
       [&] {
         ci().where = SourceLocation{"", 99};
       },
       "unchanged 1\n"
       "for 13d"},
      {"another encoding: it counts where a secret is written",
       [&] { ci().deliver[0].encoding = Encoding::kBasic; },
       "unchanged 1\n"
       "for 13d"},
      {"a place that may be taken over, and is ours already",
       [&] { ci().deliver[0].adopt = true; },
       "unchanged 1\n"
       "for 13d"},
      {"the name of a sink's entry",
       [&] {
         ci().deliver[0].key = "PAT";
         Record(ci().deliver[0].Address()) = HeldRecord::Absent();
         actual_.records.erase("main:ci");
       },
       "+/- token.ci rotate secret_not_in_sink gen 2 retires 1 [valid_to]"},
  });
}

// One edit and what it adds to an update. The order is that of the reasons.
struct Edit {
  const char* name;
  const char* reason;  // "": the service does not know this field
  const char* field;
  std::function<void(DesiredToken&)> change;
};

std::vector<Edit> Edits() {
  return {
      {"name", "renamed", "display_name",
       [](DesiredToken& token) {
         token.renamed_from = token.name;
         token.name = "web";
       }},
      {"scopes", "scope_changed", "scopes",
       [](DesiredToken& token) { token.scopes = ScopeSet::Of({"vso.wiki"}); }},
      {"lifetime", "lifetime_too_long", "valid_to",
       [](DesiredToken& token) { token.lifetime = 20 * kDay; }},
      {"reach", "all_organizations_changed", "valid_in",
       [](DesiredToken& token) { token.all_organizations = true; }},
      {"span", "", "",
       [](DesiredToken& token) { token.rotate_before.span = 6 * kDay; }},
      {"owner", "", "", [](DesiredToken& token) { token.owner = "somebody"; }},
      {"purpose", "", "", [](DesiredToken& token) { token.purpose = "x"; }},
      {"labels", "", "", [](DesiredToken& token) { token.labels["a"] = "b"; }},
      {"grace", "", "", [](DesiredToken& token) { token.grace = kDay / 2; }},
      {"keep", "", "",
       [](DesiredToken& token) { token.prevent_revoke = true; }},
      {"encoding", "", "",
       [](DesiredToken& token) {
         if (!token.deliver.empty()) {
           token.deliver[0].encoding = Encoding::kBase64;
         }
       }},
  };
}

// What differs goes into one update, under the first reason, whatever else of
// the table was edited; what only patform knows changes nothing.
TEST_F(TokenDiffFieldsTest, InPairs) {
  const std::vector<Edit> edits = Edits();
  for (const bool delivered : {true, false}) {
    for (size_t i = 0; i < edits.size(); ++i) {
      for (size_t j = i; j < edits.size(); ++j) {
        Reset();
        if (!delivered) ci().deliver.clear();
        edits[i].change(ci());
        if (j != i) edits[j].change(ci());
        std::vector<std::string> fields;
        std::string reason;
        for (const Edit* edit : {&edits[i], &edits[j]}) {
          if (edit->field[0] == '\0') continue;
          if (!fields.empty() && fields.back() == edit->field) continue;
          fields.push_back(edit->field);
          if (reason.empty()) reason = edit->reason;
        }
        const std::string name =
            absl::StrCat(edits[i].name, " and ", edits[j].name);
        ExpectUpdate(reason, fields, name);
      }
    }
  }
}

// A rotation carries along whatever else of the table was edited: the next
// generation is minted as declared, and the one in service stays as it is.
TEST_F(TokenDiffFieldsTest, WhileARotationIsDue) {
  const auto due = [&] { now_ = kNow + 13 * kDay; };
  ExpectEach(
      {
          {"nothing else", [] {},
           "+/- token.ci rotate in_rotation_window gen 2 retires 1 [valid_to]"},
          {"scopes", [&] { ci().scopes = ScopeSet::Of({"vso.wiki"}); },
           "+/- token.ci rotate in_rotation_window gen 2 retires 1 [scopes "
           "valid_to]"},
          {"reach", [&] { ci().all_organizations = true; },
           "? token.ci: the service retired tokens for all organizations on "
           "2026-12-01, so none can be made: declare one token per "
           "organization"},
          {"a new name",
           [&] {
             ci().name = "web";
             ci().renamed_from = "ci";
           },
           "+/- token.web rotate in_rotation_window gen 2 retires 1 "
           "[display_name valid_to]"},
          {"a longer life, as long as which the window is not",
           [&] { ci().lifetime = 90 * kDay; },
           "+/- token.ci rotate in_rotation_window gen 2 retires 1 [valid_to]\n"
           "note token.ci: lives only 30d, not 90d as `lifetime` asks: the "
           "service gave less, as a policy of the tenant may demand, or "
           "`lifetime` was raised since. It is due 7d before its end"},
          {"a shorter life", [&] { ci().lifetime = 10 * kDay; },
           "+/- token.ci rotate in_rotation_window gen 2 retires 1 [valid_to]"},
          {"a date after its end", [&] { ci().expires = kNow + 90 * kDay; },
           "+/- token.ci rotate in_rotation_window gen 2 retires 1 [valid_to]"},
          {"a date before its end", [&] { ci().expires = kNow + 15 * kDay; },
           "~ token.ci update expires_changed {valid_to: 2027-02-04T08:00:00Z "
           "→ 2027-01-30T08:00:00Z} unrenewed\nfor 2d"},
          {"everything",
           [&] {
             ci().name = "web";
             ci().renamed_from = "ci";
             ci().scopes = ScopeSet::Of({"vso.wiki"});
             ci().all_organizations = true;
           },
           "? token.web: the service retired tokens for all organizations on "
           "2026-12-01, so none can be made: declare one token per "
           "organization"},
      },
      due);
}

TEST_F(TokenDiffFieldsTest, MomentsOfOneThatIsRotated) {
  ExpectAt(
      {
          {"its birth", -10 * kDay,
           "unchanged 1\n"
           "for 23d"},
          {"a second before it is due", 13 * kDay - absl::Seconds(1),
           "unchanged 1\n"
           "for 1s"},
          {"due", 13 * kDay,
           "+/- token.ci rotate in_rotation_window gen 2 retires 1 [valid_to]"},
          {"half of its window", 16 * kDay + absl::Hours(12),
           "+/- token.ci rotate in_rotation_window gen 2 retires 1 [valid_to]"},
          {"a day and two seconds before its end", 19 * kDay - absl::Seconds(2),
           "+/- token.ci rotate in_rotation_window gen 2 retires 1 [valid_to]"},
          {"a day before: its grace is longer than it lives", 19 * kDay,
           "+/- token.ci rotate in_rotation_window gen 2 [valid_to]"},
          {"a second before its end", 20 * kDay - absl::Seconds(1),
           "+/- token.ci rotate in_rotation_window gen 2 [valid_to]"},
          {"its end, and the service lists it still", 20 * kDay,
           "+/- token.ci rotate in_rotation_window gen 2 [valid_to]"},
          {"a second after", 20 * kDay + absl::Seconds(1),
           "+/- token.ci rotate in_rotation_window gen 2 [valid_to]"},
      },
      [&] {});
}

TEST_F(TokenDiffFieldsTest, MomentsOfOneThatIsExtended) {
  ExpectAt(
      {
          {"a second before it is due", 13 * kDay - absl::Seconds(1),
           "unchanged 1\n"
           "for 1s"},
          {"due", 13 * kDay,
           "~ token.ci update in_rotation_window {valid_to: "
           "2027-02-04T08:00:00Z → "
           "2027-02-27T08:00:00Z}"},
          {"half of its window", 16 * kDay + absl::Hours(12),
           "~ token.ci update in_rotation_window {valid_to: "
           "2027-02-04T08:00:00Z → "
           "2027-03-02T20:00:00Z}"},
          {"a second more", 16 * kDay + absl::Hours(12) + absl::Seconds(1),
           "+/- token.ci rotate in_rotation_window gen 2 retires 1 [valid_to]"},
          {"a second before its end", 20 * kDay - absl::Seconds(1),
           "+/- token.ci rotate in_rotation_window gen 2 [valid_to]"},
      },
      [&] { ci().renewal = Renewal::kExtend; });
}

TEST_F(TokenDiffFieldsTest, MomentsOfOneThatIsWatched) {
  ExpectAt(
      {
          {"a second before it is due", 13 * kDay - absl::Seconds(1),
           "unchanged 1\n"
           "for 1s"},
          {"due", 13 * kDay, "unchanged 1\nfor 7d"},
          {"a second before its end", 20 * kDay - absl::Seconds(1),
           "unchanged 1\nfor 1s"},
          {"its end, and the service lists it still", 20 * kDay, "unchanged 1"},
      },
      [&] {
        ci().deliver.clear();
        actual_.records.clear();
      });
}

TEST_F(TokenDiffFieldsTest, MomentsOfOneWithADate) {
  ExpectAt(
      {
          {"in its window, were it a span", 15 * kDay,
           "unchanged 1\n"
           "for 5d"},
          {"a second before its end", 20 * kDay - absl::Seconds(1),
           "unchanged 1\n"
           "for 1s"},
          {"over: the next one is as dead as this", 20 * kDay, "unchanged 1"},
      },
      [&] {
        ci().expires = kNow + 20 * kDay;
        if (now_ >= *ci().expires) Existing(1).state = TokenState::kExpired;
      });
}

// The service gave less than was asked for: at most half of it is window, else
// each generation would be due at its birth.
TEST_F(TokenDiffFieldsTest, CutByTheService) {
  const auto ends_in = [&](absl::Duration span) {
    return [this, span] { Existing(1).valid_to = kNow + span; };
  };
  const auto born = [&](absl::Duration age, absl::Duration life) {
    return [this, age, life] {
      Existing(1).valid_from = kNow - age;
      Existing(1).valid_to = kNow - age + life;
    };
  };
  ExpectEach({
      {"a second more than its window", ends_in(7 * kDay + absl::Seconds(1)),
       "note token.ci: lives only 17d, not 30d as `lifetime` asks: the service "
       "gave less, as a policy of the tenant may demand, or `lifetime` was "
       "raised since. It is due 7d before its end\nunchanged 1\nfor 1s"},
      {"its window", ends_in(7 * kDay),
       "+/- token.ci rotate in_rotation_window gen 2 retires 1 [valid_to]\n"
       "note token.ci: lives only 17d, not 30d as `lifetime` asks: the service "
       "gave less, as a policy of the tenant may demand, or `lifetime` was "
       "raised since. It is due 7d before its end"},
      {"less than its window, from birth", born(absl::ZeroDuration(), 6 * kDay),
       "note token.ci: lives only 6d, not 30d as `lifetime` asks: the service "
       "gave less, as a policy of the tenant may demand, or `lifetime` was "
       "raised since. It is due 3d before its end\nunchanged 1\nfor 3d"},
      {"less than its window, half of it gone", born(3 * kDay, 6 * kDay),
       "+/- token.ci rotate in_rotation_window gen 2 retires 1 [valid_to]\n"
       "note token.ci: lives only 6d, not 30d as `lifetime` asks: the service "
       "gave less, as a policy of the tenant may demand, or `lifetime` was "
       "raised since. It is due 3d before its end"},
      {"to a second", ends_in(absl::Seconds(1)),
       "+/- token.ci rotate in_rotation_window gen 2 [valid_to]\nnote "
       "token.ci: lives only 10d, not 30d as `lifetime` asks: the service gave "
       "less, as a policy of the tenant may demand, or `lifetime` was raised "
       "since. It is due 5d before its end"},
      {"to nearly nothing, extended",
       [&] {
         Existing(1).valid_to = kNow + kDay;
         ci().renewal = Renewal::kExtend;
       },
       "+/- token.ci rotate in_rotation_window gen 2 [valid_to]\nnote "
       "token.ci: lives only 11d, not 30d as `lifetime` asks: the service gave "
       "less, as a policy of the tenant may demand, or `lifetime` was raised "
       "since. It is due 5d 12h before its end"},
      {"not at all: it lives longer than a year",
       [&] {
         ci().lifetime = 400 * kDay;
         Existing(1).valid_to = kNow + 390 * kDay;
       },
       "unchanged 1\n"
       "for 383d"},
  });
}

// What was granted is in the record: its successor lives as long again, so it
// is due by its end, however young it is.
TEST_F(TokenDiffFieldsTest, CutByHand) {
  const auto born = [&](absl::Duration age, absl::Duration left) {
    return [this, age, left] {
      Existing(1).valid_from = kNow - age;
      Existing(1).valid_to = kNow + left;
      Record("main:ci").record->valid_to = kNow - age + 30 * kDay;
    };
  };
  ExpectEach({
      {"to its window", born(kDay, 7 * kDay),
       "+/- token.ci rotate in_rotation_window gen 2 retires 1 [valid_to]\n"
       "note token.ci: lives only 8d, not 30d as `lifetime` asks: its end was "
       "brought forward since it was made. It is due 7d before its end"},
      {"to a second more", born(kDay, 7 * kDay + absl::Seconds(1)),
       "note token.ci: lives only 8d, not 30d as `lifetime` asks: its end was "
       "brought forward since it was made. It is due 7d before its end\n"
       "unchanged 1\nfor 1s"},
      {"right after the mint: the next plan is empty",
       born(absl::Minutes(1), 2 * kDay),
       "note token.ci: lives only 2d, not 30d as `lifetime` asks: its end was "
       "brought forward since it was made. It is due 1d 23h before its end\n"
       "unchanged 1\nfor 29m"},
      {"half an hour later", born(absl::Minutes(30), 2 * kDay),
       "+/- token.ci rotate in_rotation_window gen 2 retires 1 [valid_to]\n"
       "note token.ci: lives only 2d, not 30d as `lifetime` asks: its end was "
       "brought forward since it was made. It is due 2d before its end"},
      {"not at all",
       [&] { Record("main:ci").record->valid_to = Existing(1).valid_to; },
       "unchanged 1\nfor 13d"},
      {"extended since: the record keeps the first end",
       [&] {
         Record("main:ci").record->valid_to = Existing(1).valid_to;
         Existing(1).valid_to += 5 * kDay;
         ci().renewal = Renewal::kExtend;
       },
       "unchanged 1\nfor 18d"},
      {"only the primary's record counts",
       [&] {
         Existing(1).valid_to = kNow + 8 * kDay;
         ci().deliver.push_back(PlaceOf("main:b"));
         Holds("main:b", 1, 1);
         Record("main:b").record->valid_to = kNow + 20 * kDay;
       },
       "note token.ci: lives only 18d, not 30d as `lifetime` asks: the service "
       "gave less, as a policy of the tenant may demand, or `lifetime` was "
       "raised since. It is due 7d before its end\nunchanged 1\nfor 1d"},
  });
}

// A service that gives a token that it changes a new secret: what would be an
// update elsewhere gives the places a secret before the old one ends.
TEST_F(TokenDiffFieldsTest, WhereUpdatesRenewTheSecret) {
  const auto renews = [&] {
    Record("main:ci").record->renewed_by_update = true;
  };
  // Some other token's place tells.
  const auto watched = [&] {
    Declare("other", {"main:other"});
    Exists({testing::Marked(9, "other", 1, kDay)});
    Holds("main:other", 9, 1, "other");
    Record("main:other").record->renewed_by_update = true;
    ci().deliver.clear();
    actual_.records.erase("main:ci");
  };
  const std::vector<Row> rows = {
      {"settled", renews, "{main:ci}unchanged 1\nfor 13d"},
      {"other scopes",
       [&] {
         renews();
         ci().scopes = ScopeSet::Of({"vso.wiki"});
       },
       "+/- token.ci rotate scope_changed gen 2 retires 1 [scopes valid_to]\n"
       "{main:ci}for 13d"},
      {"another name",
       [&] {
         renews();
         ci().name = "new";
         ci().renamed_from = "ci";
       },
       "+/- token.new rotate renamed gen 2 retires 1 [display_name valid_to]\n"
       "{main:ci}for 13d"},
      {"a shorter life",
       [&] {
         renews();
         ci().lifetime = 20 * kDay;
       },
       "+/- token.ci rotate lifetime_too_long gen 2 retires 1\n"
       "{main:ci}for 13d"},
      {"an end in an hour",
       [&] {
         renews();
         ci().expires = kNow + absl::Hours(1);
       },
       "+/- token.ci rotate expires_changed gen 2 retires 1 [valid_to] "
       "unrenewed\n{main:ci}for 20d"},
      {"due, and extended",
       [&] {
         renews();
         ci().renewal = Renewal::kExtend;
         now_ = kNow + 14 * kDay;
       },
       "+/- token.ci rotate in_rotation_window gen 2 retires 1 [valid_to]\n"
       "{main:ci}"},
      {"released",
       [&] {
         renews();
         ci().ensure = Ensure::kReleased;
       },
       "? token.ci: token 00000001 cannot be released: taking its mark off is "
       "an update, and this service would end the secret that is in use\n"
       "{main:ci}"},
      {"watched", watched, "{main:other}unchanged 2\nfor 13d"},
      {"watched, other scopes",
       [&] {
         watched();
         ci().scopes = ScopeSet::Of({"vso.wiki"});
       },
       "? token.ci: it is to be updated, and this service would end the secret "
       "that is in use: without `deliver` another one would have nowhere to "
       "go\n{main:other}unchanged 1\nfor 13d"},
  };
  for (const Row& row : rows) {
    Reset();
    row.change();
    std::string whole = absl::StrCat(testing::Whole(Changes(), now_), "\n");
    for (const char* place : {"main:ci", "main:other"}) {
      whole = absl::StrReplaceAll(
          whole, {{absl::StrCat("note service: this service rotates a token's "
                                "secret whenever the token is updated, as ",
                                place,
                                " shows: tokens are rotated instead, and what "
                                "is superseded has no grace\n"),
                   absl::StrCat("{", place, "}")}});
    }
    EXPECT_EQ(std::string(absl::StripSuffix(whole, "\n")), row.want)
        << row.name;
  }
}

// Where nothing can be extended, what is watched ends and nothing renews it.
TEST_F(TokenDiffFieldsTest, WhereUpdatesRenewTheSecretNothingIsExtended) {
  Declare("other", {"main:other"});
  Exists({testing::Marked(9, "other", 1, kDay)});
  Holds("main:other", 9, 1, "other");
  ci().deliver.clear();
  actual_.records.erase("main:ci");
  ci().renewal = Renewal::kExtend;
  now_ = kNow + 14 * kDay;
  EXPECT_TRUE(Changes().unrenewed.empty());
  Record("main:other").record->renewed_by_update = true;
  const ChangeSet changes = Changes();
  EXPECT_TRUE(changes.changes.empty());
  EXPECT_EQ(changes.deferred.size(), 1u);
  ASSERT_EQ(changes.unrenewed.size(), 1u);
  EXPECT_EQ(Word(changes.unrenewed[0].why), std::string("held_back"));
}

TEST_F(TokenDiffFieldsTest, WatchedTokensAreChangedNotMade) {
  const auto watched = [&] {
    ci().deliver.clear();
    actual_.records.clear();
  };
  ExpectEach(
      {
          {"ours, though no place is named", [] {},
           "unchanged 1\n"
           "for 13d"},
          {"of several generations the newest",
           [&] {
             Exists({testing::Marked(2, "ci", 2, kDay)});
             ci().scopes = ScopeSet::Of({"vso.wiki"});
           },
           "~ token.ci update scope_changed {scopes: vso.build vso.code → "
           "vso.wiki}\n"
           "for 22d"},
          {"ours before an unmarked one",
           [&] {
             Exists({Token(5, "ci", kDay)});
             ci().scopes = ScopeSet::Of({"vso.wiki"});
           },
           "~ token.ci update scope_changed {scopes: vso.build vso.code → "
           "vso.wiki}\n"
           "for 13d"},
          {"a shorter life", [&] { ci().lifetime = 20 * kDay; },
           "~ token.ci update lifetime_too_long {valid_to: "
           "2027-02-04T08:00:00Z → 2027-01-25T08:00:00Z} unrenewed\nfor 3d"},
          {"a life that would leave it due at once is cut all the same",
           [&] { ci().lifetime = 11 * kDay; },
           "~ token.ci update lifetime_too_long {valid_to: "
           "2027-02-04T08:00:00Z → 2027-01-16T08:00:00Z} unrenewed\nfor 1d"},
          {"an earlier date", [&] { ci().expires = kNow + 10 * kDay; },
           "~ token.ci update expires_changed {valid_to: 2027-02-04T08:00:00Z "
           "→ 2027-01-25T08:00:00Z} unrenewed\nfor 3d"},
          {"a later date", [&] { ci().expires = kNow + 90 * kDay; },
           "unchanged 1\nfor 13d"},
          {"overdue and edited",
           [&] {
             ci().lifetime = kDay;
             ci().scopes = ScopeSet::Of({"vso.wiki"});
           },
           "~ token.ci update scope_changed {scopes: vso.build vso.code → "
           "vso.wiki}\n"
           "note token.ci: has lived longer than its `lifetime` already, and "
           "without `deliver` patform cannot rotate it; raise `lifetime`, add "
           "`deliver`, or set `ensure = \"absent\"` to revoke it\n"
           "for 13d"},
          {"a date that has come, and nothing is left",
           [&] {
             Empty();
             ci().expires = kNow;
           },
           "note token.ci: ended now; its table can go\n"
           "unchanged 1"},
          {"a date to come, and nothing is there",
           [&] {
             Empty();
             ci().expires = kNow + absl::Seconds(1);
           },
           "? token.ci: no live token named \"ci\" exists, and without "
           "`deliver` patform cannot create it: its secret would have nowhere "
           "to go. Add `deliver`, or create the token in the portal"},
          {"what it names to replace stays: nothing follows it",
           [&] {
             Exists({Token(5, "old", kDay)});
             ci().replaces = {testing::Id(5)};
           },
           "note token.ci: token 00000005 \"old\" lives on until 2027-02-13 "
           "08:00 UTC: `replaces` names it, which ends nothing without "
           "`deliver`\n"
           "unchanged 1\n"
           "for 13d"},
          {"two unmarked ones, one of them named in `replaces`",
           [&] {
             Empty();
             Exists({Token(5, "ci", kDay), Token(6, "ci", kDay)});
             ci().replaces = {testing::Id(5)};
           },
           "note token.ci: token 00000005 \"ci\" lives on until 2027-02-13 "
           "08:00 UTC: `replaces` names it, which ends nothing without "
           "`deliver`\n"
           "unchanged 1\n"
           "for 22d"},
      },
      watched);
}

}  // namespace
}  // namespace patform
