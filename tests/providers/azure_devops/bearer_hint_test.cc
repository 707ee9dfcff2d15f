#include "providers/azure_devops/bearer_hint.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace patform::azure_devops {
namespace {

constexpr int64_t kNow = 1'795'000'000;  // 2026-11-18 11:06:40 UTC

std::string Jwt(const std::string& claims) {
  return "e30." + absl::WebSafeBase64Escape(claims) + ".sig";
}

constexpr char kGet[] =
    ": az account get-access-token --resource "
    "499b84ac-1321-427f-aa17-267ca6975798 --query accessToken -o tsv";

TEST(BearerHintTest, Kinds) {
  using Kind = BearerHint::Kind;
  const struct {
    const char* name;
    std::string bearer;
    Kind want;
  } rows[] = {
      {"good", Jwt("{\"exp\":1795000001}"), Kind::kFine},
      {"ends now", Jwt("{\"exp\":1795000000}"), Kind::kExpired},
      {"long ago", Jwt("{\"exp\":1}"), Kind::kExpired},
      {"no end", Jwt("{\"oid\":\"x\"}"), Kind::kFine},
      {"end is not a number", Jwt("{\"exp\":\"1\"}"), Kind::kNone},
      {"end is huge", Jwt("{\"exp\":99999999999999999999999}"), Kind::kNone},
      {"begins later", Jwt("{\"nbf\":1795000001,\"oid\":\"x\"}"),
       Kind::kNotYet},
      {"a reader's", Jwt("{\"scp\":\"openid vso.pats\",\"exp\":1795000001}"),
       Kind::kReadsOnly},
      {"a reader's, expired", Jwt("{\"scp\":\"vso.pats\",\"exp\":1}"),
       Kind::kExpired},
      {"a writer's", Jwt("{\"scp\":\"vso.pats vso.pats_manage\"}"),
       Kind::kFine},
      {"one that may do anything", Jwt("{\"scp\":\"user_impersonation\"}"),
       Kind::kFine},
      {"one that may do neither", Jwt("{\"scp\":\"vso.patsy \"}"),
       Kind::kNoScope},
      // The plan says that these could also make tokens.
      {"a writer's of old", Jwt("{\"scp\":\"vso.pats vso.tokens\"}"),
       Kind::kFine},
      {"scopes that do not end", Jwt("{\"scp\":\"vso.pats"), Kind::kNone},
      {"for this service, by its id",
       Jwt("{\"aud\":\"499b84ac-1321-427f-aa17-267ca6975798\"}"), Kind::kFine},
      {"for this service, by an address",
       Jwt("{\"aud\":\"https://app.vssps.visualstudio.com/\"}"), Kind::kFine},
      {"for another one", Jwt("{\"aud\":\"https://vault.azure.net\"}"),
       Kind::kOtherAudience},
      {"for another one and expired: a new one would not do either",
       Jwt("{\"aud\":\"https://vault.azure.net\",\"exp\":1}"),
       Kind::kOtherAudience},
      {"an application, for another service",
       Jwt("{\"aud\":\"https://vault.azure.net\",\"idtyp\":\"app\"}"),
       Kind::kApplication},
      {"not base64", "a.$$.c", Kind::kNone},
      {"empty", "", Kind::kNoJwt},
      {"a PAT of old", std::string(52, 'x'), Kind::kPat},
      {"a PAT", std::string(76, 'x') + "AZDO" + std::string(4, 'x'),
       Kind::kPat},
      {"short and without dots", std::string(84, 'x'), Kind::kNoJwt},
      {"long and without dots", std::string(1500, 'x'), Kind::kNone},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(HintOf(Secret(row.bearer), absl::FromUnixSeconds(kNow)).kind,
              row.want)
        << row.name;
  }
}

TEST(BearerHintTest, Words) {
  const struct {
    std::string bearer;
    std::string want;
  } rows[] = {
      {Jwt("{\"exp\":1794992800}"),
       absl::StrCat("the access token expired 2h ago (2026-11-18 09:06 UTC, by "
                    "this machine's clock)|Get a new one",
                    kGet)},
      {Jwt("{\"nbf\":1795007200}"), "|"},
      {Jwt("{\"nbf\":1795007200,\"oid\":\"o\"}"),
       "the access token becomes valid only in 2h (2026-11-18 13:06 UTC, by "
       "this machine's clock)|Check the clock."},
      {Jwt("{\"aud\":\"https://management.core.windows.net/\"}"),
       absl::StrCat("the access token is for Azure Resource Manager "
                    "(https://management.core.windows.net/), not for Azure "
                    "DevOps|Get one for Azure DevOps",
                    kGet)},
      {Jwt("{\"aud\":\"00000003-0000-0000-c000-000000000000\"}"),
       absl::StrCat("the access token is for Microsoft Graph "
                    "(00000003-0000-0000-c000-000000000000), not for Azure "
                    "DevOps|Get one for Azure DevOps",
                    kGet)},
      {Jwt("{\"aud\":\"api://x\\u001b\"}"),
       absl::StrCat("the access token is for api://x\\x1b, not for Azure "
                    "DevOps|Get one for Azure DevOps",
                    kGet)},
      {Jwt("{\"idtyp\":\"app\",\"appid\":\"1b\",\"app_displayname\":"
           "\"deploy\"}"),
       "the access token belongs to the application \"deploy\" (a service "
       "principal or a managed identity), and only a user can have personal "
       "access tokens|Sign in as a user; an application needs no PAT, because "
       "it can use Entra access tokens instead."},
      {Jwt("{\"scp\":\"vso.code\"}"),
       "the access token has only the scopes vso.code, and may not even list "
       "tokens|Sign in through an application that asks for vso.pats (to plan) "
       "and vso.pats_manage (to apply), or with `az`, which may do both."},
      {Jwt("{\"scp\":\"vso.pats\"}"),
       "the access token may list tokens (vso.pats), and not create, change or "
       "revoke them|Sign in with vso.pats_manage as well: apply needs both, "
       "plan only the first."},
      {std::string(52, 'a'),
       absl::StrCat("what was sent is a personal access token, and only a "
                    "Microsoft Entra access token is accepted here|Get one",
                    kGet)},
      {"abc", absl::StrCat("what was sent does not look like a Microsoft Entra "
                           "access token, and nothing else (such as a PAT) is "
                           "accepted here|Get one",
                           kGet)},
      {Jwt("{\"oid\":\"o\"}"), "|"},
  };
  for (const auto& row : rows) {
    const BearerHint hint =
        HintOf(Secret(row.bearer), absl::FromUnixSeconds(kNow));
    EXPECT_EQ(absl::StrCat(hint.cause, "|", hint.fix), row.want);
  }
}

}  // namespace
}  // namespace patform::azure_devops
