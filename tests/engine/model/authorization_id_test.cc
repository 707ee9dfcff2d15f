#include "engine/model/authorization_id.h"

#include <gtest/gtest.h>

#include "absl/hash/hash.h"

namespace patform {
namespace {

constexpr char kText[] = "0123abcd-4567-89ef-0123-456789abcdef";

TEST(AuthorizationId, ReadsGuidsAndNothingElse) {
  const struct {
    const char* text;
    const char* want;  // "": refused
  } kCases[] = {
      {kText, kText},
      {"0123ABCD-4567-89EF-0123-456789ABCDEF", kText},
      {"00000000-0000-0000-0000-000000000000",
       "00000000-0000-0000-0000-000000000000"},
      {"", ""},
      {"{0123abcd-4567-89ef-0123-456789abcdef}", ""},
      {"0123abcd456789ef0123456789abcdef", ""},
      {"0123abcd-4567-89ef-0123-456789abcde", ""},
      {"0123abcd-4567-89ef-0123-456789abcdef0", ""},
      {"0123abcd-4567-89ef-0123-456789abcdeg", ""},
      {"0123abcd_4567_89ef_0123_456789abcdef", ""},
      {"0123abc-d4567-89ef-0123-456789abcdef", ""},
      {" 123abcd-4567-89ef-0123-456789abcdef", ""},
  };
  for (const auto& c : kCases) {
    const auto id = AuthorizationId::Parse(c.text);
    EXPECT_EQ(id ? id->ToString() : "", c.want) << c.text;
  }
}

TEST(AuthorizationId, NilNamesNoToken) {
  EXPECT_TRUE(AuthorizationId().IsNil());
  EXPECT_TRUE(
      AuthorizationId::Parse("00000000-0000-0000-0000-000000000000")->IsNil());
  EXPECT_FALSE(
      AuthorizationId::Parse("00000000-0000-0000-0000-000000000001")->IsNil());
}

TEST(AuthorizationId, ShortComparedAndHashed) {
  const AuthorizationId id = *AuthorizationId::Parse(kText);
  const AuthorizationId same =
      *AuthorizationId::Parse("0123ABCD-4567-89EF-0123-456789ABCDEF");
  const AuthorizationId later =
      *AuthorizationId::Parse("0123abcd-4567-89ef-0123-456789abcdf0");
  EXPECT_EQ(id.Short(), "0123abcd");
  EXPECT_EQ(id, same);
  EXPECT_LT(id, later);
  EXPECT_LT(AuthorizationId(), id);
  EXPECT_EQ(absl::HashOf(id), absl::HashOf(same));
}

}  // namespace
}  // namespace patform
