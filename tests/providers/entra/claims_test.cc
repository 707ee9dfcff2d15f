#include "providers/entra/claims.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace patform::entra {
namespace {

std::string Jwt(const std::string& claims) {
  return absl::StrCat("e30.", absl::WebSafeBase64Escape(claims), ".sig");
}

// One line of what is not empty.
std::string Dump(const Claims& claims) {
  std::string text;
  const auto add = [&text](const char* name, const std::string& value) {
    if (!value.empty()) absl::StrAppend(&text, name, "=", value, ";");
  };
  add("oid", claims.oid);
  add("aud", claims.audience);
  add("scp", claims.scopes);
  add("name", claims.name);
  add("tid", claims.tenant);
  add("app", claims.application);
  if (claims.not_before != 0) add("nbf", absl::StrCat(claims.not_before));
  if (claims.expires != 0) add("exp", absl::StrCat(claims.expires));
  if (claims.app_only) text += "app;";
  return text;
}

TEST(ReadClaims, WhatItSays) {
  const struct {
    const char* name;
    std::string bearer;
    const char* want;
  } kCases[] = {
      {"a user",
       Jwt(R"({"oid":"o-1","aud":"499b","scp":"vso.pats vso.pats_manage",)"
           R"("upn":"ann@contoso.example","exp":1800000000})"),
       "oid=o-1;aud=499b;scp=vso.pats vso.pats_manage;"
       "name=ann@contoso.example;exp=1800000000;"},
      {"a guest has no upn",
       Jwt(R"({"oid":"o-1","scp":"s","preferred_username":"ann@x.example"})"),
       "oid=o-1;scp=s;name=ann@x.example;"},
      {"upn counts first",
       Jwt(R"({"upn":"a","preferred_username":"b","scp":""})"), "name=a;"},
      {"an application says so", Jwt(R"({"oid":"o-2","idtyp":"app"})"),
       "oid=o-2;app;"},
      {"roles without scp: an application",
       Jwt(R"({"oid":"o-2","roles":["r"]})"), "oid=o-2;app;"},
      {"roles with scp: a user", Jwt(R"({"scp":"s","roles":["r"]})"), "scp=s;"},
      {"neither: not known", Jwt(R"({"oid":"o-3"})"), "oid=o-3;"},
      {"a tenant, an application by its name, a beginning",
       Jwt(R"({"tid":"t-1","appid":"a-1","app_displayname":"az","nbf":7})"),
       "tid=t-1;app=az;nbf=7;"},
      {"version 2 names the application azp", Jwt(R"({"azp":"a-1"})"),
       "app=a-1;"},
      {"members of other types are passed over",
       Jwt(R"({"oid":1,"aud":["a"],"scp":null,"upn":{},"exp":"soon"})"), ""},
      {"a fraction is no date", Jwt(R"({"exp":1.5})"), ""},
      {"no object", Jwt("[1,2]"), ""},
      {"no JSON", Jwt("{"), ""},
      {"no base64", "e30.$$.sig", ""},
      {"one dot", "e30.e30", ""},
      {"no dots", "opaque", ""},
      {"empty", "", ""},
      {"empty parts", "..", ""},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Dump(ReadClaims(c.bearer)), c.want) << c.name;
  }
}

TEST(Audience, NamesOfResources) {
  for (const char* name :
       {"499b84ac-1321-427f-aa17-267ca6975798",
        "499B84AC-1321-427F-AA17-267CA6975798",
        "499b84ac-1321-427f-aa17-267ca6975798/.default",
        "https://app.vssps.visualstudio.com/", "https://dev.azure.com"}) {
    EXPECT_TRUE(IsAzureDevOps(name)) << name;
  }
  EXPECT_FALSE(IsAzureDevOps("https://vault.azure.net"));
  EXPECT_FALSE(IsAzureDevOps(""));
  EXPECT_EQ(AudienceName("https://vault.azure.net/"),
            "Azure Key Vault (https://vault.azure.net/)");
  EXPECT_EQ(AudienceName("api://mine\n"), "api://mine\\n");
}

TEST(SignedInBy, WhatIsKnown) {
  const auto dump = [](const std::string& claims) {
    const SignedIn user = SignedInBy(ReadClaims(Jwt(claims)));
    return absl::StrCat(user.oid, "|", user.name, "|",
                        user.scopes ? user.scopes->text() : "opaque", "|",
                        user.expires == absl::InfiniteFuture()
                            ? "no end"
                            : absl::StrCat(absl::ToUnixSeconds(user.expires)),
                        user.app_only ? "|app" : "");
  };
  EXPECT_EQ(
      dump(R"({"oid":"o-1","aud":"499b","scp":"vso.pats_manage vso.pats",)"
           R"("upn":"ann@contoso.example","exp":1800000000})"),
      "o-1|ann@contoso.example|vso.pats vso.pats_manage|1800000000");
  EXPECT_EQ(dump(R"({"oid":"o-2","aud":"499b","idtyp":"app"})"),
            "o-2|||no end|app");
  EXPECT_EQ(dump(R"({"oid":"o-3"})"), "o-3||opaque|no end");
}

}  // namespace
}  // namespace patform::entra
