#include "engine/desired/scope_catalog.h"

#include <gtest/gtest.h>

#include <set>

namespace patform {
namespace {

TEST(ScopeCatalog, HoldsTheTableWhole) {
  EXPECT_EQ(ScopeCatalog().size(), 95u);
  std::set<std::string> names;
  for (const ScopeInfo& scope : ScopeCatalog()) {
    EXPECT_TRUE(names.insert(scope.name).second) << scope.name;
    EXPECT_FALSE(scope.meaning.empty()) << scope.name;
    for (const std::string& implied : scope.implies) {
      EXPECT_TRUE(implied == "*" || FindScope(implied) != nullptr)
          << scope.name << " implies " << implied;
    }
  }
  ASSERT_NE(FindScope("vso.code_write"), nullptr);
  EXPECT_TRUE(FindScope("vso.code_write")->high_privilege);
  EXPECT_EQ(FindScope("vso.cde"), nullptr);
}

TEST(ScopeCatalog, ImpliesIsAStrictOrder) {
  EXPECT_TRUE(Implies("vso.code_full", "vso.code"));
  EXPECT_TRUE(Implies("app_token", "vso.wiki"));
  EXPECT_FALSE(Implies("vso.code", "vso.code_write"));
  EXPECT_FALSE(Implies("vso.unknown", "vso.code"));
  for (const ScopeInfo& a : ScopeCatalog()) {
    EXPECT_FALSE(a.name != "app_token" && a.name != "user_impersonation" &&
                 Implies(a.name, a.name))
        << a.name;
  }
}

}  // namespace
}  // namespace patform
