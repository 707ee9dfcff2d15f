#include "providers/entra/sign_in_errors.h"

#include <gtest/gtest.h>

#include <set>

#include "providers/entra/sign_in_words.h"
#include "tests/providers/entra/signing_in.h"

namespace patform::entra {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

std::string Dump(const absl::Status& status) {
  return absl::StrCat(absl::StatusCodeToString(status.code()), " ",
                      std::string(status.message()));
}

http::Response Answer(int status, const std::string& body,
                      std::vector<http::Header> headers = {}) {
  http::Response response;
  response.status = status;
  response.headers = std::move(headers);
  response.body = Secret(body);
  return response;
}

std::string ErrorOf(const http::Response& response) {
  const Registration registration = RegistrationOfTests();
  return Dump(SignInError(ReadRefusal(response, kNow),
                          {&registration, "patform login"}, kNow));
}

std::string ErrorOf(const std::string& error, const std::string& suberror,
                    int number) {
  const Registration registration = RegistrationOfTests();
  Refusal refusal;
  refusal.status = 400;
  refusal.error = error;
  refusal.suberror = suberror;
  refusal.number = number;
  return Dump(SignInError(refusal, {&registration, "patform login"}, kNow));
}

TEST(SignInErrors, AWholeAnswer) {
  EXPECT_EQ(
      ErrorOf(Answer(
          400,
          R"({"error":"invalid_grant","suberror":"token_expired",)"
          R"("error_description":"AADSTS700082: The refresh token has expired )"
          R"(due to inactivity.\r\nTrace ID: t\r\nCorrelation ID: c\r\n)"
          R"(Timestamp: 2026-11-18 12:26:41Z","error_codes":[700082],)"
          R"("timestamp":"2026-11-18 12:26:41Z","trace_id":"t",)"
          R"("correlation_id":"00000000-0000-0000-0000-00000000000c"})")),
      "UNAUTHENTICATED signing in: the refresh token was not used for 90 days "
      "and has expired (invalid_grant, AADSTS700082). Sign in again: patform "
      "login. Correlation id 00000000-0000-0000-0000-00000000000c, 2026-11-18 "
      "12:26:41Z");
}

TEST(SignInErrors, Numbers) {
  const struct {
    int number;
    const char* want;
  } kCases[] = {
      {16000,
       "the user is not in the tenant contoso.example (invalid_grant, "
       "AADSTS16000). Sign in as one who is, or have this one invited as a "
       "guest. A personal Microsoft account cannot manage tokens through an "
       "application"},
      {28002,
       "the scopes that were asked for do not exist, or are of several "
       "services (invalid_grant, AADSTS28002). Check `scopes` in [auth]"},
      {50005,
       "Conditional Access wants a device that the tenant manages "
       "(invalid_grant, AADSTS50005). Run patform on one, or ask an "
       "administrator to exempt this user; the sign-in log names the policy "
       "under the correlation id"},
      {50011,
       "http://localhost is not a redirect address of the application "
       "11111111-2222-3333-4444-555555555555 (invalid_grant, AADSTS50011). Add "
       "it in the registration under \"Mobile and desktop applications\""},
      {50020,
       "the user is not in the tenant contoso.example (invalid_grant, "
       "AADSTS50020). Sign in as one who is, or have this one invited as a "
       "guest. A personal Microsoft account cannot manage tokens through an "
       "application"},
      {50034,
       "the user is not in the tenant contoso.example (invalid_grant, "
       "AADSTS50034). Sign in as one who is, or have this one invited as a "
       "guest. A personal Microsoft account cannot manage tokens through an "
       "application"},
      {50053,
       "the user's password is wrong or has expired, or the account is locked "
       "or disabled (invalid_grant, AADSTS50053). Ask an administrator of the "
       "tenant"},
      {50055,
       "the user's password is wrong or has expired, or the account is locked "
       "or disabled (invalid_grant, AADSTS50055). Ask an administrator of the "
       "tenant"},
      {50057,
       "the user's password is wrong or has expired, or the account is locked "
       "or disabled (invalid_grant, AADSTS50057). Ask an administrator of the "
       "tenant"},
      {50059,
       "there is no tenant contoso.example (invalid_grant, AADSTS50059). Check "
       "`tenant` in [auth] and, for a national cloud, `authority`"},
      {50072,
       "the user has to set up a second factor (MFA) first (invalid_grant, "
       "AADSTS50072). Do that at https://aka.ms/mfasetup, then: patform login"},
      {50074,
       "the sign-in needs a second factor (MFA) (invalid_grant, AADSTS50074). "
       "Sign in again: patform login"},
      {50076,
       "the sign-in needs a second factor (MFA) (invalid_grant, AADSTS50076). "
       "Sign in again: patform login"},
      {50078,
       "the second factor (MFA) given at the last sign-in has expired "
       "(invalid_grant, AADSTS50078). Sign in again: patform login"},
      {50079,
       "the user has to set up a second factor (MFA) first (invalid_grant, "
       "AADSTS50079). Do that at https://aka.ms/mfasetup, then: patform login"},
      {50089,
       "the refresh token has expired (invalid_grant, AADSTS50089). Sign in "
       "again: patform login"},
      {50097,
       "Conditional Access wants a device that the tenant manages "
       "(invalid_grant, AADSTS50097). Run patform on one, or ask an "
       "administrator to exempt this user; the sign-in log names the policy "
       "under the correlation id"},
      {50126,
       "the user's password is wrong or has expired, or the account is locked "
       "or disabled (invalid_grant, AADSTS50126). Ask an administrator of the "
       "tenant"},
      {50132,
       "the sign-in was revoked, or the password has been changed "
       "(invalid_grant, AADSTS50132). Sign in again: patform login"},
      {50133,
       "the sign-in was revoked, or the password has been changed "
       "(invalid_grant, AADSTS50133). Sign in again: patform login"},
      {50158,
       "another provider's second factor or terms of use must be met first "
       "(invalid_grant, AADSTS50158). Sign in again: patform login"},
      {50173,
       "the sign-in was revoked, or the password has been changed "
       "(invalid_grant, AADSTS50173). Sign in again: patform login"},
      {50194,
       "the application 11111111-2222-3333-4444-555555555555 is of one tenant, "
       "and another was asked (invalid_grant, AADSTS50194). Set `tenant` in "
       "[auth] to the tenant of its registration"},
      {50196,
       "the sign-in service is busy or asked too often (invalid_grant, "
       "AADSTS50196). Run patform again in a few minutes"},
      {50199,
       "the user has to confirm the sign-in to the application "
       "11111111-2222-3333-4444-555555555555 once (invalid_grant, "
       "AADSTS50199). Sign in again: patform login"},
      {51004,
       "the user is not in the tenant contoso.example (invalid_grant, "
       "AADSTS51004). Sign in as one who is, or have this one invited as a "
       "guest. A personal Microsoft account cannot manage tokens through an "
       "application"},
      {53000,
       "Conditional Access wants a device that the tenant manages "
       "(invalid_grant, AADSTS53000). Run patform on one, or ask an "
       "administrator to exempt this user; the sign-in log names the policy "
       "under the correlation id"},
      {53001,
       "Conditional Access wants a device that the tenant manages "
       "(invalid_grant, AADSTS53001). Run patform on one, or ask an "
       "administrator to exempt this user; the sign-in log names the policy "
       "under the correlation id"},
      {53003,
       "a Conditional Access policy blocks this sign-in (invalid_grant, "
       "AADSTS53003). Ask an administrator: the sign-in log names the policy "
       "under the correlation id. Many tenants block device codes: use a "
       "browser"},
      {54005,
       "the code of the sign-in was used before, or is another sign-in's "
       "(invalid_grant, AADSTS54005). Sign in again: patform login"},
      {65001,
       "the application 11111111-2222-3333-4444-555555555555 has no consent "
       "for what it asks for (invalid_grant, AADSTS65001). Consent once in a "
       "browser (patform login), or have an administrator open "
       "https://login.microsoftonline.com/contoso.example/"
       "adminconsent?client_id=11111111-2222-3333-4444-555555555555"},
      {65002,
       "the client id is one of Microsoft's own applications, which may not "
       "ask for this (invalid_grant, AADSTS65002). Register an application of "
       "your own and name it in [auth] `client_id`"},
      {65004,
       "consent for the application 11111111-2222-3333-4444-555555555555 was "
       "declined (invalid_grant, AADSTS65004). Sign in again: patform login"},
      {70000,
       "the sign-in was revoked, or the password has been changed "
       "(invalid_grant, AADSTS70000). Sign in again: patform login"},
      {70008,
       "the refresh token has expired (invalid_grant, AADSTS70008). Sign in "
       "again: patform login"},
      {70011,
       "the scopes that were asked for do not exist, or are of several "
       "services (invalid_grant, AADSTS70011). Check `scopes` in [auth]"},
      {70021,
       "no federated credential of the application "
       "11111111-2222-3333-4444-555555555555 matches this job (invalid_grant, "
       "AADSTS70021). Compare its issuer, subject and audience with those that "
       "the service reports, at \"Certificates & secrets\", \"Federated "
       "credentials\""},
      {70043,
       "a policy (sign-in frequency) ended the sign-in (invalid_grant, "
       "AADSTS70043). Sign in again: patform login. To run unattended, have an "
       "administrator exempt this user"},
      {90002,
       "there is no tenant contoso.example (invalid_grant, AADSTS90002). Check "
       "`tenant` in [auth] and, for a national cloud, `authority`"},
      {90024,
       "the sign-in service is busy or asked too often (invalid_grant, "
       "AADSTS90024). Run patform again in a few minutes"},
      {90033,
       "the sign-in service is busy or asked too often (invalid_grant, "
       "AADSTS90033). Run patform again in a few minutes"},
      {90055,
       "the sign-in service is busy or asked too often (invalid_grant, "
       "AADSTS90055). Run patform again in a few minutes"},
      {90094,
       "the tenant lets only an administrator approve the application "
       "11111111-2222-3333-4444-555555555555 (\"Need admin approval\") "
       "(invalid_grant, AADSTS90094). Send this link to one: "
       "https://login.microsoftonline.com/contoso.example/"
       "adminconsent?client_id=11111111-2222-3333-4444-555555555555"},
      {90095,
       "the tenant lets only an administrator approve the application "
       "11111111-2222-3333-4444-555555555555 (\"Need admin approval\") "
       "(invalid_grant, AADSTS90095). Send this link to one: "
       "https://login.microsoftonline.com/contoso.example/"
       "adminconsent?client_id=11111111-2222-3333-4444-555555555555"},
      {500011,
       "the scopes that were asked for do not exist, or are of several "
       "services (invalid_grant, AADSTS500011). Check `scopes` in [auth]"},
      {500208,
       "the user is not in the tenant contoso.example (invalid_grant, "
       "AADSTS500208). Sign in as one who is, or have this one invited as a "
       "guest. A personal Microsoft account cannot manage tokens through an "
       "application"},
      {501481,
       "the code of the sign-in was used before, or is another sign-in's "
       "(invalid_grant, AADSTS501481). Sign in again: patform login"},
      {530032,
       "a Conditional Access policy blocks this sign-in (invalid_grant, "
       "AADSTS530032). Ask an administrator: the sign-in log names the policy "
       "under the correlation id. Many tenants block device codes: use a "
       "browser"},
      {530035,
       "a Conditional Access policy blocks this sign-in (invalid_grant, "
       "AADSTS530035). Ask an administrator: the sign-in log names the policy "
       "under the correlation id. Many tenants block device codes: use a "
       "browser"},
      {530084,
       "a policy (token protection) wants a sign-in bound to its device, which "
       "Linux, browsers and device codes do not have (invalid_grant, "
       "AADSTS530084). Ask an administrator to exempt this user, or use source "
       "= \"azure-cli\" on Windows"},
      {650056,
       "the app registration lacks the permissions that are asked for "
       "(invalid_grant, AADSTS650056). Add Azure DevOps' delegated permissions "
       "vso.pats and vso.pats_manage to it, then consent: "
       "https://login.microsoftonline.com/contoso.example/"
       "adminconsent?client_id=11111111-2222-3333-4444-555555555555"},
      {650057,
       "the app registration lacks the permissions that are asked for "
       "(invalid_grant, AADSTS650057). Add Azure DevOps' delegated permissions "
       "vso.pats and vso.pats_manage to it, then consent: "
       "https://login.microsoftonline.com/contoso.example/"
       "adminconsent?client_id=11111111-2222-3333-4444-555555555555"},
      {700011,
       "the tenant contoso.example does not know the application "
       "11111111-2222-3333-4444-555555555555 (invalid_grant, AADSTS700011). "
       "Check `client_id` (\"Application (client) ID\") and `tenant` "
       "(\"Directory (tenant) ID\") in [auth]"},
      {700016,
       "the tenant contoso.example does not know the application "
       "11111111-2222-3333-4444-555555555555 (invalid_grant, AADSTS700016). "
       "Check `client_id` (\"Application (client) ID\") and `tenant` "
       "(\"Directory (tenant) ID\") in [auth]"},
      {700022,
       "the scopes that were asked for do not exist, or are of several "
       "services (invalid_grant, AADSTS700022). Check `scopes` in [auth]"},
      {700024,
       "the proof of the application is not valid at this time (invalid_grant, "
       "AADSTS700024). Check the clock of this machine"},
      {700025,
       "the application 11111111-2222-3333-4444-555555555555 is registered as "
       "a public client, and may not prove who it is (invalid_grant, "
       "AADSTS700025). Use the platform \"Web\" for it, or source = "
       "\"refresh-token\" instead of \"workload\""},
      {700027,
       "the certificate is not one of the application "
       "11111111-2222-3333-4444-555555555555 (invalid_grant, AADSTS700027). "
       "Upload the certificate of `certificate` at the registration's page "
       "\"Certificates & secrets\""},
      {700082,
       "the refresh token was not used for 90 days and has expired "
       "(invalid_grant, AADSTS700082). Sign in again: patform login"},
      {700084,
       "the refresh token is of a single-page application and lives for one "
       "day (invalid_grant, AADSTS700084). Register the application "
       "11111111-2222-3333-4444-555555555555 as \"Mobile and desktop "
       "applications\", then: patform login"},
      {700211,
       "no federated credential of the application "
       "11111111-2222-3333-4444-555555555555 matches this job (invalid_grant, "
       "AADSTS700211). Compare its issuer, subject and audience with those "
       "that the service reports, at \"Certificates & secrets\", \"Federated "
       "credentials\""},
      {700212,
       "no federated credential of the application "
       "11111111-2222-3333-4444-555555555555 matches this job (invalid_grant, "
       "AADSTS700212). Compare its issuer, subject and audience with those "
       "that the service reports, at \"Certificates & secrets\", \"Federated "
       "credentials\""},
      {700213,
       "no federated credential of the application "
       "11111111-2222-3333-4444-555555555555 matches this job (invalid_grant, "
       "AADSTS700213). Compare its issuer, subject and audience with those "
       "that the service reports, at \"Certificates & secrets\", \"Federated "
       "credentials\""},
      {901002,
       "the scopes that were asked for do not exist, or are of several "
       "services (invalid_grant, AADSTS901002). Check `scopes` in [auth]"},
      {7000215,
       "the proof of the application (secret, certificate or assertion) is "
       "wrong or has expired (invalid_grant, AADSTS7000215). Compare it with "
       "the page \"Certificates & secrets\" of the registration"},
      {7000218,
       "the application 11111111-2222-3333-4444-555555555555 is registered as "
       "a confidential client, and only its id was sent (invalid_grant, "
       "AADSTS7000218). In the registration's Authentication page add the "
       "platform \"Mobile and desktop applications\" and allow public client "
       "flows; or use source = \"workload\""},
      {7000222,
       "the proof of the application (secret, certificate or assertion) is "
       "wrong or has expired (invalid_grant, AADSTS7000222). Compare it with "
       "the page \"Certificates & secrets\" of the registration"},
      {9001023,
       "the application 11111111-2222-3333-4444-555555555555 is of one tenant, "
       "and another was asked (invalid_grant, AADSTS9001023). Set `tenant` in "
       "[auth] to the tenant of its registration"},
  };
  std::set<int> seen;
  for (const auto& c : kCases) {
    EXPECT_TRUE(seen.insert(c.number).second);
    EXPECT_EQ(ErrorOf("invalid_grant", "", c.number),
              absl::StrCat("UNAUTHENTICATED signing in: ", c.want));
  }
  // Every row, wherever numbers are.
  const std::pair<int, int> kRanges[] = {{0, 100'000},
                                         {500'000, 1'000'000},
                                         {7'000'000, 7'001'000},
                                         {9'000'000, 9'010'000}};
  for (const auto& [first, last] : kRanges) {
    for (int number = first; number < last; ++number) {
      if (FindNumber(number) == nullptr) continue;
      EXPECT_TRUE(seen.contains(number)) << number;
    }
  }
}

TEST(SignInErrors, ErrorsAndSuberrors) {
  const struct {
    const char* error;
    const char* suberror;
    const char* want;
  } kCases[] = {
      {"invalid_grant", "consent_required",
       "UNAUTHENTICATED signing in: the application "
       "11111111-2222-3333-4444-555555555555 has no consent for what it asks "
       "for (invalid_grant). Consent once in a browser (patform login), or "
       "have an administrator open "
       "https://login.microsoftonline.com/contoso.example/"
       "adminconsent?client_id=11111111-2222-3333-4444-555555555555"},
      {"invalid_grant", "basic_action",
       "UNAUTHENTICATED signing in: the sign-in needs a person once more "
       "(invalid_grant). Sign in again: patform login"},
      {"invalid_grant", "additional_action",
       "UNAUTHENTICATED signing in: the sign-in needs a person, who may have "
       "to change something first (invalid_grant). Sign in again: patform "
       "login"},
      {"invalid_grant", "message_only",
       "UNAUTHENTICATED signing in: the service wants to show the user a "
       "message (invalid_grant). Sign in again: patform login"},
      {"invalid_grant", "protection_policy_required",
       "UNAUTHENTICATED signing in: a policy wants an application that the "
       "tenant protects (invalid_grant). Ask an administrator to exempt this "
       "user"},
      {"invalid_grant", "bad_token",
       "UNAUTHENTICATED signing in: the refresh token is not good any more "
       "(invalid_grant). Sign in again: patform login"},
      {"invalid_grant", "token_expired",
       "UNAUTHENTICATED signing in: the refresh token has expired "
       "(invalid_grant). Sign in again: patform login"},
      {"invalid_grant", "client_mismatch",
       "UNAUTHENTICATED signing in: the refresh token does not belong to the "
       "application 11111111-2222-3333-4444-555555555555 (invalid_grant). Sign "
       "in again: patform login"},
      {"invalid_grant", "device_authentication_failed",
       "UNAUTHENTICATED signing in: Conditional Access wants a device that the "
       "tenant manages (invalid_grant). Run patform on one, or ask an "
       "administrator to exempt this user; the sign-in log names the policy "
       "under the correlation id"},
      {"invalid_grant", "",
       "UNAUTHENTICATED signing in: the refresh token, or the code of the "
       "sign-in, is not good any more (invalid_grant). Sign in again: patform "
       "login"},
      {"interaction_required", "",
       "UNAUTHENTICATED signing in: the sign-in needs a person once more "
       "(interaction_required). Sign in again: patform login"},
      {"consent_required", "",
       "UNAUTHENTICATED signing in: the application "
       "11111111-2222-3333-4444-555555555555 has no consent for what it asks "
       "for (consent_required). Consent once in a browser (patform login), or "
       "have an administrator open "
       "https://login.microsoftonline.com/contoso.example/"
       "adminconsent?client_id=11111111-2222-3333-4444-555555555555"},
      {"login_required", "",
       "UNAUTHENTICATED signing in: the sign-in needs a person once more "
       "(login_required). Sign in again: patform login"},
      {"access_denied", "",
       "UNAUTHENTICATED signing in: the sign-in was declined (access_denied). "
       "Sign in again: patform login"},
      {"authorization_declined", "",
       "UNAUTHENTICATED signing in: the sign-in was declined "
       "(authorization_declined). Sign in again: patform login"},
      {"expired_token", "",
       "UNAUTHENTICATED signing in: nobody typed the code in before it expired "
       "(expired_token). Sign in again: patform login"},
      {"bad_verification_code", "",
       "UNAUTHENTICATED signing in: the service does not know the code that it "
       "gave out (bad_verification_code). Sign in again: patform login. If it "
       "happens again, a proxy on the way changes requests"},
      {"unauthorized_client", "",
       "UNAUTHENTICATED signing in: the tenant contoso.example does not know "
       "the application 11111111-2222-3333-4444-555555555555 "
       "(unauthorized_client). Check `client_id` (\"Application (client) ID\") "
       "and `tenant` (\"Directory (tenant) ID\") in [auth]"},
      {"invalid_client", "",
       "UNAUTHENTICATED signing in: the proof of the application (secret, "
       "certificate or assertion) is wrong or has expired (invalid_client). "
       "Compare it with the page \"Certificates & secrets\" of the "
       "registration"},
      {"invalid_scope", "",
       "UNAUTHENTICATED signing in: the scopes that were asked for do not "
       "exist, or are of several services (invalid_scope). Check `scopes` in "
       "[auth]"},
      {"invalid_resource", "",
       "UNAUTHENTICATED signing in: the scopes that were asked for do not "
       "exist, or are of several services (invalid_resource). Check `scopes` "
       "in [auth]"},
      {"temporarily_unavailable", "",
       "UNAVAILABLE signing in: the sign-in service is busy or asked too often "
       "(temporarily_unavailable). Run patform again in a few minutes"},
      {"server_error", "",
       "UNAVAILABLE signing in: the sign-in service is busy or asked too often "
       "(server_error). Run patform again in a few minutes"},
      {"invalid_grant", "something_new",
       "UNAUTHENTICATED signing in: the refresh token, or the code of the "
       "sign-in, is not good any more (invalid_grant). Sign in again: patform "
       "login"},
      {"invalid_request", "",
       "UNAUTHENTICATED signing in: the sign-in service refuses for a reason "
       "that patform does not know (invalid_request). Sign in again: patform "
       "login"},
  };
  for (const auto& c : kCases)
    EXPECT_EQ(ErrorOf(c.error, c.suberror, 0), c.want);
}

// Microsoft may change the numbers: none of them decides anything.
TEST(SignInErrors, ANumberChangesTheWordsAndNotTheCode) {
  EXPECT_EQ(ErrorOf("temporarily_unavailable", "", 700082),
            "UNAVAILABLE signing in: the sign-in service is busy or asked too "
            "often (temporarily_unavailable, AADSTS700082). Run patform again "
            "in a few minutes");
  EXPECT_EQ(ErrorOf("invalid_grant", "", 90033),
            "UNAUTHENTICATED signing in: the sign-in service is busy or asked "
            "too often (invalid_grant, AADSTS90033). Run patform again in a "
            "few minutes");
}

TEST(SignInErrors, WhatTheServiceSaysIsShownWhereNothingIsKnown) {
  EXPECT_EQ(
      ErrorOf(Answer(400,
                     R"({"error":"invalid_request","error_description":)"
                     R"("AADSTS12345678901: ##vso[x] \u001b[31m \u202e text. )"
                     R"(Trace ID: t"})")),
      "UNAUTHENTICATED signing in: the sign-in service refuses for a reason "
      "that patform does not know (invalid_request): \"AADSTS12345678901: "
      "#\\x23vso[x] \\x1b[31m \\u{202e} text\". Sign in again: patform "
      "login");
}

TEST(SignInErrors, NothingLikeATokenIsShown) {
  const std::string token(300, 'e');
  EXPECT_EQ(ShownDescription("the token " + token + " is not good"),
            "the token […] is not good");
  const std::string shown =
      ErrorOf(Answer(400, R"({"error":")" + token + R"(","correlation_id":")" +
                              token + R"("})"));
  EXPECT_EQ(shown.find("eeee"), std::string::npos) << shown;
}

TEST(SignInErrors, LongTextIsCut) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "word ";
  EXPECT_EQ(ShownDescription(text).size(), 200 + std::string(" …").size());
}

TEST(SignInErrors, WithoutJson) {
  const std::vector<http::Header> html = {{"Content-Type", "text/html"}};
  EXPECT_EQ(ErrorOf(Answer(200, "<html>", html)),
            "FAILED_PRECONDITION signing in: what answered (200) is not the "
            "sign-in service: a proxy on the way, perhaps, or a wrong "
            "`authority`. Check the proxy settings");
  EXPECT_EQ(ErrorOf(Answer(302, "", {{"Location", "https://x.example"}})),
            "FAILED_PRECONDITION signing in: what answered (302) is not the "
            "sign-in service: a proxy on the way, perhaps, or a wrong "
            "`authority`. Check the proxy settings");
  EXPECT_EQ(ErrorOf(Answer(503, "<html>", html)),
            "UNAVAILABLE signing in: the sign-in service is busy or asked too "
            "often (status 503). Run patform again in a few minutes");
  EXPECT_EQ(ErrorOf(Answer(429, "", {{"Retry-After", "90"}})),
            "UNAVAILABLE signing in: the sign-in service is busy or asked too "
            "often (status 429). Run patform again after 1m 30s");
}

TEST(SignInErrors, AWrongClock) {
  const struct {
    const char* date;
    const char* want;
  } kCases[] = {
      {"Wed, 18 Nov 2026 11:02:00 GMT", ""},
      {"Wed, 18 Nov 2026 10:56:40 GMT",
       ". This machine's clock is 10m ahead of the service's: set it"},
      {"Wed, 18 Nov 2026 13:06:40 GMT",
       ". This machine's clock is 2h behind the service's: set it"},
      {"yesterday", ""},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(ErrorOf(Answer(401,
                             R"({"error":"invalid_client",)"
                             R"("error_description":"AADSTS700024: late"})",
                             {{"Date", c.date}})),
              absl::StrCat("UNAUTHENTICATED signing in: the proof of the "
                           "application is not valid at this time "
                           "(invalid_client, AADSTS700024). Check the clock of "
                           "this machine",
                           c.want));
  }
}

TEST(SignInErrors, NumbersInTheOutputOfPrograms) {
  const struct {
    const char* text;
    int want;
  } kCases[] = {
      {"ERROR: AADSTS700082: The refresh token", 700082},
      {"no number", 0},
      {"AADSTS", 0},
      {"AADSTSx", 0},
      {"AADSTS99999999999999999999: x", 0},
      {"AADSTS50076", 50076},
  };
  for (const auto& c : kCases) EXPECT_EQ(NumberIn(c.text), c.want) << c.text;
  EXPECT_EQ(WordsFor(50076, {nullptr, "az login"}),
            "the sign-in needs a second factor (MFA). Sign in again: az login");
  EXPECT_EQ(WordsFor(65001, {nullptr, "az login"}),
            "the application has no consent for what it asks for. Consent once "
            "in a browser (az login), or have an administrator open the app's "
            "page in the Entra portal");
  EXPECT_EQ(WordsFor(1, {nullptr, "az login"}), std::nullopt);
}

TEST(SignInErrors, ReadsTheClaimsOfAChallenge) {
  const Refusal refusal = ReadRefusal(
      Answer(400,
             R"({"error":"interaction_required","suberror":"basic_action",)"
             R"("claims":"{\"access_token\":{}}"})"),
      kNow);
  EXPECT_EQ(refusal.claims, "{\"access_token\":{}}");
}

}  // namespace
}  // namespace patform::entra
