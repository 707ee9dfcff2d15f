#include "engine/diff/unrenewed.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/engine/diff/testing.h"

namespace patform {
namespace {

using testing::Away;
using testing::kDay;
using testing::kNow;
using testing::Token;

const Delivery kPlace = {"main", "ci", "", Encoding::kRaw, false, {}};

std::string Dump(const std::optional<Unrenewed>& token) {
  if (!token) return "renewed";
  return absl::StrCat(Word(token->why), ", ends ", Away(token->ends),
                      ", shown from ", Away(token->shown_from));
}

// A token of 100 days that was minted now, and what its table says.
TEST(UnrenewedTest, Table) {
  struct Row {
    const char* name;
    std::function<void(DesiredState&, DesiredToken&)> change;
    const char* want;
  };
  const std::vector<Row> rows = {
      {"rotated", [](DesiredState&, DesiredToken&) {}, "renewed"},
      {"to its date",
       [](DesiredState&, DesiredToken& t) { t.expires = kNow + 100 * kDay; },
       "fixed_date, ends 100d, shown from 75d"},
      {"a later date is asked for by the next one",
       [](DesiredState&, DesiredToken& t) { t.expires = kNow + 200 * kDay; },
       "renewed"},
      {"to its date, extended or not",
       [](DesiredState&, DesiredToken& t) {
         t.expires = kNow + 100 * kDay;
         t.renewal = Renewal::kExtend;
       },
       "fixed_date, ends 100d, shown from 75d"},
      {"watched", [](DesiredState&, DesiredToken& t) { t.deliver.clear(); },
       "no_delivery, ends 100d, shown from 75d"},
      {"imported",
       [](DesiredState&, DesiredToken& t) {
         t.deliver.clear();
         t.expires = kNow + 100 * kDay;
       },
       "no_delivery, ends 100d, shown from 75d"},
      {"watched and extended",
       [](DesiredState&, DesiredToken& t) {
         t.deliver.clear();
         t.renewal = Renewal::kExtend;
       },
       "renewed"},
      {"extended as far as the policy allows",
       [](DesiredState& state, DesiredToken& t) {
         t.deliver.clear();
         t.renewal = Renewal::kExtend;
         state.policy.max_lifetime = 100 * kDay;
       },
       "longest_life, ends 100d, shown from 75d"},
      {"a window in words",
       [](DesiredState&, DesiredToken& t) {
         t.deliver.clear();
         t.rotate_before.span = 40 * kDay;
       },
       "no_delivery, ends 100d, shown from 60d"},
      {"a window shorter than a week",
       [](DesiredState&, DesiredToken& t) {
         t.deliver.clear();
         t.rotate_before.span = kDay;
       },
       "no_delivery, ends 100d, shown from 93d"},
      {"a large share",
       [](DesiredState&, DesiredToken& t) {
         t.deliver.clear();
         t.rotate_before.share = 0.9;
       },
       "no_delivery, ends 100d, shown from 70d"},
  };
  for (const Row& row : rows) {
    DesiredState state;
    DesiredToken desired;
    desired.name = "ci";
    desired.deliver = {kPlace};
    row.change(state, desired);
    const ActualToken token = Token(1, "ci", absl::ZeroDuration(), 100 * kDay);
    EXPECT_EQ(Dump(UnrenewedOf(state, desired, token, 1)), row.want)
        << row.name;
  }
}

TEST(UnrenewedTest, Words) {
  DesiredState state;
  DesiredToken desired;
  desired.name = "ci";
  desired.expires = kNow + absl::Hours(2);
  Unrenewed token = Over(state, desired);
  EXPECT_EQ(EndsText(token, kNow),
            "ends in 2h (2027-01-15 10:00 UTC), and nothing renews it: "
            "`expires` is a fixed date");
  EXPECT_EQ(EndsText(token, kNow + kDay),
            "ended 22h ago (2027-01-15 10:00 UTC), and nothing renews it: "
            "`expires` is a fixed date");
  EXPECT_FALSE(token.IsShown(kNow));
  EXPECT_TRUE(token.IsShown(kNow + absl::Hours(2)));
}

}  // namespace
}  // namespace patform
