#include <gtest/gtest.h>

#include "engine/desired/read_policy.h"

namespace patform {
namespace {

TEST(Stricter, TakesTheStricterOfEachRule) {
  PolicyConfig a, b;
  a.max_lifetime = absl::Hours(10);
  b.max_lifetime = absl::Hours(5);
  a.max_revocations = 3;
  a.max_revocations_share = 0.5;
  b.max_revocations_share = 0.1;
  a.prevent_revoke = {"prod"};
  b.prevent_revoke = {"prod", "deploy"};
  a.forbidden_scopes = {"x"};
  b.forbidden_scopes = {"y", "x"};
  b.deny_all_organizations = true;
  a.unmanaged = Unmanaged::kIgnore;
  b.unmanaged = Unmanaged::kReport;
  a.unmanaged_except = {"a", "b"};
  b.unmanaged_except = {"b", "c"};
  a.allow_unknown_scopes = true;
  a.name_pattern = "[a-z]+";
  b.name_pattern = "x.*";
  for (const PolicyConfig& both : {Stricter(a, b), Stricter(b, a)}) {
    EXPECT_EQ(both.max_lifetime, absl::Hours(5));
    EXPECT_EQ(both.max_revocations, 3);
    EXPECT_EQ(both.max_revocations_share, 0.1);
    EXPECT_EQ(both.prevent_revoke.size(), 2u);
    EXPECT_EQ(both.forbidden_scopes.size(), 2u);
    EXPECT_TRUE(both.deny_all_organizations);
    EXPECT_EQ(both.unmanaged, Unmanaged::kReport);
    EXPECT_EQ(both.unmanaged_except, std::vector<std::string>{"b"});
    EXPECT_FALSE(both.allow_unknown_scopes);
  }
  EXPECT_EQ(Stricter(a, b).name_pattern, "(?=(?:[a-z]+)$)(?:x.*)");
}

}  // namespace
}  // namespace patform
