#include "providers/emulator/tokens/rules.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/providers/emulator/testing.h"

namespace patform::emulator {
namespace {

// Everything at 2026-11-23T10:00:00Z.
TEST(Create, DatesAreRoundedAndShortened) {
  const struct {
    const char* name;
    const char* set;  // "name=value", or empty
    const char* sent;
    const char* want;  // a date, or an error
  } rows[] = {
      {"rounded", "", "2026-12-01T23:46:23.319Z", "2026-12-01T23:46:23.32Z"},
      {"offset", "", "2026-12-01T23:46:23+02:00", "2026-12-01T21:46:23Z"},
      {"absent", "", "", "2026-12-23T10:00:00Z"},
      {"absent, a year", "missing_valid_to=1y", "", "2027-11-23T10:00:00Z"},
      {"a year less a second", "", "2027-11-23T09:59:59Z",
       "2027-11-23T09:59:59Z"},
      {"beyond a year", "", "2030-01-01T00:00:00Z", "2027-11-23T10:00:00Z"},
      {"beyond a year, refused", "year=error", "2030-01-01T00:00:00Z",
       "invalidValidTo"},
      {"past", "", "2026-11-23T09:59:59Z", "invalidValidTo"},
      {"now", "", "2026-11-23T10:00:00Z", "invalidValidTo"},
      {"past, accepted", "past_valid_to=accept", "2026-11-22T00:00:00Z",
       "2026-11-22T00:00:00Z"},
      {"tenant's maximum", "tenant_max_days=7", "2026-12-24T00:00:00Z",
       "2026-11-30T10:00:00Z"},
      {"within it", "tenant_max_days=7", "2026-11-30T10:00:00Z",
       "2026-11-30T10:00:00Z"},
  };
  for (const auto& row : rows) {
    Subject subject;
    if (const std::string set = row.set; !set.empty()) {
      subject.Set(set.substr(0, set.find('=')), set.substr(set.find('=') + 1));
    }
    const std::string date =
        *row.sent == '\0' ? ""
                          : absl::StrCat(R"(,"validTo":")", row.sent, "\"");
    const auto answer = subject.Json(subject.Call(
        "POST", "",
        absl::StrCat(R"({"displayName":"a","scope":"vso.code")", date, "}")));
    const std::string error = Subject::Text(answer, "patTokenError");
    EXPECT_EQ(error == "none" ? Subject::Text(answer.at("patToken"), "validTo")
                              : error,
              row.want)
        << row.name;
  }
}

TEST(Create, TenantMaximumAsAnError) {
  Subject subject;
  subject.Admin("POST", "switches",
                R"({"tenant_max_days":7,"lifespan":"error"})");
  const auto answer =
      subject.Json(subject.Call("POST", "",
                                R"({"displayName":"a","scope":"vso.code",)"
                                R"("validTo":"2026-12-24T00:00:00Z"})"));
  EXPECT_EQ(
      boost::json::serialize(answer),
      R"({"patToken":null,"patTokenError":"patLifespanPolicyViolation",)"
      R"("patTokenErrorMessage":"A policy of the tenant allows tokens to )"
      R"(live for 7 days."})");
}

TEST(Create, NamesAndScopes) {
  const std::string long_name(256, 'n');
  const struct {
    std::string set, name, scope, want;  // want: the scope, or an error
  } rows[] = {
      {"", "a", "vso.code", "vso.code"},
      {"", "a", " vso.work  vso.code vso.work", "vso.work vso.code"},
      {"scope_order=sorted", "a", "vso.work vso.code VSO.BUILD",
       "vso.build vso.code vso.work"},
      {"", long_name, "vso.code", "vso.code"},
      {"", long_name + "n", "vso.code", "invalidDisplayName"},
      // Encoded as &amp; it has 260.
      {"", long_name.substr(1) + "&", "vso.code", "invalidDisplayName"},
      {"", "tab\\t", "vso.code", "invalidDisplayName"},
      {"", "", "vso.code", "displayNameRequired"},
      {"", "  ", "vso.code", "displayNameRequired"},
      {"", "a", "vso.cde", "invalidScope"},
      {"", "a", "vso.code,vso.work", "invalidScope"},
      {"", "a", "vso.pats", "invalidScope"},
      {"unknown_scopes=accept", "a", "vso.cde", "vso.cde"},
      {"", "a", "", "app_token"},
      {"empty_scope=reject", "a", "", "invalidScope"},
      {"full_scope=denied", "a", "app_token", "fullScopePatPolicyViolation"},
      {"full_scope=denied", "a", "", "fullScopePatPolicyViolation"},
      {"creation=denied", "a", "vso.code", "disablePatCreationPolicyViolation"},
  };
  for (const auto& row : rows) {
    Subject subject;
    if (!row.set.empty()) {
      subject.Set(row.set.substr(0, row.set.find('=')),
                  row.set.substr(row.set.find('=') + 1));
    }
    const auto answer = subject.Json(
        subject.Call("POST", "",
                     absl::StrCat(R"({"displayName":")", row.name,
                                  R"(","scope":")", row.scope, "\"}")));
    const std::string error = Subject::Text(answer, "patTokenError");
    EXPECT_EQ(
        error == "none" ? Subject::Text(answer.at("patToken"), "scope") : error,
        row.want)
        << row.set << " " << row.name << " " << row.scope;
  }
}

TEST(Create, GlobalTokens) {
  const struct {
    const char* name;
    const char* value;
    const char* want;
  } rows[] = {
      {"global_pats", "allowed", "none"},
      {"global_pats", "creation_blocked", "globalPATCreationBlocked"},
      {"global_pats", "dead", "globalPATCreationBlocked"},
      {"global_policy", "denied", "globalPatPolicyViolation"},
  };
  for (const auto& row : rows) {
    Subject subject;
    subject.Set(row.name, row.value);
    for (const char* truth : {"true", "\"True\""}) {
      EXPECT_EQ(subject.Error(subject.Call(
                    "POST", "",
                    absl::StrCat(R"({"displayName":"a","scope":"vso.code",)"
                                 R"("allOrgs":)",
                                 truth, "}"))),
                row.want)
          << row.name << " " << row.value;
    }
  }
}

TEST(Update, WhatChangesAndWhatStays) {
  // A token of 2026-11-23T10:00:00Z until 12-23, looked at 10 days later.
  const struct {
    const char* name;
    const char* set;
    const char* members;
    const char* want;  // name|scope|validTo|global, or an error
  } rows[] = {
      {"nothing", "", "", "a|vso.code|2026-12-23T10:00:00Z|0"},
      {"name", "", R"(,"displayName":"b")",
       "b|vso.code|2026-12-23T10:00:00Z|0"},
      {"null is absent", "", R"(,"displayName":null,"scope":null)",
       "a|vso.code|2026-12-23T10:00:00Z|0"},
      {"bad name", "", R"(,"displayName":" ")", "displayNameRequired"},
      {"scope", "", R"(,"scope":"vso.work")",
       "a|vso.work|2026-12-23T10:00:00Z|0"},
      {"bad scope", "", R"(,"scope":"nope")", "invalidScope"},
      {"global", "", R"(,"allOrgs":true)", "a|vso.code|2026-12-23T10:00:00Z|1"},
      {"global, blocked", "global_pats=creation_blocked", R"(,"allOrgs":true)",
       "globalPATCreationBlocked"},
      {"longer", "", R"(,"validTo":"2027-03-01T00:00:00Z")",
       "a|vso.code|2027-03-01T00:00:00Z|0"},
      {"beyond a year from now", "", R"(,"validTo":"2030-01-01T00:00:00Z")",
       "a|vso.code|2027-12-03T10:00:00Z|0"},
      {"tenant's maximum counts from the creation", "tenant_max_days=40",
       R"(,"validTo":"2027-03-01T00:00:00Z")",
       "a|vso.code|2027-01-02T10:00:00Z|0"},
      {"tenant's maximum is over", "tenant_max_days=5",
       R"(,"validTo":"2027-03-01T00:00:00Z")", "patLifespanPolicyViolation"},
      {"shorter", "", R"(,"validTo":"2026-12-03T11:00:00Z")",
       "a|vso.code|2026-12-03T11:00:00Z|0"},
      {"past", "", R"(,"validTo":"2026-12-03T09:00:00Z")", "invalidValidTo"},
  };
  for (const auto& row : rows) {
    Subject subject;
    const std::string id = subject.Make("a");
    subject.now += absl::Hours(240);
    subject.bearer = subject.Token(R"({"user":"ada@contoso.example"})");
    if (const std::string set = row.set; !set.empty()) {
      subject.Set(set.substr(0, set.find('=')), set.substr(set.find('=') + 1));
    }
    const auto answer = subject.Json(subject.Call(
        "PUT", "",
        absl::StrCat(R"({"authorizationId":")", id, "\"", row.members, "}")));
    std::string got = Subject::Text(answer, "patTokenError");
    if (got == "none") {
      const auto& token = answer.at("patToken");
      EXPECT_TRUE(token.at("token").is_null());
      EXPECT_EQ(Subject::Text(token, "validFrom"), "2026-11-23T10:00:00Z");
      got = absl::StrCat(Subject::Text(token, "displayName"), "|",
                         Subject::Text(token, "scope"), "|",
                         Subject::Text(token, "validTo"), "|",
                         token.at("targetAccounts").is_null());
    }
    EXPECT_EQ(got, row.want) << row.name;
  }
}

// Since sprint 271: no change at all.
TEST(Update, ExpiredTokens) {
  for (const bool allowed : {false, true}) {
    Subject subject;
    const std::string id = subject.Make("a");
    subject.now += absl::Hours(24 * 31);
    subject.bearer = subject.Token(R"({"user":"ada@contoso.example"})");
    if (allowed) subject.Set("expired_extend", "allow");
    for (const char* change :
         {R"("displayName":"b")", R"("scope":"vso.build")", R"("allOrgs":true)",
          R"("displayName":"a")", R"("validTo":"2027-01-20T00:00:00Z")"}) {
      EXPECT_EQ(
          subject.Error(subject.Call(
              "PUT", "",
              absl::StrCat(R"({"authorizationId":")", id, "\",", change, "}"))),
          allowed ? "none" : "expiredPatCannotBeExtended")
          << change;
    }
    EXPECT_EQ(subject.Names(subject.Call("GET")).size(), allowed ? 1u : 0u);
  }
}

// The exception of the policy that restricts creation.
TEST(Create, PackagingOnly) {
  Subject subject;
  subject.Set("creation", "packaging_only");
  const struct {
    const char* scope;
    const char* want;
  } rows[] = {
      {"vso.packaging", "none"},
      {"vso.packaging_write", "none"},
      {"vso.packaging vso.packaging_manage", "none"},
      {"VSO.Packaging", "none"},
      {"vso.packaging vso.code", "disablePatCreationPolicyViolation"},
      {"vso.code", "disablePatCreationPolicyViolation"},
      {"app_token", "disablePatCreationPolicyViolation"},
      {"", "disablePatCreationPolicyViolation"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(
        subject.Error(subject.Call(
            "POST", "",
            absl::StrCat(R"({"displayName":"a","scope":")", row.scope, "\"}"))),
        row.want)
        << row.scope;
  }
}

}  // namespace
}  // namespace patform::emulator
