#include "engine/model/scope_set.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patform {
namespace {

TEST(ScopeSet, HasOneForm) {
  const struct {
    const char* text;
    const char* want;
  } kCases[] = {
      {"", ""},
      {" ,\t\n, ", ""},
      {"vso.code", "vso.code"},
      {"vso.code vso.build", "vso.build vso.code"},
      {"vso.code,vso.build", "vso.build vso.code"},
      {"vso.code , vso.build\r\n", "vso.build vso.code"},
      {"vso.code vso.code", "vso.code"},
      {"VSO.Code vso.code", "vso.code"},
      {"app_token", "app_token"},
      // Sorted as bytes: a scope stands before the ones it begins.
      {"vso.code_write vso.code vso.code_full",
       "vso.code vso.code_full vso.code_write"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(ScopeSet::Parse(c.text).text(), c.want) << c.text;
  }
}

TEST(ScopeSet, OfAListEqualsTheText) {
  EXPECT_EQ(ScopeSet::Of({"vso.code", "vso.build", "vso.code", ""}),
            ScopeSet::Parse("vso.build vso.code"));
  EXPECT_EQ(ScopeSet::Of({}), ScopeSet());
  EXPECT_TRUE(ScopeSet().empty());
  EXPECT_FALSE(ScopeSet::Parse("a").empty());
}

TEST(ScopeSet, ContainsWholeScopes) {
  const ScopeSet set = ScopeSet::Parse("vso.code_write vso.build");
  EXPECT_TRUE(set.Contains("vso.build"));
  EXPECT_TRUE(set.Contains("vso.code_write"));
  EXPECT_FALSE(set.Contains("vso.code"));
  EXPECT_FALSE(set.Contains("vso.build vso.code_write"));
  EXPECT_FALSE(set.Contains(""));
  EXPECT_FALSE(ScopeSet().Contains(""));
}

TEST(ScopeSet, ItemsAreSorted) {
  using Items = std::vector<std::string_view>;
  EXPECT_EQ(ScopeSet().items(), Items());
  const ScopeSet one = ScopeSet::Parse("a");
  EXPECT_EQ(one.items(), Items({"a"}));
  const ScopeSet three = ScopeSet::Parse("c a b");
  EXPECT_EQ(three.items(), Items({"a", "b", "c"}));
}

TEST(ScopeSet, Without) {
  const ScopeSet set = ScopeSet::Parse("a b c");
  EXPECT_EQ(set.Without(ScopeSet::Parse("b d")), ScopeSet::Parse("a c"));
  EXPECT_EQ(set.Without(set), ScopeSet());
  EXPECT_EQ(set.Without(ScopeSet()), set);
  EXPECT_EQ(ScopeSet().Without(set), ScopeSet());
}

}  // namespace
}  // namespace patform
