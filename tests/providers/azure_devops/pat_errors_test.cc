#include "providers/azure_devops/pat_errors.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace patform::azure_devops {
namespace {

AnswerContext Context(Operation operation,
                      BearerHint bearer = BearerHint::kNone) {
  return {operation, "contoso", bearer};
}

// What is known of a bearer with these claims, at 2026-11-18 11:06:40 UTC.
BearerHint Hint(const std::string& claims) {
  return HintOf(Secret("e30." + absl::WebSafeBase64Escape(claims) + ".sig"),
                absl::FromUnixSeconds(1'795'000'000));
}

// CODE: the whole message.
std::string Text(const absl::Status& status) {
  return absl::StrCat(absl::StatusCodeToString(status.code()), ": ",
                      std::string(status.message()));
}

TEST(RefusalStatusTest, EveryPublishedError) {
  const std::string doing = ": changing a token in organization \"contoso\": ";
  const struct {
    const char *name, *code, *want;
  } rows[] = {
      {"none", "DATA_LOSS",
       "the service reports success but sent no token (none). It is not known "
       "what it did. Run patform again: it looks before it acts."},
      {"displayNameRequired", "INVALID_ARGUMENT",
       "the display name is empty (displayNameRequired). The service accepts "
       "no token without a name. Give the token a name in the configuration."},
      {"invalidDisplayName", "INVALID_ARGUMENT",
       "the display name is not accepted (invalidDisplayName). It is longer "
       "than 256 characters, counted after HTML encoding and with patform's "
       "mark, or has characters that the service forbids. Choose a shorter or "
       "plainer name."},
      {"invalidValidTo", "INVALID_ARGUMENT",
       "the end of validity is not accepted (invalidValidTo). It is in the "
       "past, or further away than the service allows. Correct lifetime or "
       "expires of this token; check this machine's clock."},
      {"invalidScope", "INVALID_ARGUMENT",
       "the scopes are not accepted (invalidScope). At least one of them does "
       "not exist, or may not be given to a personal access token. Compare the "
       "token's scopes with the output of patform scopes."},
      {"userIdRequired", "UNAUTHENTICATED",
       "the service saw no user (userIdRequired). The bearer names no user "
       "that could own a token. Sign in as the user whose tokens these are: a "
       "person of the organization's own Entra tenant, not a service "
       "principal, a managed identity or a guest."},
      {"invalidUserId", "UNAUTHENTICATED",
       "the service does not know the signed-in user (invalidUserId). The user "
       "has never been added to this organization, or was removed. Sign in as "
       "the user whose tokens these are: a person of the organization's own "
       "Entra tenant, not a service principal, a managed identity or a guest."},
      {"invalidUserType", "PERMISSION_DENIED",
       "the signed-in identity is not a user (invalidUserType). Only people "
       "own personal access tokens. For a service principal, Entra tokens take "
       "their place and need no rotation. Sign in as the user whose tokens "
       "these are: a person of the organization's own Entra tenant, not a "
       "service principal, a managed identity or a guest."},
      {"accessDenied", "PERMISSION_DENIED",
       "access is denied (accessDenied). The token belongs to another user, or "
       "this user may not issue tokens here. Compare the user of the access "
       "token with the "
       "owner of the token; sign in as that user."},
      {"failedToIssueAccessToken", "UNKNOWN",
       "the service failed while it issued the token "
       "(failedToIssueAccessToken). The token may exist or not; its secret is "
       "lost either way. Run patform again: it looks for what was left and "
       "revokes it."},
      {"invalidClient", "UNAUTHENTICATED",
       "the application that was signed in through is not accepted "
       "(invalidClient). Sign in through another application (client_id), or "
       "ask the owner of this one to correct its registration in Entra."},
      {"invalidClientType", "UNAUTHENTICATED",
       "the application that was signed in through is of a type that is not "
       "accepted (invalidClientType). Sign in through another application "
       "(client_id), or ask the owner of this one to correct its registration "
       "in Entra."},
      {"invalidClientId", "UNAUTHENTICATED",
       "the application that was signed in through is not known "
       "(invalidClientId). Sign in through another application (client_id), or "
       "ask the owner of this one to correct its registration in Entra."},
      {"invalidTargetAccounts", "INVALID_ARGUMENT",
       "the organizations of the token are not accepted "
       "(invalidTargetAccounts). A token is for the organization it is asked "
       "for, or for all. Check organization and all_organizations of this "
       "token."},
      {"hostAuthorizationNotFound", "PERMISSION_DENIED",
       "the application that was signed in through has no authorization in "
       "this organization (hostAuthorizationNotFound). Have an administrator "
       "consent to it, or sign in through another (client_id)."},
      {"authorizationNotFound", "NOT_FOUND",
       "the service has no such authorization (authorizationNotFound). The "
       "token was removed, or belongs to another user or organization. Run "
       "patform plan again."},
      {"failedToUpdateAccessToken", "UNAVAILABLE",
       "the service failed while it changed the token "
       "(failedToUpdateAccessToken). It gives no reason. The change can be "
       "asked for again without harm. Run patform again in a few minutes."},
      {"sourceNotSupported", "INTERNAL",
       "the service does not support the restriction of sources "
       "(sourceNotSupported). patform does not ask for such a thing. Please "
       "report it, with the output of patform version."},
      {"invalidSourceIP", "INTERNAL",
       "the service does not accept an address in the restriction of sources "
       "(invalidSourceIP). patform does not ask for such a thing. Please "
       "report it, with the output of patform version."},
      {"invalidSource", "INTERNAL",
       "the service does not accept the restriction of sources "
       "(invalidSource). patform does not ask for such a thing. Please report "
       "it, with the output of patform version."},
      {"duplicateHash", "INTERNAL",
       "the key is registered already (duplicateHash). This is an answer to "
       "SSH keys, not to tokens. patform does not ask for such a thing. Please "
       "report it, with the output of patform version."},
      {"sshPolicyDisabled", "INTERNAL",
       "the organization does not allow SSH keys (sshPolicyDisabled). This is "
       "an answer to SSH keys, not to tokens. patform does not ask for such a "
       "thing. Please report it, with the output of patform version."},
      {"invalidToken", "FAILED_PRECONDITION",
       "the token is not valid (invalidToken). It has been revoked, or a "
       "policy forbids the change. What was revoked does not come back. Run "
       "patform plan again: it sees the token as it is now."},
      {"tokenNotFound", "NOT_FOUND",
       "the service has no such token (tokenNotFound). It was removed, or "
       "belongs to another user or organization. Run patform plan again."},
      {"invalidAuthorizationId", "INTERNAL",
       "the id of the token is not a GUID (invalidAuthorizationId). patform "
       "does not ask for such a thing. Please report it, with the output of "
       "patform version."},
      {"failedToReadTenantPolicy", "UNAVAILABLE",
       "the service could not read the policies of the tenant "
       "(failedToReadTenantPolicy). Nothing was done; this passes. Run patform "
       "again in a few minutes."},
      {"globalPatPolicyViolation", "FAILED_PRECONDITION",
       "the tenant's policy forbids tokens for all organizations "
       "(globalPatPolicyViolation). Set all_organizations = false and declare "
       "one token for each organization."},
      {"fullScopePatPolicyViolation", "FAILED_PRECONDITION",
       "the tenant's policy forbids tokens with full access "
       "(fullScopePatPolicyViolation). Replace app_token with the scopes that "
       "are needed; patform scopes lists them."},
      {"patLifespanPolicyViolation", "FAILED_PRECONDITION",
       "the tenant's policy forbids tokens that live so long "
       "(patLifespanPolicyViolation). Shorten lifetime (or expires) of this "
       "token to the tenant's maximum."},
      {"invalidTokenType", "INTERNAL",
       "tokens of this type cannot be issued here (invalidTokenType). patform "
       "does not ask for such a thing. Please report it, with the output of "
       "patform version."},
      {"invalidAudience", "UNAUTHENTICATED",
       "the bearer is not meant for Azure DevOps (invalidAudience). Get one "
       "for the resource 499b84ac-1321-427f-aa17-267ca6975798 (Azure DevOps), "
       "and sign in again."},
      {"invalidSubject", "UNAUTHENTICATED",
       "the bearer is not about a user that the service accepts "
       "(invalidSubject). Sign in as the user whose tokens these are: a person "
       "of the organization's own Entra tenant, not a service principal, a "
       "managed identity or a guest."},
      {"deploymentHostNotSupported", "INVALID_ARGUMENT",
       "this cannot be done without an organization "
       "(deploymentHostNotSupported). Check organization in the "
       "configuration."},
      {"disablePatCreationPolicyViolation", "FAILED_PRECONDITION",
       "the organization's policy \"Restrict personal access token creation\" "
       "forbids this (disablePatCreationPolicyViolation). Existing tokens keep "
       "working until they end; new ones and rotations are refused. Ask a "
       "Project Collection Administrator to put this user on the policy's "
       "allow list."},
      {"failedToReadOrgPolicy", "UNAVAILABLE",
       "the service could not read the policies of the organization "
       "(failedToReadOrgPolicy). Nothing was done; this passes. Run patform "
       "again in a few minutes."},
      {"globalPATCreationBlocked", "FAILED_PRECONDITION",
       "Azure DevOps no longer creates tokens for all organizations "
       "(globalPATCreationBlocked). They are being retired; those that exist "
       "stop working as well. Set all_organizations = false and declare one "
       "token for each organization."},
      {"expiredPatCannotBeExtended", "FAILED_PRECONDITION",
       "the token has expired and cannot be extended "
       "(expiredPatCannotBeExtended). Use renewal = \"rotate\" with a "
       "delivery, so that a new token takes its place; or patform apply "
       "--rotate for this one."},
  };
  int number = 0;
  for (const auto& row : rows) {
    EXPECT_EQ(Text(RefusalStatus(row.name, "", Context(Operation::kUpdate))),
              row.code + doing + row.want);
    EXPECT_EQ(TokenErrorName(number++), row.name);
  }
  EXPECT_EQ(number, 37);
  EXPECT_EQ(TokenErrorName(37), "number 37");
  EXPECT_EQ(TokenErrorName(-1), "number -1");
}

TEST(RefusalStatusTest, NamesThatAreNotKnownSurvive) {
  EXPECT_EQ(Text(RefusalStatus("brandNew\n", "told \x1b[1m you",
                               Context(Operation::kCreate))),
            "FAILED_PRECONDITION: creating a token in organization "
            "\"contoso\": the service refuses with \"brandNew\\n\", which "
            "this version of patform does not know. Nothing was done. Look the "
            "name up in the documentation of the PAT API, or try a newer "
            "patform. The service says: \"told \\x1b[1m you\"");
}

TEST(RefusalStatusTest, SuccessWithoutATokenOnACreateMayHaveBeenDone) {
  EXPECT_EQ(RefusalStatus("none", "", Context(Operation::kCreate)).code(),
            absl::StatusCode::kUnknown);
}

TEST(RefusalStatusTest, LongWordsAreCut) {
  std::string words;
  for (int i = 0; i < 400; ++i) words += "\xc3\xa4";
  const std::string text =
      Text(RefusalStatus("accessDenied", words, Context(Operation::kGet)));
  std::string kept;
  for (int i = 0; i < 300; ++i) kept += "\xc3\xa4";
  EXPECT_TRUE(
      absl::EndsWith(text, absl::StrCat(" The service says: \"", kept, " …\"")))
      << text;
}

struct Answer {
  const char* name;
  Operation operation;
  BearerHint bearer;
  int status;
  std::vector<http::Header> headers;
  std::string body;
  const char* want;
};

TEST(AnswerErrorTest, WholeMessages) {
  const Answer rows[] = {
      {"401 bare",
       Operation::kList,
       BearerHint::kNone,
       401,
       {},
       "",
       "UNAUTHENTICATED: listing the tokens of organization \"contoso\": the "
       "service answered 401, not signed in. The access token has expired, or "
       "is for another tenant or resource. Sign in again (az login, then a "
       "fresh PATFORM_ACCESS_TOKEN) as a user of this organization."},
      {"401 a reader that would write",
       Operation::kCreate,
       Hint("{\"scp\":\"vso.pats\"}"),
       401,
       {},
       "",
       "UNAUTHENTICATED: creating a token in organization \"contoso\": the "
       "access token may list tokens (vso.pats), and not create, change or "
       "revoke them; the service answered 401. Sign in with vso.pats_manage "
       "as well: apply needs both, plan only the first."},
      {"401 a reader that reads",
       Operation::kList,
       Hint("{\"scp\":\"vso.pats\",\"upn\":\"ann@contoso.example\",\"exp\":"
            "1795003600}"),
       401,
       {},
       "",
       "UNAUTHENTICATED: listing the tokens of organization \"contoso\": the "
       "service answered 401, not signed in. The access token of "
       "ann@contoso.example (valid until 2026-11-18 12:06 UTC) is for Azure "
       "DevOps, so its user may have no access to this organization, or the "
       "sign-in was withdrawn. Sign in again (az login, then a fresh "
       "PATFORM_ACCESS_TOKEN) as a user of this organization."},
      {"401 expired, tenant in a header",
       Operation::kList,
       Hint("{\"exp\":1794992800,\"tid\":"
            "\"00000000-1111-2222-3333-444444444444\"}"),
       401,
       {{"X-VSS-ResourceTenant", "72f988bf-0000-4000-8000-2d7cd011db47"}},
       "",
       "UNAUTHENTICATED: listing the tokens of organization \"contoso\": the "
       "access token expired 2h ago (2026-11-18 09:06 UTC, by this machine's "
       "clock); the service answered 401. Get a new one: az account "
       "get-access-token --resource 499b84ac-1321-427f-aa17-267ca6975798 "
       "--query accessToken -o tsv --tenant "
       "72f988bf-0000-4000-8000-2d7cd011db47"},
      {"401 of another tenant",
       Operation::kList,
       Hint("{\"exp\":1795003600,\"upn\":\"ann@fabrikam.example\",\"tid\":"
            "\"00000000-1111-2222-3333-444444444444\"}"),
       401,
       {{"X-VSS-ResourceTenant", "72f988bf-0000-4000-8000-2d7cd011db47"}},
       "",
       "UNAUTHENTICATED: listing the tokens of organization \"contoso\": the "
       "access token of ann@fabrikam.example (valid until 2026-11-18 12:06 "
       "UTC) is for the tenant 00000000-1111-2222-3333-444444444444, and the "
       "organization belongs to the tenant "
       "72f988bf-0000-4000-8000-2d7cd011db47. Sign in there (az login "
       "--tenant 72f988bf-0000-4000-8000-2d7cd011db47), then set a fresh "
       "PATFORM_ACCESS_TOKEN."},
      {"302 for another service",
       Operation::kList,
       Hint("{\"aud\":\"https://vault.azure.net\"}"),
       302,
       {},
       "",
       "UNAUTHENTICATED: listing the tokens of organization \"contoso\": the "
       "access token is for Azure Key Vault (https://vault.azure.net), not "
       "for Azure DevOps; the service answered 302. Get one for Azure DevOps: "
       "az account get-access-token --resource "
       "499b84ac-1321-427f-aa17-267ca6975798 --query accessToken -o tsv"},
      {"403 without a scope",
       Operation::kList,
       Hint("{\"scp\":\"vso.code\"}"),
       403,
       {},
       "",
       "PERMISSION_DENIED: listing the tokens of organization \"contoso\": "
       "the service answered 403. The access token has only the scopes "
       "vso.code, and may not even list tokens. Sign in through an "
       "application that asks for vso.pats (to plan) and vso.pats_manage (to "
       "apply), or with `az`, which may do both."},
      {"an application",
       Operation::kList,
       Hint("{\"idtyp\":\"app\"}"),
       401,
       {},
       "{\"typeKey\":\"InvalidAccessException\",\"message\":\"m\"}",
       "PERMISSION_DENIED: listing the tokens of organization \"contoso\": "
       "the access token belongs to an application (a service principal or a "
       "managed identity), and only a user can have personal access tokens. "
       "Sign in as a user; an application needs no PAT, because it can use "
       "Entra access tokens instead."},
      {"429 for a day",
       Operation::kList,
       BearerHint::kNone,
       429,
       {{"Retry-After", "86400"}},
       "",
       "RESOURCE_EXHAUSTED: listing the tokens of organization \"contoso\": "
       "the service answered 429. This user has asked for too much in the "
       "last minutes. The service asks to wait 1d: run patform again after "
       "that, with a lower --parallelism."},
      {"429 until a date",
       Operation::kList,
       BearerHint::kNone,
       429,
       {{"Date", "Wed, 18 Nov 2026 11:00:00 GMT"},
        {"Retry-After", "Wed, 18 Nov 2026 13:30:00 GMT"}},
       "",
       "RESOURCE_EXHAUSTED: listing the tokens of organization \"contoso\": "
       "the service answered 429. This user has asked for too much in the "
       "last minutes. The service asks to wait 2h 30m: run patform again "
       "after that, with a lower --parallelism."},
      {"429 that does not tell",
       Operation::kList,
       BearerHint::kNone,
       429,
       {{"Retry-After", "soon"}},
       "",
       "RESOURCE_EXHAUSTED: listing the tokens of organization \"contoso\": "
       "the service answered 429. This user has asked for too much in the "
       "last minutes. Run patform again in five minutes, with a lower "
       "--parallelism."},
      {"503 for an hour",
       Operation::kList,
       BearerHint::kNone,
       503,
       {{"Retry-After", "3600"}},
       "",
       "UNAVAILABLE: listing the tokens of organization \"contoso\": the "
       "service answered 503. It is in trouble. The service asks to wait 1h: "
       "run patform again after that; status.dev.azure.com has details."},
      {"401 tenant in the challenge",
       Operation::kList,
       BearerHint::kNone,
       401,
       {{"WWW-Authenticate",
         "Bearer "
         "authorization_uri=https://login.microsoftonline.com/contoso.example, "
         "Basic realm=\"x\""}},
       "",
       "UNAUTHENTICATED: listing the tokens of organization \"contoso\": the "
       "service answered 401, not signed in. The access token has expired, or "
       "is for another tenant or resource. The organization belongs to the "
       "tenant contoso.example: sign in there (az login --tenant). Sign in "
       "again (az login, then a fresh PATFORM_ACCESS_TOKEN) as a user of this "
       "organization."},
      {"401 hostile tenant",
       Operation::kList,
       BearerHint::kNone,
       401,
       {{"X-VSS-ResourceTenant", "x\x1b[31m"},
        {"WWW-Authenticate", "Bearer authorization_uri=https://l/a b"}},
       "",
       "UNAUTHENTICATED: listing the tokens of organization \"contoso\": the "
       "service answered 401, not signed in. The access token has expired, or "
       "is for another tenant or resource. The organization belongs to the "
       "tenant a: sign in there (az login --tenant). Sign in again (az login, "
       "then a fresh PATFORM_ACCESS_TOKEN) as a user of this organization."},
      {"401 no Entra tenant",
       Operation::kList,
       BearerHint::kNone,
       401,
       {{"X-VSS-ResourceTenant", "00000000-0000-0000-0000-000000000000"}},
       "",
       "UNAUTHENTICATED: listing the tokens of organization \"contoso\": the "
       "service answered 401, not signed in. The access token has expired, or "
       "is for another tenant or resource. The organization is not connected "
       "to an Entra tenant, and without one tokens can only be managed in the "
       "browser. Sign in again (az login, then a fresh PATFORM_ACCESS_TOKEN) "
       "as a user of this organization."},
      {"401 with words",
       Operation::kGet,
       BearerHint::kNone,
       401,
       {},
       "{\"typeKey\":\"UnauthorizedRequestException\",\"message\":\"TF400813: "
       "not authorized\"}",
       "UNAUTHENTICATED: reading a token of organization \"contoso\": the "
       "service does not accept the sign-in. The access token has expired, or "
       "is for another tenant or resource. Sign in again (az login, then a "
       "fresh PATFORM_ACCESS_TOKEN) as a user of this organization. The "
       "service says: \"TF400813: not authorized\""},
      {"PAT or service principal",
       Operation::kCreate,
       HintOf(Secret("abc"), absl::UnixEpoch()),
       401,
       {},
       "{\"typeKey\":\"InvalidAccessException\",\"message\":\"The requested "
       "operation is not allowed.\",\"eventId\":3000}",
       "PERMISSION_DENIED: creating a token in organization \"contoso\": what "
       "was sent does not look like a Microsoft Entra access token, and "
       "nothing else (such as a PAT) is accepted here. Get one: az account "
       "get-access-token --resource 499b84ac-1321-427f-aa17-267ca6975798 "
       "--query accessToken -o tsv"},
      {"permission",
       Operation::kRevoke,
       BearerHint::kNone,
       403,
       {},
       "{\"typeKey\":\"AccessCheckException\",\"message\":\"needs X\"}",
       "PERMISSION_DENIED: revoking a token in organization \"contoso\": the "
       "signed-in user lacks a permission. Ask an administrator of the "
       "organization for it, or sign in as another user. The service says: "
       "\"needs X\""},
      {"unknown version",
       Operation::kList,
       BearerHint::kNone,
       400,
       {},
       "{\"typeKey\":\"VssInvalidPreviewVersionException\",\"message\":\"7."
       "1\"}",
       "INVALID_ARGUMENT: listing the tokens of organization \"contoso\": the "
       "service does not offer the version of the API that was asked for. Use "
       "7.1-preview.1 or 7.2-preview.1. The service says: \"7.1\""},
      {"no such token",
       Operation::kRevoke,
       BearerHint::kNone,
       404,
       {},
       "{\"typeKey\":\"SessionTokenNotFoundException\",\"message\":\"m\"}",
       "NOT_FOUND: revoking a token in organization \"contoso\": the service "
       "has no such token. It was revoked or removed before, or belongs to "
       "another user or organization. Run patform plan again."},
      {"bad JSON",
       Operation::kCreate,
       BearerHint::kNone,
       400,
       {},
       "{\"typeKey\":\"JsonReaderException\",\"message\":\"TF400898: An "
       "Internal Error Occurred.\"}",
       "INTERNAL: creating a token in organization \"contoso\": the service "
       "could not read the request (TF400898). That is a defect of patform: "
       "please report it. The service says: \"TF400898: An Internal Error "
       "Occurred.\""},
      {"bad path",
       Operation::kList,
       BearerHint::kNone,
       400,
       {},
       "{\"typeKey\":\"HttpException\",\"message\":\"A potentially dangerous "
       "Request.Path value\"}",
       "INVALID_ARGUMENT: listing the tokens of organization \"contoso\": the "
       "service does not accept the address of the request. Check the name of "
       "the organization. The service says: \"A potentially dangerous "
       "Request.Path value\""},
      {"an unknown platform error",
       Operation::kUpdate,
       BearerHint::kNone,
       400,
       {},
       "{\"typeKey\":\"NewException\",\"message\":\"a\\u001b[31mb\"}",
       "INVALID_ARGUMENT: changing a token in organization \"contoso\": the "
       "service answered 400. It does not accept the request. Check the "
       "organization and the token's settings. The service says: "
       "\"a\\x1b[31mb\" (NewException)"},
      {"named refusal beats the status",
       Operation::kCreate,
       BearerHint::kNone,
       403,
       {},
       "{\"patToken\":null,\"patTokenError\":\"fullScopePatPolicyViolation\","
       "\"patTokenErrorMessage\":\"no full scope\"}",
       "FAILED_PRECONDITION: creating a token in organization \"contoso\": the "
       "tenant's policy forbids tokens with full access "
       "(fullScopePatPolicyViolation). Replace app_token with the scopes that "
       "are needed; patform scopes lists them. The service says: \"no full "
       "scope\""},
      {"named refusal as a message",
       Operation::kCreate,
       BearerHint::kNone,
       400,
       {},
       "{\"message\":\"failedToReadTenantPolicy\"}",
       "UNAVAILABLE: creating a token in organization \"contoso\": the service "
       "could not read the policies of the tenant (failedToReadTenantPolicy). "
       "Nothing was done; this passes. Run patform again in a few minutes."},
      {"203",
       Operation::kList,
       BearerHint::kNone,
       203,
       {{"Content-Type", "text/html"}},
       "<html>secret page</html>",
       "UNAUTHENTICATED: listing the tokens of organization \"contoso\": the "
       "service asks for a sign-in (203, a page of HTML), or a proxy on the "
       "way answered in its place. The access token has expired, or is for "
       "another tenant or resource. Sign in again (az login, then a fresh "
       "PATFORM_ACCESS_TOKEN) as a user of this organization."},
      {"302",
       Operation::kList,
       BearerHint::kNone,
       302,
       {{"Location",
         "https://user@spsprodeus1.vssps.visualstudio.com:443/"
         "_signin?realm=x&token=abc"}},
       "<html>Object moved</html>",
       "UNAUTHENTICATED: listing the tokens of organization \"contoso\": the "
       "service asks for a sign-in (302, a redirect to "
       "spsprodeus1.vssps.visualstudio.com), or a proxy on the way answered "
       "in its place. The access token has expired, or is for another tenant "
       "or resource. Sign in again (az login, then a fresh "
       "PATFORM_ACCESS_TOKEN) as a user of this organization."},
      {"307 to nowhere",
       Operation::kCreate,
       BearerHint::kNone,
       307,
       {{"Location", "/\x1b[0m"}},
       "",
       "UNAUTHENTICATED: creating a token in organization \"contoso\": the "
       "service asks for a sign-in (307, a redirect), or a proxy on the way "
       "answered in its place. The access token has expired, or is for "
       "another tenant or resource. Sign in again (az login, then a fresh "
       "PATFORM_ACCESS_TOKEN) as a user of this organization."},
      {"200 HTML by its type",
       Operation::kList,
       BearerHint::kNone,
       200,
       {{"Content-Type", "TEXT/HTML; charset=utf-8"}},
       "hello",
       "UNAUTHENTICATED: listing the tokens of organization \"contoso\": the "
       "service asks for a sign-in (200, a page of HTML), or a proxy on the "
       "way answered in its place. The access token has expired, or is for "
       "another tenant or resource. Sign in again (az login, then a fresh "
       "PATFORM_ACCESS_TOKEN) as a user of this organization."},
      {"200 HTML by its look",
       Operation::kRevoke,
       BearerHint::kNone,
       200,
       {},
       "\r\n <!DOCTYPE html>",
       "UNAUTHENTICATED: revoking a token in organization \"contoso\": the "
       "service asks for a sign-in (200, a page of HTML), or a proxy on the "
       "way answered in its place. The access token has expired, or is for "
       "another tenant or resource. Sign in again (az login, then a fresh "
       "PATFORM_ACCESS_TOKEN) as a user of this organization."},
      {"400",
       Operation::kUpdate,
       BearerHint::kNone,
       400,
       {},
       "",
       "INVALID_ARGUMENT: changing a token in organization \"contoso\": the "
       "service answered 400. It does not accept the request. Check the "
       "organization and the token's settings."},
      {"403",
       Operation::kUpdate,
       Hint("{\"exp\":1794992800}"),
       403,
       {},
       "",
       "PERMISSION_DENIED: changing a token in organization \"contoso\": the "
       "service answered 403. The access token expired 2h ago (2026-11-18 "
       "09:06 UTC, by this machine's clock). Get a new one: az account "
       "get-access-token --resource 499b84ac-1321-427f-aa17-267ca6975798 "
       "--query accessToken -o tsv"},
      {"404",
       Operation::kList,
       BearerHint::kNone,
       404,
       {{"Content-Type", "text/plain"}},
       "The resource cannot be found.",
       "PERMISSION_DENIED: listing the tokens of organization \"contoso\": the "
       "service answered 404. The organization does not exist, or the "
       "signed-in user has no access to it; the service does not say which. "
       "Check the name of the organization and who is signed in."},
      {"401 insufficient_claims",
       Operation::kList,
       BearerHint::kNone,
       401,
       {{"WWW-Authenticate", "Basic realm=\"x\""},
        {"www-authenticate",
         "Bearer realm=\"\", error=\"insufficient_claims\", "
         "claims=\"eyJhIjp7fX0=\""}},
       "{\"typeKey\":\"UnauthorizedRequestException\",\"message\":\"m\"}",
       "UNAUTHENTICATED: listing the tokens of organization \"contoso\": the "
       "service answered 401, insufficient_claims: it asks for a sign-in that "
       "meets {\"a\":{}}. The same access token will be refused again. Sign "
       "in with these claims (az login --claims-challenge eyJhIjp7fX0=), then "
       "set a fresh PATFORM_ACCESS_TOKEN."},
      {"401 insufficient_claims that cannot be read",
       Operation::kList,
       BearerHint::kNone,
       401,
       {{"WWW-Authenticate",
         "Bearer error=\"insufficient_claims\",claims=\"$(id)\""}},
       "",
       "UNAUTHENTICATED: listing the tokens of organization \"contoso\": the "
       "service answered 401, insufficient_claims: it asks for a sign-in that "
       "meets claims that cannot be read. The same access token will be "
       "refused again. Sign in with these claims (az login), then set a fresh "
       "PATFORM_ACCESS_TOKEN."},
      {"409",
       Operation::kUpdate,
       BearerHint::kNone,
       409,
       {},
       "",
       "ABORTED: changing a token in organization \"contoso\": the service "
       "answered 409. Something changed at the same time. Run patform again."},
      {"429",
       Operation::kCreate,
       BearerHint::kNone,
       429,
       {{"Retry-After", "30"}},
       "{\"message\":\"TF400733: blocked\"}",
       "RESOURCE_EXHAUSTED: creating a token in organization \"contoso\": the "
       "service answered 429. This user has asked for too much in the last "
       "minutes. The service asks to wait 30s: run patform again after that, "
       "with a lower --parallelism. The service says: \"TF400733: blocked\""},
      {"500",
       Operation::kList,
       BearerHint::kNone,
       500,
       {},
       "",
       "UNAVAILABLE: listing the tokens of organization \"contoso\": the "
       "service answered 500. It is in trouble. Run patform again in a few "
       "minutes; status.dev.azure.com has details."},
      {"500 on a create",
       Operation::kCreate,
       BearerHint::kNone,
       500,
       {},
       "",
       "UNKNOWN: creating a token in organization \"contoso\": the service "
       "answered 500. It failed on the way. The token may exist: patform looks "
       "for it, by its mark, before it makes another."},
      {"503 on a create, although it says when to come again",
       Operation::kCreate,
       BearerHint::kNone,
       503,
       {{"Retry-After", "9"}},
       "",
       "UNKNOWN: creating a token in organization \"contoso\": the service "
       "answered 503. It failed on the way. The token may exist: patform looks "
       "for it, by its mark, before it makes another."},
      {"503",
       Operation::kRevoke,
       BearerHint::kNone,
       503,
       {},
       "",
       "UNAVAILABLE: revoking a token in organization \"contoso\": the service "
       "answered 503. It is in trouble. Run patform again in a few minutes; "
       "status.dev.azure.com has details."},
      {"418",
       Operation::kList,
       BearerHint::kNone,
       418,
       {},
       "teapot",
       "FAILED_PRECONDITION: listing the tokens of organization \"contoso\": "
       "the service answered 418. The answer is not one that the API sends. A "
       "proxy on the way may have answered in the service's place; check the "
       "address and the proxy settings."},
      {"200 empty",
       Operation::kList,
       BearerHint::kNone,
       200,
       {},
       "",
       "DATA_LOSS: listing the tokens of organization \"contoso\": the service "
       "answered 200. The answer is empty, where there should be JSON. A proxy "
       "on the way may have answered in the service's place; check the address "
       "and the proxy settings."},
      {"200 not JSON",
       Operation::kList,
       BearerHint::kNone,
       200,
       {},
       "ok",
       "DATA_LOSS: listing the tokens of organization \"contoso\": the service "
       "answered 200. The answer is not one that the API sends. A proxy on the "
       "way may have answered in the service's place; check the address and "
       "the proxy settings."},
      {"200 empty on a create",
       Operation::kCreate,
       BearerHint::kNone,
       200,
       {},
       "",
       "UNKNOWN: creating a token in organization \"contoso\": the service "
       "answered 200. The answer is empty, where there should be JSON. The "
       "token may exist: patform looks for it, by its mark, before it makes "
       "another."},
  };
  for (const Answer& row : rows) {
    http::Response response;
    response.status = row.status;
    response.headers = row.headers;
    response.body = Secret(row.body);
    EXPECT_EQ(Text(AnswerError(response, Context(row.operation, row.bearer))),
              row.want)
        << row.name;
  }
}

// RFC 4648's two alphabets, and padding that is there, missing or too long.
TEST(WantedClaims, AreReadAsTheyAreSent) {
  const struct {
    const char* sent;
    const char* want;
  } kCases[] = {
      {"eyJhIjp7fX0=", "{\"a\":{}}"},
      {"eyJhIjp7fX0", "{\"a\":{}}"},
      {"eyJhIjp7fX0==", "{\"a\":{}}"},
      {"eyJhIjoiPz8_In0", "{\"a\":\"???\"}"},
      {"eyJhIjoiPz8/In0", "{\"a\":\"???\"}"},
      {"", ""},
      {"$(id)", ""},
  };
  for (const auto& c : kCases) {
    http::Response response;
    response.status = 401;
    response.headers = {
        {"WWW-Authenticate",
         absl::StrCat("Bearer error=\"insufficient_claims\", claims=\"", c.sent,
                      "\"")}};
    EXPECT_EQ(WantedClaims(response), std::string(c.want)) << c.sent;
  }
}

}  // namespace
}  // namespace patform::azure_devops
