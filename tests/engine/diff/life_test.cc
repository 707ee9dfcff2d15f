#include "engine/diff/life.h"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/diff/generation_state.h"
#include "tests/engine/diff/testing.h"

namespace patform {
namespace {

using testing::Away;
using testing::kDay;
using testing::kNow;
using testing::Token;

TEST(DueAtTest, Table) {
  struct Row {
    const char* name;
    absl::Duration declared;
    std::optional<absl::Duration> span;
    double share;
    std::optional<absl::Duration> expires;  // from its birth
    absl::Duration life;                    // as granted
    absl::Duration want;                    // from its birth
    // As the record has it; nullopt: as it is.
    std::optional<absl::Duration> granted = std::nullopt;
  };
  const absl::Duration never = absl::InfiniteDuration();
  const std::vector<Row> rows = {
      {"span", 30 * kDay, 7 * kDay, 0, {}, 30 * kDay, 23 * kDay},
      {"share", 30 * kDay, {}, 0.25, {}, 20 * kDay, 15 * kDay},
      {"clamped: the window stays",
       30 * kDay,
       9 * kDay,
       0,
       {},
       20 * kDay,
       11 * kDay},
      {"clamped to twice the window",
       30 * kDay,
       9 * kDay,
       0,
       {},
       18 * kDay,
       9 * kDay},
      {"clamped to less: half of it is window",
       30 * kDay,
       9 * kDay,
       0,
       {},
       10 * kDay,
       5 * kDay},
      {"clamped to less than the window",
       30 * kDay,
       9 * kDay,
       0,
       {},
       5 * kDay,
       absl::Hours(60)},
      {"clamped, where more is declared",
       30 * kDay,
       24 * kDay,
       0,
       {},
       10 * kDay,
       2 * kDay},
      {"cut by hand",
       30 * kDay,
       7 * kDay,
       0,
       {},
       10 * kDay,
       3 * kDay,
       30 * kDay},
      {"cut by hand to less than the window: not from birth",
       30 * kDay,
       7 * kDay,
       0,
       {},
       kDay,
       absl::Minutes(30),
       30 * kDay},
      {"cut by hand, a share of what was granted",
       30 * kDay,
       {},
       0.25,
       {},
       10 * kDay,
       absl::Hours(60),
       30 * kDay},
      {"clamped and then cut by hand",
       90 * kDay,
       7 * kDay,
       0,
       {},
       8 * kDay,
       absl::Hours(24),
       30 * kDay},
      {"extended: the window stays",
       30 * kDay,
       7 * kDay,
       0,
       {},
       60 * kDay,
       53 * kDay},
      {"a date, reached", 30 * kDay, 7 * kDay, 0, 50 * kDay, 50 * kDay, never},
      {"a date, within the tolerance", 30 * kDay, 7 * kDay, 0, 50 * kDay,
       50 * kDay - absl::Milliseconds(900), never},
      {"a date, clamped", 30 * kDay, 10 * kDay, 0, 50 * kDay, 25 * kDay,
       15 * kDay},
      {"a date nearer than the window, clamped", 30 * kDay, 20 * kDay, 0,
       10 * kDay, 2 * kDay, kDay},
  };
  for (const Row& row : rows) {
    DesiredToken token;
    token.lifetime = row.declared;
    token.rotate_before.span = row.span;
    token.rotate_before.share = row.share;
    if (row.expires) token.expires = kNow + *row.expires;
    const Dates dates = {kNow, kNow + row.life,
                         kNow + row.granted.value_or(row.life)};
    EXPECT_EQ(DueAt(token, dates) - kNow, row.want) << row.name;
  }
}

TEST(WantedValidToTest, WholeSeconds) {
  DesiredToken token;
  token.lifetime = 2 * kDay;
  EXPECT_EQ(WantedValidTo(token, kNow + absl::Milliseconds(999)),
            kNow + 2 * kDay);
  token.expires = kNow + 5 * kDay + absl::Milliseconds(500);
  EXPECT_EQ(WantedValidTo(token, kNow), kNow + 5 * kDay);
}

// A token of 30 days that is `age` old, under a table that is changed.
struct Case {
  const char* name;
  absl::Duration age;
  std::function<void(DesiredState&, DesiredToken&, ActualToken&)> change;
  const char* want;
};

std::string Dump(const Life& life) {
  std::string text = absl::StrCat("due ", Away(life.due()));
  if (life.IsDue()) text += " now";
  if (life.LateInWindow()) text += " late";
  if (life.LivesTooLong()) {
    absl::StrAppend(&text, " too long: ", Away(life.LatestEnd()));
  }
  if (life.DueOnceShortened()) text += " and due then";
  if (life.Extendable()) {
    absl::StrAppend(&text, " extend: ", Away(life.FarthestEnd()));
  }
  if (life.NeedsSuccessor()) text += " successor";
  return text;
}

TEST(LifeTest, Table) {
  const auto extend = [](DesiredState&, DesiredToken& desired, ActualToken&) {
    desired.renewal = Renewal::kExtend;
  };
  const auto as_declared = [](DesiredState&, DesiredToken&, ActualToken&) {};
  const std::vector<Case> cases = {
      {"young", 10 * kDay, as_declared, "due 13d"},
      {"a second before it is due", 23 * kDay - absl::Seconds(1), as_declared,
       "due 1s"},
      {"due", 23 * kDay, as_declared, "due 0s now successor"},
      {"half of the window", 23 * kDay + absl::Hours(84), as_declared,
       "due -3d 12h now successor"},
      {"more than half", 23 * kDay + absl::Hours(84) + absl::Seconds(1),
       as_declared, "due -3d 12h now late successor"},
      {"extended: it is due and carried on", 23 * kDay, extend,
       "due 0s now extend: 30d"},
      {"extended: half of the window", 23 * kDay + absl::Hours(84), extend,
       "due -3d 12h now extend: 30d"},
      {"extended: it did not help", 27 * kDay, extend,
       "due -4d now late extend: 30d successor"},
      {"extended: the policy allows no more", 23 * kDay,
       [](DesiredState& state, DesiredToken& desired, ActualToken&) {
         desired.renewal = Renewal::kExtend;
         state.policy.max_lifetime = 30 * kDay;
       },
       "due 0s now successor"},
      {"extended: the policy allows too little to leave the window", 23 * kDay,
       [](DesiredState& state, DesiredToken& desired, ActualToken&) {
         desired.renewal = Renewal::kExtend;
         state.policy.max_lifetime = 30 * kDay + absl::Hours(1);
       },
       "due 0s now extend: 7d 1h"},
      {"extended up to what the service gives", 350 * kDay,
       [](DesiredState&, DesiredToken& desired, ActualToken& token) {
         desired.renewal = Renewal::kExtend;
         desired.lifetime = 30 * kDay;
         token.valid_to = kNow + 6 * kDay;
       },
       "due -1d now extend: 15d"},
      {"lives as long as the clocks differ", 10 * kDay,
       [](DesiredState&, DesiredToken&, ActualToken& token) {
         token.valid_to += absl::Minutes(5);
       },
       "due 13d"},
      {"longer than that", 10 * kDay,
       [](DesiredState&, DesiredToken&, ActualToken& token) {
         token.valid_to += absl::Minutes(5) + absl::Seconds(1);
       },
       "due 13d too long: 20d"},
      {"a lifetime that was shortened", 10 * kDay,
       [](DesiredState&, DesiredToken& desired, ActualToken&) {
         desired.lifetime = 20 * kDay;
       },
       "due 13d too long: 10d"},
      {"… so much that it would be due", 10 * kDay,
       [](DesiredState&, DesiredToken& desired, ActualToken&) {
         desired.lifetime = 17 * kDay;
       },
       "due 13d too long: 7d and due then successor"},
      {"… so much that it would be over", 10 * kDay,
       [](DesiredState&, DesiredToken& desired, ActualToken&) {
         desired.lifetime = 9 * kDay;
       },
       "due 13d too long: -1d and due then successor"},
      {"shortened, and extended: reckoned from now", 10 * kDay,
       [](DesiredState&, DesiredToken& desired, ActualToken&) {
         desired.renewal = Renewal::kExtend;
         desired.lifetime = 15 * kDay;
       },
       "due 13d too long: 15d"},
      {"a date that it reaches", 10 * kDay,
       [](DesiredState&, DesiredToken& desired, ActualToken& token) {
         desired.expires = token.valid_to;
       },
       "due never"},
      {"a date within the tolerance", 10 * kDay,
       [](DesiredState&, DesiredToken& desired, ActualToken& token) {
         desired.expires = token.valid_to - kDateTolerance;
       },
       "due never"},
      {"an earlier date", 10 * kDay,
       [](DesiredState&, DesiredToken& desired, ActualToken&) {
         desired.expires = kNow + 2 * kDay;
       },
       "due never too long: 2d"},
      {"a later date: the window stays", 10 * kDay,
       [](DesiredState&, DesiredToken& desired, ActualToken&) {
         desired.expires = kNow + 50 * kDay;
       },
       "due 13d"},
      {"cut by the service: half of it is window at most", 2 * kDay,
       [](DesiredState&, DesiredToken&, ActualToken& token) {
         token.valid_to = kNow + 6 * kDay;
       },
       "due 2d"},
  };
  for (const Case& row : cases) {
    DesiredState state;
    DesiredToken desired;
    desired.lifetime = 30 * kDay;
    desired.rotate_before.span = 7 * kDay;
    ActualToken token = Token(1, "ci", row.age);
    row.change(state, desired, token);
    const Dates dates = {token.valid_from, token.valid_to, token.valid_to};
    EXPECT_EQ(Dump(Life(state, desired, dates, kNow)), row.want) << row.name;
  }
}

}  // namespace
}  // namespace patform
