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

TEST(IdentityTest, WhatAPersonMustDoAboutTheSignIn) {
  const absl::Time now = absl::FromUnixSeconds(1'795'000'000);
  const struct {
    absl::Duration rests;
    const char* trouble;
    const char* want;
  } rows[] = {
      {absl::InfiniteDuration(), "", ""},
      {absl::Hours(24 * 90), "", ""},
      {kSignInEndsSoon + absl::Seconds(1), "", ""},
      {kSignInEndsSoon, "", "it ends in 14d, on 2026-12-02: why"},
      {absl::ZeroDuration(), "", "it has ended, on 2026-11-18: why"},
      {absl::Hours(24 * 90), "not written", "not written"},
      {absl::Hours(3), "not written",
       "not written; it ends in 3h, on 2026-11-18: why"},
  };
  for (const auto& row : rows) {
    Identity identity;
    identity.rests_until = now + row.rests;
    identity.rests_why = "why";
    identity.trouble = row.trouble;
    EXPECT_EQ(identity.Concern(now), row.want);
  }
}

}  // namespace
}  // namespace patform
