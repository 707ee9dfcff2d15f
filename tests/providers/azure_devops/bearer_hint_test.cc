#include "providers/azure_devops/bearer_hint.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"

namespace patform::azure_devops {
namespace {

constexpr int64_t kNow = 1'795'000'000;

std::string Jwt(const std::string& claims) {
  return "e30." + absl::WebSafeBase64Escape(claims) + ".sig";
}

TEST(BearerHintTest, Hints) {
  const struct {
    const char* name;
    std::string bearer;
    BearerHint want;
  } rows[] = {
      {"good", Jwt("{\"aud\":\"x\",\"exp\":1795000001}"), BearerHint::kNone},
      {"ends now", Jwt("{\"exp\":1795000000}"), BearerHint::kExpired},
      {"long ago", Jwt("{\"exp\":1}"), BearerHint::kExpired},
      {"no end", Jwt("{\"aud\":\"x\"}"), BearerHint::kNone},
      {"end is no number", Jwt("{\"exp\":\"1\"}"), BearerHint::kNone},
      {"end is huge", Jwt("{\"exp\":99999999999999999999999}"),
       BearerHint::kNone},
      {"a reader's", Jwt("{\"scp\":\"openid vso.pats\",\"exp\":1795000001}"),
       BearerHint::kReadsOnly},
      {"a reader's without an end", Jwt("{\"scp\":\"vso.pats\"}"),
       BearerHint::kReadsOnly},
      {"a reader's, expired", Jwt("{\"scp\":\"vso.pats\",\"exp\":1}"),
       BearerHint::kExpired},
      {"a writer's", Jwt("{\"scp\":\"vso.pats vso.pats_manage\"}"),
       BearerHint::kNone},
      {"one that may do anything", Jwt("{\"scp\":\"user_impersonation\"}"),
       BearerHint::kNone},
      {"one that may do neither", Jwt("{\"scp\":\"vso.patsy \"}"),
       BearerHint::kNone},
      // The plan says that these could also make tokens.
      {"a writer's of old", Jwt("{\"scp\":\"vso.pats vso.tokens\"}"),
       BearerHint::kNone},
      {"with blanks after the colon", Jwt("{\"scp\": \"vso.pats\"}"),
       BearerHint::kReadsOnly},
      {"scopes that do not end", Jwt("{\"scp\":\"vso.pats"), BearerHint::kNone},
      {"not base64", "a.$$.c", BearerHint::kNone},
      {"empty", "", BearerHint::kNoJwt},
      {"short and without dots", std::string(84, 'x'), BearerHint::kNoJwt},
      {"long and without dots", std::string(1500, 'x'), BearerHint::kNone},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(HintOf(Secret(row.bearer), absl::FromUnixSeconds(kNow)), row.want)
        << row.name;
  }
}

}  // namespace
}  // namespace patform::azure_devops
