#include "providers/entra/registration.h"

#include <gtest/gtest.h>

#include "tests/providers/entra/signing_in.h"

namespace patform::entra {
namespace {

std::string Dump(const absl::StatusOr<Registration>& got) {
  if (!got.ok()) return got.status().ToString();
  return (got->authority.tls ? "https://" : "http://") +
         got->authority.Authority() + " " + got->tenant + " " + got->client_id +
         " [" + got->scopes + "] " + AdminConsentUrl(*got);
}

TEST(Registration, OfWhatTheConfigurationSays) {
  EXPECT_EQ(
      Dump(RegistrationOf(AuthWith(), {})),
      "https://login.microsoftonline.com contoso.example "
      "11111111-2222-3333-4444-555555555555 "
      "[499b84ac-1321-427f-aa17-267ca6975798/vso.pats "
      "499b84ac-1321-427f-aa17-267ca6975798/vso.pats_manage offline_access "
      "openid profile] https://login.microsoftonline.com/contoso.example/"
      "adminconsent?client_id=11111111-2222-3333-4444-555555555555");
  EXPECT_EQ(
      Dump(RegistrationOf(
          AuthWith({{"authority", "http://127.0.0.1:8080"}, {"scopes", "a b"}}),
          {"127.0.0.1:8080"})),
      "http://127.0.0.1:8080 contoso.example "
      "11111111-2222-3333-4444-555555555555 [a b] "
      "http://127.0.0.1:8080/contoso.example/"
      "adminconsent?client_id=11111111-2222-3333-4444-555555555555");
}

TEST(Registration, OnlyMicrosoftsHostsAndTheOperators) {
  const struct {
    const char* authority;
    bool allowed;
  } kCases[] = {
      {"https://login.microsoftonline.com", true},
      {"https://LOGIN.microsoftonline.com:443", true},
      {"https://login.microsoftonline.us", true},
      {"https://login.partner.microsoftonline.cn", true},
      {"https://login.chinacloudapi.cn", true},
      {"https://idp.contoso.example", true},  // the operator's
      {"https://idp.contoso.example:8443", false},
      {"https://login.microsoftonline.com:8443", false},
      {"https://login.microsoftonline.com.evil.example", false},
      {"https://evil.example", false},
      {"https://x.login.microsoftonline.com", false},
  };
  for (const auto& c : kCases) {
    const auto got = RegistrationOf(AuthWith({{"authority", c.authority}}),
                                    {"idp.contoso.example"});
    EXPECT_EQ(got.ok(), c.allowed) << c.authority;
    if (c.allowed) continue;
    EXPECT_EQ(got.status(),
              absl::InvalidArgumentError(absl::StrCat(
                  "[auth] `authority` is \"", c.authority,
                  "\", which is not one of Microsoft's sign-in hosts. Nothing "
                  "was sent. If you trust it, allow it where patform is run: "
                  "--allow-host HOST[:PORT] or PATFORM_ALLOW_HOSTS")));
  }
}

TEST(Registration, Shapes) {
  const struct {
    const char* key;
    const char* value;
    const char* want;  // after `expected`; "": it is right
  } kCases[] = {
      {"tenant", "11111111-2222-3333-4444-55555555555F", ""},
      {"tenant", "contoso.onmicrosoft.com", ""},
      {"tenant", "organizations",
       "the \"Directory (tenant) ID\", a GUID, or a domain of the tenant, such "
       "as contoso.onmicrosoft.com"},
      {"tenant", "..",
       "the \"Directory (tenant) ID\", a GUID, or a domain of the tenant, such "
       "as contoso.onmicrosoft.com"},
      {"tenant", "a.b/c",
       "the \"Directory (tenant) ID\", a GUID, or a domain of the tenant, such "
       "as contoso.onmicrosoft.com"},
      {"client_id", "patform",
       "the \"Application (client) ID\" of your app registration, a GUID"},
      {"client_id", "11111111-2222-3333-4444-55555555555g",
       "the \"Application (client) ID\" of your app registration, a GUID"},
      {"authority", "https://login.microsoftonline.com/contoso.example",
       "https://HOST without a path"},
      {"authority", "login.microsoftonline.com", "https://HOST without a path"},
      {"authority", "http://evil.example", "https://HOST without a path"},
  };
  for (const auto& c : kCases) {
    const auto got = RegistrationOf(AuthWith({{c.key, c.value}}), {});
    EXPECT_EQ(std::string(got.status().message()),
              *c.want == '\0' ? ""
                              : absl::StrCat("[auth] `", c.key, "` is \"",
                                             c.value, "\"; expected ", c.want));
  }
}

// Whoever proposes a configuration need not know what the runner's environment
// holds.
TEST(Registration, WhatTheEnvironmentFilledInIsNotShown) {
  for (const char* key : {"tenant", "client_id", "authority"}) {
    AuthConfig auth = AuthWith({{key, "hunter2"}});
    auth.written[key] = "${PASSWORD}";
    const std::string message(RegistrationOf(auth, {}).status().message());
    EXPECT_NE(message.find("${PASSWORD}"), std::string::npos) << message;
    EXPECT_EQ(message.find("hunter2"), std::string::npos) << message;
  }
  AuthConfig auth = AuthWith();
  auth.written["client_id"] = std::string("${APP}");
  EXPECT_EQ(AdminConsentUrl(RegistrationOf(auth, {}).value()),
            "https://login.microsoftonline.com/contoso.example/"
            "adminconsent?client_id=${APP}");
}

}  // namespace
}  // namespace patform::entra
