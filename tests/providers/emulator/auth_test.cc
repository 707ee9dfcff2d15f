#include "providers/emulator/auth.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/providers/emulator/testing.h"

namespace patform::emulator {
namespace {

// Status, and the typeKey of an envelope or the kind of the page.
std::string Shape(const http::ServerResponse& response) {
  const size_t at = response.body.find(R"("typeKey":")");
  if (at != std::string::npos) {
    const size_t begin = at + 11;
    return absl::StrCat(
        response.status, " ",
        response.body.substr(begin, response.body.find('"', begin) - begin));
  }
  return absl::StrCat(response.status,
                      absl::StrContains(response.body, "<html") ? " html" : "");
}

TEST(Auth, WhoIsLetIn) {
  Subject subject;
  const auto bearer = [&](const std::string& body) {
    return "Bearer " + subject.Token(body);
  };
  std::string forged = bearer(R"({"user":"ada"})");
  forged[forged.size() - 5] = forged[forged.size() - 5] == 'A' ? 'B' : 'A';
  const struct {
    const char* name;
    std::string authorization;
    const char* list;
    const char* create;
  } rows[] = {
      {"user", bearer(R"({"user":"ada"})"), "200", "200"},
      {"case of the scheme", "bearer" + bearer(R"({"user":"ada"})").substr(6),
       "200", "200"},
      {"read alone", bearer(R"({"user":"ada","scopes":"vso.pats"})"), "200",
       "403 UnauthorizedRequestException"},
      {"manage alone", bearer(R"({"user":"ada","scopes":["vso.pats_manage"]})"),
       "200", "200"},
      {"impersonation",
       bearer(R"({"user":"ada","scopes":["user_impersonation"]})"), "200",
       "200"},
      {"other scopes", bearer(R"({"user":"ada","scopes":["vso.code"]})"),
       "403 UnauthorizedRequestException", "403 UnauthorizedRequestException"},
      {"app", bearer(R"({"app_only":true})"), "401 InvalidAccessException",
       "401 InvalidAccessException"},
      {"a PAT", "Basic " + absl::Base64Escape(":secret"),
       "401 InvalidAccessException", "401 InvalidAccessException"},
      {"none", "", "302 html", "302 html"},
      {"garbage", "Bearer x.y.z", "302 html", "302 html"},
      {"forged", forged, "302 html", "302 html"},
      {"expired", bearer(R"({"user":"ada","lifetime":-1})"), "302 html",
       "302 html"},
      {"audience",
       bearer(R"({"user":"ada","audience":"https://management.azure.com/"})"),
       "302 html", "302 html"},
      {"audience as an address",
       bearer(
           R"({"user":"ada","audience":"https://app.vssps.visualstudio.com"})"),
       "200", "200"},
      {"and with a slash",
       bearer(
           R"({"user":"ada","audience":"https://app.vssps.visualstudio.com/"})"),
       "200", "200"},
      {"a longer address",
       bearer(R"({"user":"ada",)"
              R"("audience":"https://app.vssps.visualstudio.com.example"})"),
       "302 html", "302 html"},
      {"vso.tokens", bearer(R"({"user":"ada","scopes":["vso.tokens"]})"),
       "403 UnauthorizedRequestException", "403 UnauthorizedRequestException"},
      {"tenant", bearer(R"({"user":"ada","tenant":"fabrikam.example"})"),
       "302 html", "302 html"},
  };
  for (const auto& row : rows) {
    http::ServerHeaders headers;
    if (!row.authorization.empty()) {
      headers.emplace_back("Authorization", row.authorization);
    }
    const std::string target =
        "/contoso/_apis/tokens/pats?api-version=7.1-preview.1";
    EXPECT_EQ(Shape(subject.Send("GET", target, "", headers)), row.list)
        << row.name;
    EXPECT_EQ(Shape(subject.Send("POST", target,
                                 R"({"displayName":"a","scope":"vso.code"})",
                                 headers)),
              row.create)
        << row.name;
  }
}

// Beside a sign-in server of somebody else's, whose keys are its own.
TEST(Auth, BearersOfOthersAreASwitch) {
  Subject subject;
  const std::string signed_here = subject.bearer;
  const std::string stem = signed_here.substr(0, signed_here.rfind('.'));
  const auto list = [&](const std::string& bearer) {
    subject.bearer = bearer;
    return subject.Call("GET").status;
  };
  EXPECT_EQ(list(stem + ".abc"), 302);
  subject.Set("bearers", "any");
  EXPECT_EQ(list(stem + ".abc"), 200);
  EXPECT_EQ(list(signed_here), 200);
  // Its claims still count.
  EXPECT_EQ(list("x.y.z"), 302);
  EXPECT_EQ(
      list("x." + Base64Url(R"({"aud":"https://vault.azure.net"})") + ".z"),
      302);
  subject.now += absl::Seconds(3600);
  EXPECT_EQ(list(stem + ".abc"), 302);
  subject.now -= absl::Seconds(3600);
  subject.Set("bearers", "own");
  EXPECT_EQ(list(stem + ".abc"), 302);
}

TEST(Auth, ABearerEnds) {
  Subject subject;
  EXPECT_EQ(subject.Call("GET").status, 200);
  subject.now += absl::Seconds(3599);
  EXPECT_EQ(subject.Call("GET").status, 200);
  subject.now += absl::Seconds(1);
  EXPECT_EQ(subject.Call("GET").status, 302);
}

TEST(Auth, TheAnswerToStrangersIsASwitch) {
  Subject subject;
  subject.bearer = "x";
  const auto redirect = subject.Call("GET");
  EXPECT_EQ(Shape(redirect), "302 html");
  EXPECT_EQ(redirect.headers[2].first, "Location");
  EXPECT_EQ(redirect.headers[2].second,
            "https://spsprodcus1.vssps.visualstudio.com/_signin?realm=vssps."
            "dev.azure.com&reply_to=https%3A%2F%2Fvssps.dev.azure.com%2F"
            "contoso");
  subject.Set("auth_failure", "html203");
  EXPECT_EQ(Shape(subject.Call("GET")), "203 html");
  subject.Set("auth_failure", "json401");
  const auto json = subject.Call("GET");
  EXPECT_EQ(Shape(json), "401 UnauthorizedRequestException");
  EXPECT_EQ(json.headers[2].first, "WWW-Authenticate");
  EXPECT_EQ(json.headers[2].second,
            "Bearer authorization_uri=https://login.microsoftonline.com/" +
                TenantId(kTenant));
}

TEST(Auth, StatusesAreSwitches) {
  Subject subject;
  subject.Set("invalid_access_status", "400");
  subject.Set("scope_failure", "json401");
  subject.bearer = subject.Token(R"({"app_only":true})");
  EXPECT_EQ(Shape(subject.Call("GET")), "400 InvalidAccessException");
  subject.bearer = subject.Token(R"({"user":"ada","scopes":"vso.pats"})");
  EXPECT_EQ(Shape(subject.Call("POST", "", "{}")),
            "401 UnauthorizedRequestException");
  subject.Set("vso_tokens", "accept");
  subject.bearer = subject.Token(R"({"user":"ada","scopes":"vso.tokens"})");
  EXPECT_EQ(Shape(subject.Call("GET")), "200");
  EXPECT_EQ(Shape(subject.Call("POST", "", R"({"displayName":"a"})")), "200");
  subject.Set("create_scopes", "both");
  subject.bearer =
      subject.Token(R"({"user":"ada","scopes":"vso.pats_manage"})");
  EXPECT_EQ(Shape(subject.Call("POST", "", "{}")),
            "401 UnauthorizedRequestException");
}

TEST(Auth, ClaimsAreThoseOfEntra) {
  Subject subject;
  const std::string token =
      subject.Token(R"({"user":"ada@contoso.example","lifetime":60})");
  const size_t dot = token.find('.');
  const auto payload =
      FromBase64Url(token.substr(dot + 1, token.rfind('.') - dot - 1));
  ASSERT_TRUE(payload);
  EXPECT_EQ(
      *payload,
      absl::StrCat(R"({"aud":"499b84ac-1321-427f-aa17-267ca6975798","iss":)"
                   R"("https://sts.windows.net/)",
                   TenantId(kTenant),
                   R"(/","iat":1795428000,"nbf":1795428000,"exp":1795428060,)"
                   R"("tid":")",
                   TenantId(kTenant), R"(","oid":")",
                   DerivedGuid("user", "ada@contoso.example"),
                   R"(","ver":"1.0","upn":"ada@contoso.example","scp":)"
                   R"("vso.pats vso.pats_manage"})"));
}

}  // namespace
}  // namespace patform::emulator
