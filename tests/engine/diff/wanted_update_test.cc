#include "engine/diff/wanted_update.h"

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
using testing::Marked;
using testing::Token;

std::string Dump(const WantedUpdate& wanted) {
  std::string text = Word(wanted.reason);
  const UpdateRequest& request = wanted.request;
  if (request.display_name) {
    absl::StrAppend(&text, " name \"", *request.display_name, "\"");
  }
  if (request.scopes)
    absl::StrAppend(&text, " scopes ", request.scopes->text());
  if (request.valid_to) {
    absl::StrAppend(&text, " end ", Away(*request.valid_to));
  }
  if (request.all_organizations) {
    absl::StrAppend(&text,
                    *request.all_organizations ? " everywhere" : " here");
  }
  if (wanted.ends_unrenewed) text += " unrenewed";
  if (wanted.overdue) text += " overdue";
  return text;
}

TEST(UpdateForTest, Table) {
  struct Row {
    const char* name;
    int64_t generation;  // 0: carries no mark
    absl::Duration age;
    std::function<void(DesiredToken&)> change;
    const char* want;
  };
  const std::vector<Row> rows = {
      {"as declared", 1, 10 * kDay, [](DesiredToken&) {}, "none"},
      {"another name: the mark stays", 1, 10 * kDay,
       [](DesiredToken& desired) { desired.name = "web"; },
       "renamed name \"web ~pf:w#1.nonce0000001sruw\""},
      {"another name, without a mark", 0, 10 * kDay,
       [](DesiredToken& desired) { desired.name = "web"; },
       "renamed name \"web\""},
      {"scopes", 1, 10 * kDay,
       [](DesiredToken& desired) {
         desired.scopes = ScopeSet::Of({"vso.work"});
       },
       "scope_changed scopes vso.work"},
      {"reach", 1, 10 * kDay,
       [](DesiredToken& desired) { desired.all_organizations = true; },
       "all_organizations_changed everywhere"},
      {"everything: the first reason", 1, 10 * kDay,
       [](DesiredToken& desired) {
         desired.name = "web";
         desired.scopes = ScopeSet::Of({"vso.work"});
         desired.lifetime = 20 * kDay;
         desired.all_organizations = true;
       },
       "renamed name \"web ~pf:w#1.nonce0000001sruw\" scopes vso.work end 10d "
       "everywhere"},
      {"a shorter life", 1, 10 * kDay,
       [](DesiredToken& desired) { desired.lifetime = 20 * kDay; },
       "lifetime_too_long end 10d"},
      {"… that ends within a day", 1, 10 * kDay,
       [](DesiredToken& desired) { desired.lifetime = 11 * kDay; },
       "lifetime_too_long end 1d unrenewed"},
      {"… a second after it", 1, 10 * kDay,
       [](DesiredToken& desired) {
         desired.lifetime = 11 * kDay + absl::Seconds(1);
       },
       "lifetime_too_long end 1d"},
      {"… of a token that nothing delivers", 1, 10 * kDay,
       [](DesiredToken& desired) {
         desired.lifetime = 20 * kDay;
         desired.deliver.clear();
       },
       "lifetime_too_long end 10d unrenewed"},
      {"… and that is extended", 1, 10 * kDay,
       [](DesiredToken& desired) {
         desired.lifetime = 15 * kDay;
         desired.deliver.clear();
         desired.renewal = Renewal::kExtend;
       },
       "lifetime_too_long end 15d"},
      {"a life that should be over", 1, 10 * kDay,
       [](DesiredToken& desired) { desired.lifetime = 10 * kDay; },
       "none overdue"},
      {"… does not keep the rest from being sent", 1, 10 * kDay,
       [](DesiredToken& desired) {
         desired.lifetime = 9 * kDay;
         desired.all_organizations = true;
       },
       "all_organizations_changed everywhere overdue"},
      {"an earlier date", 1, 10 * kDay,
       [](DesiredToken& desired) { desired.expires = kNow + 5 * kDay; },
       "expires_changed end 5d unrenewed"},
      {"a later date is asked for by the next generation", 1, 10 * kDay,
       [](DesiredToken& desired) { desired.expires = kNow + 90 * kDay; },
       "none"},
      {"an earlier date, in all organizations", 1, 10 * kDay,
       [](DesiredToken& desired) {
         desired.expires = kNow + 5 * kDay;
         desired.all_organizations = true;
       },
       "expires_changed end 5d everywhere unrenewed"},
      {"a date to the half second: the service keeps whole ones", 1, 10 * kDay,
       [](DesiredToken& desired) {
         desired.expires = kNow + 5 * kDay + absl::Milliseconds(500);
       },
       "expires_changed end 5d unrenewed"},
      {"a date that has come", 1, 10 * kDay,
       [](DesiredToken& desired) { desired.expires = kNow; }, "none overdue"},
      {"a date in half a second is over once it is whole", 1, 10 * kDay,
       [](DesiredToken& desired) {
         desired.expires = kNow + absl::Milliseconds(500);
       },
       "none overdue"},
      {"due, without a mark, and extended", 0, 25 * kDay,
       [](DesiredToken& desired) {
         desired.renewal = Renewal::kExtend;
         desired.deliver.clear();
       },
       "in_rotation_window end 30d"},
      {"extended, and not due in a narrower window", 1, 25 * kDay,
       [](DesiredToken& desired) {
         desired.renewal = Renewal::kExtend;
         desired.rotate_before.span = absl::Hours(6);
       },
       "none"},
      {"due, extended and renamed", 1, 25 * kDay,
       [](DesiredToken& desired) {
         desired.renewal = Renewal::kExtend;
         desired.name = "web";
       },
       "renamed name \"web ~pf:w#1.nonce0000001sruw\" end 30d"},
      {"due, and rotated", 1, 25 * kDay, [](DesiredToken&) {}, "none"},
      {"due, and extended", 1, 25 * kDay,
       [](DesiredToken& desired) { desired.renewal = Renewal::kExtend; },
       "in_rotation_window end 30d"},
  };
  for (const Row& row : rows) {
    DesiredState state;
    state.workspace = "w";
    DesiredToken desired;
    desired.name = "ci";
    desired.scopes = ScopeSet::Of({"vso.build", "vso.code"});
    desired.rotate_before.span = 7 * kDay;
    desired.deliver = {PlaceOf("main:ci")};
    row.change(desired);
    const ActualToken token = row.generation > 0
                                  ? Marked(1, "ci", row.generation, row.age)
                                  : Token(1, "ci", row.age);
    const Life life(state, desired,
                    {token.valid_from, token.valid_to, token.valid_to}, kNow);
    const WantedUpdate wanted =
        UpdateFor(state, desired, token, row.generation, life, kNow);
    EXPECT_EQ(Dump(wanted), row.want) << row.name;
    EXPECT_EQ(wanted.request.id, token.id) << row.name;
    // Sent and carried out, nothing of it is left to send.
    const TokenFacts after =
        Updated(FactsOf(token, row.generation), wanted.request);
    EXPECT_EQ(CompareFacts(after, Updated(after, wanted.request)).size(), 0u)
        << row.name;
  }
}

}  // namespace
}  // namespace patform
