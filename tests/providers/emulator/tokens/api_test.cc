#include "providers/emulator/tokens/api.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/providers/emulator/testing.h"

namespace patform::emulator {
namespace {

constexpr char kUnknown[] = "11111111-2222-3333-4444-555555555555";

std::string TypeKey(Subject& subject, const http::ServerResponse& response) {
  return absl::StrCat(response.status, " ",
                      Subject::Text(subject.Json(response), "typeKey"));
}

TEST(Api, AWholeLife) {
  Subject subject;
  const auto response = subject.Call(
      "POST", "",
      R"({"displayName":"ci \"x\"","scope":"vso.code",)"
      R"("validTo":"2026-12-24T00:00:00Z","allOrgs":false,"unknown":[1]})");
  EXPECT_EQ(response.status, 200);
  const auto created = subject.Json(response);
  const std::string secret = Subject::Text(created.at("patToken"), "token");
  const std::string id =
      Subject::Text(created.at("patToken"), "authorizationId");
  const std::string head =
      R"({"patToken":{"displayName":"ci \"x\"","validTo":"2026-12-24T00:00:00Z",)"
      R"("scope":"vso.code","targetAccounts":[")" +
      DerivedGuid("organization", "contoso") +
      R"("],"validFrom":"2026-11-23T10:00:00Z","authorizationId":")" + id +
      R"(","token":)";
  const std::string tail =
      R"(,"patTokenError":"none","patTokenErrorMessage":null})";
  EXPECT_EQ(response.body, head + "\"" + secret + "\"}" + tail);
  const auto got = subject.Call("GET", "&authorizationId=" + id);
  EXPECT_EQ(got.body, head + "null}" + tail);

  const auto revoked = subject.Call("DELETE", "&authorizationId=" + id);
  EXPECT_EQ(revoked.status, 204);
  EXPECT_EQ(revoked.body, "");
  EXPECT_EQ(subject.Error(subject.Call("GET", "&authorizationId=" + id)),
            "none");
  const auto again = subject.Call("DELETE", "&authorizationId=" + id);
  EXPECT_EQ(again.status, 404);
  EXPECT_EQ(
      again.body,
      R"({"$id":"1","innerException":null,"message":"The session token )" + id +
          R"( could not be found.","typeName":"Microsoft.TeamFoundation.)"
          R"(Framework.Server.SessionTokenNotFoundException, Microsoft.)"
          R"(TeamFoundation.Framework.Server","typeKey":)"
          R"("SessionTokenNotFoundException","errorCode":0,)"
          R"("eventId":3000})");
  EXPECT_EQ(
      subject.Error(subject.Call("PUT", "",
                                 absl::StrCat(R"({"authorizationId":")", id,
                                              R"(","displayName":"b"})"))),
      "invalidToken");
  subject.Set("not_found_status", "400");
  EXPECT_EQ(TypeKey(subject, subject.Call("DELETE", "&authorizationId=" + id)),
            "400 SessionTokenNotFoundException");
  subject.Set("revoke_status", "200");
  EXPECT_EQ(
      subject.Call("DELETE", "&authorizationId=" + subject.Make("b")).status,
      200);
}

TEST(Api, NamesMayRepeat) {
  Subject subject;
  EXPECT_NE(subject.Make("twin"), subject.Make("twin"));
  EXPECT_EQ(subject.Names(subject.Call("GET")),
            (std::vector<std::string>{"twin", "twin"}));
}

TEST(Api, NamesCanBeEncoded) {
  Subject subject;
  subject.Make("a<&>'");
  subject.Set("names", "html");
  EXPECT_EQ(subject.Names(subject.Call("GET")),
            (std::vector<std::string>{"a&lt;&amp;&gt;&#39;"}));
  subject.Set("names", "sent");
  EXPECT_EQ(subject.Names(subject.Call("GET")),
            (std::vector<std::string>{"a<&>'"}));
}

TEST(Api, VersionsAreChecked) {
  Subject subject;
  const struct {
    const char* version;
    const char* want;
  } rows[] = {
      {"6.1-preview", "200"},
      {"6.1-preview.1", "200"},
      {"7.0-preview.1", "200"},
      {"7.1-preview.1", "200"},
      {"7.2-preview.1", "200"},
      {"7.2-PREVIEW.1", "200"},
      {"7.1", "400 VssInvalidPreviewVersionException"},
      {"7.1-preview.2", "400 VssVersionOutOfRangeException"},
      {"9.0-preview.1", "400 VssVersionOutOfRangeException"},
      {"5.0", "400 VssVersionOutOfRangeException"},
      {"", "400 VssVersionNotSpecifiedException"},
      {"new", "400 VssVersionNotSpecifiedException"},
  };
  for (const auto& row : rows) {
    subject.version = row.version;
    const auto response = subject.Call("GET");
    EXPECT_EQ(response.status == 200 ? "200" : TypeKey(subject, response),
              row.want)
        << row.version;
  }
  const auto by_header =
      subject.Send("GET", "/contoso/_apis/Tokens/Pats", "",
                   {{"Authorization", "Bearer " + subject.bearer},
                    {"Accept", "application/json;api-version=7.1-preview.1"}});
  EXPECT_EQ(by_header.status, 200);
}

// A version that the whole server has not, and one that this resource has not.
TEST(Api, RefusedVersionsAreNamed) {
  Subject subject;
  const struct {
    const char* version;
    const char* want;
  } rows[] = {
      {"9.0-preview.1",
       "The requested REST API version of 9.0 is out of range for this server. "
       "The latest REST API version this server supports is 7.2."},
      {"7.3",
       "The requested REST API version of 7.3 is out of range for this server. "
       "The latest REST API version this server supports is 7.2."},
      {"7.1-preview.2",
       "The requested REST API version 7.1-preview.2 is outside of the valid "
       "range of this resource: 6.1-preview.1 to 7.2-preview.1."},
      {"6.0-preview",
       "The requested REST API version 6.0-preview is outside of the valid "
       "range of this resource: 6.1-preview.1 to 7.2-preview.1."},
      {"7.1",
       "The requested version \"7.1\" of the resource is under preview. The "
       "-preview flag must be supplied in the api-version for such requests. "
       "For example: \"7.1-preview\""},
  };
  for (const auto& row : rows) {
    subject.version = row.version;
    EXPECT_EQ(Subject::Text(subject.Json(subject.Call("GET")), "message"),
              row.want)
        << row.version;
  }
}

TEST(Api, TheMessageCameWith72) {
  Subject subject;
  const std::string query = absl::StrCat("&authorizationId=", kUnknown);
  EXPECT_EQ(subject.Call("GET", query).body,
            R"({"patToken":null,"patTokenError":"tokenNotFound",)"
            R"("patTokenErrorMessage":"There is no such token."})");
  subject.version = "7.1-preview.1";
  EXPECT_EQ(subject.Call("GET", query).body,
            R"({"patToken":null,"patTokenError":"tokenNotFound"})");
}

TEST(Api, WhatIsMalformed) {
  Subject subject;
  const struct {
    const char* method;
    const char* query;
    const char* body;
    const char* want;
  } rows[] = {
      {"POST", "", "{", "400 JsonReaderException"},
      {"POST", "", "", "400 JsonReaderException"},
      {"POST", "", "[]", "400 JsonReaderException"},
      {"POST", "", R"({"validTo":"soon"})", "400 JsonReaderException"},
      {"POST", "", R"({"allOrgs":"maybe"})", "400 JsonReaderException"},
      {"POST", "", R"({"displayName":{}})", "400 JsonReaderException"},
      {"PUT", "", R"({"authorizationId":"x"})", "400 JsonReaderException"},
      {"GET", "&authorizationId=x", "", "400 ArgumentException"},
      {"DELETE", "", "", "400 ArgumentException"},
      {"DELETE", "&authorizationId=x", "", "400 ArgumentException"},
      {"GET", "&$top=many", "", "400 ArgumentException"},
      {"GET", "&displayFilterOption=some", "", "400 ArgumentException"},
      {"GET", "&sortByOption=size", "", "400 ArgumentException"},
      {"GET", "&isSortAscending=up", "", "400 ArgumentException"},
      {"GET", "&continuationToken=abc", "", "400 ArgumentException"},
      {"PATCH", "", "{}", "405 VssRequestHttpMethodNotSupportedException"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(TypeKey(subject, subject.Call(row.method, row.query, row.body)),
              row.want)
        << row.method << " " << row.query << " " << row.body;
  }
  const auto form = subject.Send(
      "POST", "/contoso/_apis/tokens/pats?api-version=7.1-preview.1", "a=b",
      {{"Authorization", "Bearer " + subject.bearer},
       {"Content-Type", "application/x-www-form-urlencoded"}});
  EXPECT_EQ(TypeKey(subject, form),
            "415 VssRequestContentTypeNotSupportedException");
}

TEST(Api, OtherPlacesAreNotFound) {
  Subject subject;
  for (const char* target :
       {"/", "/nowhere/_apis/tokens/pats?api-version=7.1-preview.1",
        "/contoso/_apis/tokens", "/contoso/_apis/tokens/pats/x"}) {
    const auto response = subject.Send("GET", target);
    EXPECT_EQ(response.status, 404) << target;
    EXPECT_EQ(response.body, "The resource cannot be found.");
  }
}

TEST(Api, UsersSeeTheirOwnTokensAlone) {
  Subject subject;
  const std::string id = subject.Make("ada's");
  subject.bearer = subject.Token(R"({"user":"bob@contoso.example"})");
  EXPECT_EQ(subject.Names(subject.Call("GET")), std::vector<std::string>());
  EXPECT_EQ(subject.Error(subject.Call("GET", "&authorizationId=" + id)),
            "accessDenied");
  EXPECT_EQ(
      subject.Error(subject.Call("PUT", "",
                                 absl::StrCat(R"({"authorizationId":")", id,
                                              R"(","displayName":"bob's"})"))),
      "accessDenied");
  EXPECT_EQ(TypeKey(subject, subject.Call("DELETE", "&authorizationId=" + id)),
            "404 SessionTokenNotFoundException");
}

TEST(Api, OrganizationsAreApart) {
  Subject subject;
  subject.Make("here");
  subject.Create(
      R"({"displayName":"everywhere","scope":"vso.code","allOrgs":true})");
  subject.organization = "FABRIKAM";
  EXPECT_EQ(subject.Names(subject.Call("GET")),
            std::vector<std::string>{"everywhere"});
  subject.Set("list_organizations", "all");
  EXPECT_EQ(subject.Names(subject.Call("GET")),
            (std::vector<std::string>{"everywhere", "here"}));
}

TEST(Api, AMissingIdOnUpdateIsNamed) {
  Subject subject;
  EXPECT_EQ(subject.Error(subject.Call("PUT", "", R"({"displayName":"b"})")),
            "invalidAuthorizationId");
  EXPECT_EQ(
      subject.Error(subject.Call(
          "PUT", "", absl::StrCat(R"({"authorizationId":")", kUnknown, "\"}"))),
      "tokenNotFound");
}

// The token itself at work, the smallest call there is.
TEST(ConnectionData, TakesATokenWhileItLives) {
  Subject subject;
  const auto token = subject.Create(
      R"({"displayName":"a","scope":"vso.code","allOrgs":true})");
  const std::string secret = Subject::Text(token, "token");
  const auto status = [&](const std::string& password) {
    return subject
        .Send(
            "GET", "/contoso/_apis/connectionData", "",
            {{"Authorization", "Basic " + absl::Base64Escape(":" + password)}})
        .status;
  };
  EXPECT_EQ(status(secret), 200);
  EXPECT_EQ(status("guess"), 401);
  subject.Set("global_pats", "dead");
  EXPECT_EQ(status(secret), 401);
  subject.Set("global_pats", "allowed");
  subject.now += absl::Hours(24 * 31);
  EXPECT_EQ(status(secret), 401);
  subject.now -= absl::Hours(24 * 31);
  subject.Call("DELETE",
               "&authorizationId=" + Subject::Text(token, "authorizationId"));
  EXPECT_EQ(status(secret), 401);

  const auto here = subject.Create(R"({"displayName":"b","scope":"vso.code"})");
  const std::string basic =
      "Basic " + absl::Base64Escape(":" + Subject::Text(here, "token"));
  EXPECT_EQ(subject
                .Send("GET", "/fabrikam/_apis/connectionData", "",
                      {{"Authorization", basic}})
                .status,
            401);
}

}  // namespace
}  // namespace patform::emulator
