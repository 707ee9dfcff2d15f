#include "providers/emulator/key_vault/secrets_api.h"

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "tests/providers/emulator/testing.h"

namespace patform::emulator {
namespace {

namespace json = boost::json;

class VaultApiTest : public testing::Test {
 protected:
  VaultApiTest() { SignIn(); }

  void SignIn() {
    bearer_ = subject_.Token(
        R"({"user":"ada@contoso.example","audience":"https://vault.azure.net"})");
  }
  http::ServerResponse Call(const std::string& method, const std::string& path,
                            const std::string& body = "",
                            const std::string& query = "") {
    http::ServerHeaders headers = {{"Host", "127.0.0.1:8443"}};
    if (!bearer_.empty()) {
      headers.emplace_back("Authorization", "Bearer " + bearer_);
    }
    if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
    return subject_.Send(method, absl::StrCat(path, "?api-version=7.4", query),
                         body, headers);
  }
  // "403 Forbidden/ForbiddenByRbac"
  std::string Error(const http::ServerResponse& response) {
    const json::value body = subject_.Json(response);
    const json::object& error = body.at("error").as_object();
    std::string text =
        absl::StrCat(response.status, " ", subject_.Text(error, "code"));
    if (error.contains("innererror")) {
      absl::StrAppend(&text, "/",
                      subject_.Text(error.at("innererror"), "code"));
    }
    return text;
  }
  std::string Message(const http::ServerResponse& response) {
    return subject_.Text(subject_.Json(response).at("error"), "message");
  }
  // The id of the new version.
  std::string Set(const std::string& name, const std::string& value) {
    const auto answer = Call("PUT", "/secrets/" + name,
                             absl::StrCat("{\"value\":\"", value, "\"}"));
    EXPECT_EQ(answer.status, 200) << answer.body;
    const std::string id = subject_.Text(subject_.Json(answer), "id");
    return id.substr(id.rfind('/') + 1);
  }
  std::vector<std::string> Ids(const http::ServerResponse& response) {
    std::vector<std::string> ids;
    const json::value page = subject_.Json(response);
    for (const json::value& each : page.at("value").as_array()) {
      EXPECT_FALSE(each.as_object().contains("value")) << response.body;
      ids.push_back(subject_.Text(each, "id"));
    }
    return ids;
  }
  void Role(const std::string& role) { subject_.Set("vault_role", role); }

  Subject subject_;
  std::string bearer_;
};

TEST_F(VaultApiTest, AsksWhoIsThere) {
  bearer_.clear();
  const auto answer = Call("PUT", "/secrets/a", R"({"value":"v"})");
  EXPECT_EQ(Error(answer), "401 Unauthorized");
  EXPECT_EQ(Message(answer),
            "AKV10000: Request is missing a Bearer or PoP token.");
  std::string challenge;
  for (const auto& [name, value] : answer.headers) {
    if (name == "WWW-Authenticate") challenge = value;
  }
  EXPECT_TRUE(absl::StartsWith(
      challenge, "Bearer authorization=\"https://login.microsoftonline.com/"));
  EXPECT_TRUE(
      absl::EndsWith(challenge, "\", resource=\"https://vault.azure.net\""));
  SignIn();
  EXPECT_EQ(Ids(Call("GET", "/secrets")).size(), 0u) << "nothing was done";
}

TEST_F(VaultApiTest, BearersThatAreNotForIt) {
  const struct {
    const char* claims;
    const char* number;
  } rows[] = {
      {R"("audience":"499b84ac-1321-427f-aa17-267ca6975798")", "AKV10022"},
      {R"("audience":"https://vault.azure.net/","lifetime":-1)", "AKV10063"},
      {R"("audience":"cfa8b339-82a2-471a-a3c9-0fc0be7a4093",)"
       R"("tenant":"fabrikam.example")",
       "AKV10032"},
  };
  for (const auto& row : rows) {
    bearer_ = subject_.Token(
        absl::StrCat(R"({"user":"ada@contoso.example",)", row.claims, "}"));
    const auto answer = Call("GET", "/secrets");
    EXPECT_EQ(Error(answer), "401 Unauthorized") << row.claims;
    EXPECT_TRUE(absl::StartsWith(Message(answer), row.number)) << answer.body;
  }
  bearer_ = "not.signed.here";
  EXPECT_EQ(Error(Call("GET", "/secrets")), "401 Unauthorized");
}

TEST_F(VaultApiTest, VersionsWithTheirTags) {
  const auto answer =
      Call("PUT", "/secrets/Ado-CI",
           R"({"value":"one","contentType":"x/y","tags":{"a":"b"},)"
           R"("attributes":{"enabled":true,"exp":1800000000}})");
  const json::value set = subject_.Json(answer);
  EXPECT_EQ(subject_.Text(set, "value"), "one");
  const std::string first = subject_.Text(set, "id");
  EXPECT_TRUE(absl::StartsWith(first, "http://127.0.0.1:8443/secrets/Ado-CI/"));
  EXPECT_EQ(json::serialize(set.at("attributes")),
            R"({"enabled":true,"exp":1800000000,"created":1795428000,)"
            R"("updated":1795428000,"recoveryLevel":"Recoverable+Purgeable",)"
            R"("recoverableDays":90})");
  const std::string second = Set("ado-ci", "two");
  EXPECT_EQ(Ids(Call("GET", "/secrets/ADO-CI/versions")).size(), 2u);
  EXPECT_EQ(Ids(Call("GET", "/secrets")),
            std::vector<std::string>{"http://127.0.0.1:8443/secrets/Ado-CI"});
  EXPECT_EQ(
      subject_.Text(subject_.Json(Call("GET", "/secrets/ado-ci")), "value"),
      "two");
  // Edited: the date of the edit, and nothing of the value.
  subject_.now += absl::Minutes(30);
  const auto edited = Call("PATCH", absl::StrCat("/secrets/ado-ci/", second),
                           R"({"attributes":{"enabled":false}})");
  EXPECT_EQ(edited.status, 200) << edited.body;
  EXPECT_FALSE(absl::StrContains(edited.body, "two"));
  EXPECT_EQ(Error(Call("GET", "/secrets/ado-ci")),
            "403 Forbidden/SecretDisabled");
  EXPECT_EQ(Call("GET", first.substr(first.find("/secrets"))).status, 200);
  EXPECT_EQ(Error(Call("GET", "/secrets/ado-ci/" + std::string(32, '0'))),
            "404 SecretNotFound");
}

TEST_F(VaultApiTest, WhatIsNotThere) {
  EXPECT_EQ(Ids(Call("GET", "/secrets/none/versions")).size(), 0u);
  EXPECT_EQ(Error(Call("GET", "/secrets/none")), "404 SecretNotFound");
  EXPECT_EQ(Error(Call("DELETE", "/secrets/none")), "404 SecretNotFound");
  EXPECT_EQ(Error(Call("DELETE", "/deletedsecrets/none")),
            "404 SecretNotFound");
  EXPECT_EQ(Error(Call("POST", "/secrets/none", "{}")), "405 MethodNotAllowed");
}

TEST_F(VaultApiTest, Limits) {
  std::string tags;
  for (int i = 0; i < 16; ++i) {
    absl::StrAppend(&tags, i == 0 ? "" : ",", "\"t", i, "\":\"x\"");
  }
  const std::string long_tag(257, 'x');
  const struct {
    std::string path, body;
  } rows[] = {
      {"/secrets/a_b", R"({"value":"v"})"},
      {"/secrets/" + std::string(128, 'a'), R"({"value":"v"})"},
      {"/secrets/a", "{}"},
      {"/secrets/a", R"({"value":1})"},
      {"/secrets/a", "[]"},
      {"/secrets/a", "{\"value\":\"" + std::string(25601, 'v') + "\"}"},
      {"/secrets/a", R"({"value":"v","tags":{)" + tags + "}}"},
      {"/secrets/a", R"({"value":"v","tags":{"a":")" + long_tag + "\"}}"},
      {"/secrets/a", R"({"value":"v","tags":{"a":1}})"},
      {"/secrets/a", R"({"value":"v","contentType":")" + long_tag + "\"}"},
      {"/secrets/a", R"({"value":"v","attributes":{"exp":"tomorrow"}})"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Error(Call("PUT", row.path, row.body)), "400 BadParameter")
        << row.path << " " << row.body.substr(0, 80);
  }
  EXPECT_EQ(Error(Call("GET", "/secrets", "", "&maxresults=26")),
            "400 BadParameter");
  EXPECT_EQ(Error(Call("GET", "/secrets", "", "&$skiptoken=x")),
            "400 BadParameter");
  EXPECT_EQ(Error(subject_.Send("GET", "/secrets", "",
                                {{"Authorization", "Bearer " + bearer_}})),
            "400 BadParameter");
  EXPECT_EQ(Ids(Call("GET", "/secrets")).size(), 0u);
}

TEST_F(VaultApiTest, ListsInPages) {
  for (int i = 0; i < 30; ++i) Set(absl::StrCat("s-", i), "v");
  const auto first = Call("GET", "/secrets");
  EXPECT_EQ(Ids(first).size(), 25u);
  const std::string next = subject_.Text(subject_.Json(first), "nextLink");
  EXPECT_TRUE(absl::StartsWith(
      next, "http://127.0.0.1:8443/secrets?api-version=7.4&$skiptoken="))
      << next;
  const auto second =
      subject_.Send("GET", next.substr(next.find("/secrets")), "",
                    {{"Authorization", "Bearer " + bearer_}});
  EXPECT_EQ(Ids(second).size(), 5u);
  EXPECT_TRUE(subject_.Json(second).at("nextLink").is_null());
}

TEST_F(VaultApiTest, DeletedNamesAreTaken) {
  Set("a", "one");
  const auto deleted = Call("DELETE", "/secrets/A");
  EXPECT_EQ(subject_.Text(subject_.Json(deleted), "recoveryId"),
            "http://127.0.0.1:8443/deletedsecrets/a");
  EXPECT_EQ(Ids(Call("GET", "/secrets")).size(), 0u);
  EXPECT_EQ(Ids(Call("GET", "/deletedsecrets")).size(), 1u);
  EXPECT_EQ(Call("GET", "/deletedsecrets/a").status, 200);
  EXPECT_EQ(Error(Call("PUT", "/secrets/a", R"({"value":"v"})")),
            "409 Conflict/ObjectIsDeletedButRecoverable");
  EXPECT_EQ(Call("POST", "/deletedsecrets/a/recover").status, 200);
  EXPECT_EQ(Call("GET", "/secrets/a").status, 200);
  Call("DELETE", "/secrets/a");
  EXPECT_EQ(Call("DELETE", "/deletedsecrets/a").status, 204);
  Set("a", "two");
  EXPECT_EQ(Ids(Call("GET", "/secrets/a/versions")).size(), 1u);
}

// A line a role: the operations that it may do.
TEST_F(VaultApiTest, Roles) {
  std::string dump;
  for (const char* role : {"officer", "writer", "reader", "none"}) {
    subject_.Admin("POST", "reset");
    SignIn();
    const std::string version = Set("a", "v");
    Set("gone", "v");
    Call("DELETE", "/secrets/gone");
    Role(role);
    const struct {
      const char* name;
      const char* method;
      std::string path, body;
    } rows[] = {
        {"list", "GET", "/secrets", ""},
        {"versions", "GET", "/secrets/a/versions", ""},
        {"deleted", "GET", "/deletedsecrets", ""},
        {"get", "GET", "/secrets/a", ""},
        {"set", "PUT", "/secrets/a", R"({"value":"w"})"},
        {"update", "PATCH", "/secrets/a/" + version, "{}"},
        {"delete", "DELETE", "/secrets/a", ""},
        {"recover", "POST", "/deletedsecrets/gone/recover", ""},
    };
    absl::StrAppend(&dump, role, ":");
    for (const auto& row : rows) {
      const auto answer = Call(row.method, row.path, row.body);
      if (answer.status == 200) {
        absl::StrAppend(&dump, " ", row.name);
      } else {
        EXPECT_EQ(Error(answer), "403 Forbidden/ForbiddenByRbac");
      }
    }
    dump += "\n";
  }
  EXPECT_EQ(dump,
            "officer: list versions deleted get set update delete recover\n"
            "writer: list versions deleted set update\n"
            "reader: list versions deleted\n"
            "none:\n");
}

TEST_F(VaultApiTest, FaultsAndCounts) {
  subject_.Admin("POST", "faults",
                 R"({"operation":"vault_set","action":{"status":429,)"
                 R"("headers":{"Retry-After":"1"}}})");
  EXPECT_EQ(Call("PUT", "/secrets/a", R"({"value":"v"})").status, 429);
  Set("a", "v");
  const json::value log = subject_.Admin("GET", "requests");
  EXPECT_EQ(log.at("counts").at("vault_set").as_int64(), 2);
}

// One sign-in for both.
TEST_F(VaultApiTest, TheSignInGivesABearerForIt) {
  subject_.Set("sign_in", "lenient");
  const std::string refresh =
      subject_.Text(subject_.Admin("POST", "refresh_token",
                                   R"({"user":"ada@contoso.example"})"),
                    "refresh_token");
  const auto answer = subject_.Send(
      "POST", "/contoso.example/oauth2/v2.0/token",
      absl::StrCat("grant_type=refresh_token&scope=https%3A%2F%2Fvault.azure."
                   "net%2F.default%20offline_access&refresh_token=",
                   refresh));
  bearer_ = subject_.Text(subject_.Json(answer), "access_token");
  EXPECT_EQ(Call("GET", "/secrets").status, 200);
  subject_.bearer = bearer_;
  EXPECT_NE(subject_.Call("GET").status, 200) << "and not for Azure DevOps";
}

// An organization of that name has its tokens all the same.
TEST_F(VaultApiTest, OrganizationsOfThatName) {
  EXPECT_EQ(VaultOperationOf("GET", ParseTarget("/secrets/_apis/tokens/pats")),
            "");
  EXPECT_EQ(VaultOperationOf("GET", ParseTarget("/contoso/secrets")), "");
}

}  // namespace
}  // namespace patform::emulator
