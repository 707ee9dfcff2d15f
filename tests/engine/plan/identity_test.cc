#include "engine/plan/identity.h"

#include <gtest/gtest.h>

namespace patform {
namespace {

using Strings = std::vector<std::string>;

TEST(IdentityTest, MayMint) {
  struct Row {
    const char* scopes;
    bool may_mint;
    Strings because;
  };
  const std::vector<Row> rows = {
      {"", false, {}},
      {"vso.pats", false, {}},
      {"vso.pats vso.code_full", false, {}},
      {"vso.pats vso.pats_manage", true, {"vso.pats_manage"}},
      {"user_impersonation", true, {"user_impersonation"}},
      {"vso.pats vso.tokens", true, {"vso.tokens"}},
      {"vso.tokens vso.pats_manage", true, {"vso.pats_manage", "vso.tokens"}},
  };
  for (const Row& row : rows) {
    const Identity identity = {ScopeSet::Parse(row.scopes)};
    EXPECT_EQ(identity.MayMint(), row.may_mint) << row.scopes;
    EXPECT_EQ(identity.MintingScopes(), row.because) << row.scopes;
  }
  EXPECT_EQ(Identity().MayMint(), std::nullopt);
  EXPECT_EQ(Identity().MintingScopes(), Strings());
}

}  // namespace
}  // namespace patform
