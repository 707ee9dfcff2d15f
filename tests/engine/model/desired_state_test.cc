#include "engine/model/desired_state.h"

#include <gtest/gtest.h>

namespace patform {
namespace {

TEST(DesiredState, ScopesThatComeToTheSame) {
  DesiredState state;
  state.implied_scopes = {
      {"all", {"*"}}, {"manage", {"write", "read"}}, {"write", {"read"}}};
  const struct {
    const char* a;
    const char* b;
    bool same;
  } kRows[] = {
      {"write", "write", true},
      {"write read", "write", true},
      {"manage read", "manage write", true},
      {"all", "all write other", true},
      {"write", "read", false},
      {"write", "write other", false},
      {"manage", "write read", false},
      {"all", "write", false},
      // No scopes are full access.
      {"", "", true},
      {"", "all", false},
      {"", "read", false},
  };
  for (const auto& row : kRows) {
    const ScopeSet a = ScopeSet::Parse(row.a), b = ScopeSet::Parse(row.b);
    EXPECT_EQ(state.SameScopes(a, b), row.same) << row.a << " | " << row.b;
    EXPECT_EQ(state.SameScopes(b, a), row.same) << row.b << " | " << row.a;
  }
}

}  // namespace
}  // namespace patform
