#include "providers/emulator/admin.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/providers/emulator/testing.h"

namespace patform::emulator {
namespace {

TEST(Admin, WantsItsHeader) {
  Subject subject;
  const auto refused = subject.Send("GET", "/_emulator/tokens");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.body,
            R"({"error":"needs the header X-Emulator-Admin: 1"})");
  EXPECT_EQ(subject.Send("GET", "/_emulator/health").body,
            R"({"status":"ok"})");
}

TEST(Admin, MistakesAreSaid) {
  Subject subject;
  const struct {
    const char* method;
    const char* what;
    const char* body;
    int status;
    const char* want;
  } rows[] = {
      {"POST", "token", "{", 400, "the body is a JSON object"},
      {"POST", "token", "{}", 400,
       "\"user\" is missing: whose? Such as ada@contoso.example"},
      {"POST", "token", R"({"user":"a","scopes":7})", 400,
       "\"scopes\" is a string or a list of strings"},
      {"POST", "verify", R"({"token":"guess"})", 404,
       "no token has this secret"},
      {"POST", "clock", "{}", 400, "\"now\" or \"advance_seconds\" is missing"},
      {"POST", "clock", R"({"now":"soon"})", 400,
       "\"now\" is a time such as 2026-11-23T10:00:00Z"},
      {"POST", "seed", R"({"user":"a","organization":"x"})", 400,
       "there is no organization \"x\" here"},
      {"POST", "seed", R"({"user":"a","count":0})", 400,
       "\"count\" is a whole number from 1 to 1000000"},
      {"POST", "switches", R"({"year":"x"})", 400,
       "the switch year cannot be \"x\"; it can be clamp, error"},
      {"POST", "switches", R"({"yaer":"clamp"})", 400,
       "there is no switch \"yaer\"; did you mean year?"},
      {"POST", "switches", R"({"tenant_max_days":-1})", 400,
       "the switch tenant_max_days cannot be \"-1\"; it can be a whole number "
       "from 0 to 36500"},
      {"GET", "nothing", "", 404,
       "nothing is here; there are: GET health, POST token, POST verify, POST "
       "faults, DELETE faults, GET requests, POST refresh_token, POST reset, "
       "GET clock, POST "
       "clock, GET switches, POST switches, GET tokens, GET served, POST "
       "seed, POST pull_request"},
  };
  for (const auto& row : rows) {
    const auto response =
        subject.Send(row.method, absl::StrCat("/_emulator/", row.what),
                     row.body, {{"X-Emulator-Admin", "1"}});
    EXPECT_EQ(response.status, row.status) << row.want;
    EXPECT_EQ(Subject::Text(subject.Json(response), "error"), row.want);
  }
}

TEST(Admin, SwitchesChangeAllOrNone) {
  Subject subject;
  subject.Send("POST", "/_emulator/switches", R"({"names":"html","year":"no"})",
               {{"X-Emulator-Admin", "1"}});
  EXPECT_EQ(Subject::Text(subject.Admin("GET", "switches"), "names"), "sent");
  EXPECT_EQ(Subject::Text(
                subject.Admin("POST", "switches", R"({"tenant_max_days":7})"),
                "tenant_max_days"),
            "7");
}

TEST(Admin, TheClockMoves) {
  Subject subject;
  const auto now = [](const boost::json::value& v) {
    return Subject::Text(v, "now");
  };
  EXPECT_EQ(now(subject.Admin("GET", "clock")), "2026-11-23T10:00:00Z");
  EXPECT_EQ(now(subject.Admin("POST", "clock", R"({"advance_seconds":90})")),
            "2026-11-23T10:01:30Z");
  EXPECT_EQ(
      now(subject.Admin("POST", "clock", R"({"now":"2027-01-01T00:00:00Z"})")),
      "2027-01-01T00:00:00Z");
  subject.now += absl::Seconds(1);
  EXPECT_EQ(now(subject.Admin("GET", "clock")), "2027-01-01T00:00:01Z");
}

TEST(Admin, VerifyTellsTheState) {
  Subject subject;
  const auto token = subject.Create(
      R"({"displayName":"a","scope":"vso.code","allOrgs":true})");
  const std::string id = Subject::Text(token, "authorizationId");
  const std::string body =
      absl::StrCat(R"({"token":")", Subject::Text(token, "token"), "\"}");
  const auto state = [&] {
    const auto answer = subject.Admin("POST", "verify", body);
    EXPECT_EQ(Subject::Text(answer, "authorizationId"), id);
    return Subject::Text(answer, "state");
  };
  EXPECT_EQ(state(), "active");
  subject.Set("global_pats", "dead");
  EXPECT_EQ(state(), "disabled");
  subject.now += absl::Hours(24 * 31);
  EXPECT_EQ(state(), "expired");
  subject.now -= absl::Hours(24 * 31);
  subject.Call("DELETE", "&authorizationId=" + id);
  EXPECT_EQ(state(), "revoked");
}

TEST(Admin, RequestsAreKeptWithoutSecrets) {
  Subject subject;
  const auto token =
      subject.Create(R"({"displayName":"a","scope":"vso.code"})");
  subject.Call("GET");
  const auto log = subject.Admin("GET", "requests");
  EXPECT_EQ(boost::json::serialize(log),
            R"({"connections_accepted":0,"counts":{"create":1,"list":1},)"
            R"("requests":[{"operation":"create","method":"POST","target":)"
            R"("/contoso/_apis/tokens/pats?api-version=7.2-preview.1",)"
            R"("status":200,"connection":0},{"operation":"list","method":)"
            R"("GET","target":"/contoso/_apis/tokens/pats?api-version=)"
            R"(7.2-preview.1","status":200,"connection":0}]})");
  for (int i = 0; i < 1100; ++i) subject.Call("GET");
  const auto more = subject.Admin("GET", "requests");
  EXPECT_EQ(more.at("requests").as_array().size(), 1000u);
  EXPECT_EQ(more.at("counts").at("list"), 1101);
}

TEST(Admin, WhatConsumersAreServed) {
  Subject subject;
  const auto served = [&] {
    return boost::json::serialize(subject.Admin("GET", "served"));
  };
  EXPECT_EQ(served(), R"({"vault":{},"groups":{}})");
  const std::string vault = subject.Token(
      R"({"user":"ada@contoso.example","audience":"https://vault.azure.net"})");
  const auto set = [&](const std::string& name, const std::string& rest) {
    const auto answer =
        subject.Send("PUT", absl::StrCat("/secrets/", name, "?api-version=7.4"),
                     absl::StrCat(R"({"value":")", name, "-1\"", rest, "}"),
                     {{"Authorization", "Bearer " + vault},
                      {"Content-Type", "application/json"}});
    EXPECT_EQ(answer.status, 200) << answer.body;
  };
  set("on", "");
  set("off", R"(,"attributes":{"enabled":false})");
  const std::string groups =
      subject.Token(R"({"user":"ada@contoso.example",)"
                    R"("scopes":["vso.variablegroups_manage"]})");
  const auto made = subject.Send(
      "POST", "/contoso/_apis/distributedtask/variablegroups?api-version=7.1",
      R"({"name":"g","type":"Vsts","variables":{)"
      R"("a":{"value":"x","isSecret":true},"b":{"value":"1"}},)"
      R"("variableGroupProjectReferences":[{"name":"g",)"
      R"("projectReference":{"id":"1","name":"Web"}}]})",
      {{"Authorization", "Bearer " + groups},
       {"Content-Type", "application/json"}});
  EXPECT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(served(),
            R"({"vault":{"on":"on-1"},"groups":{"web/g":{"a":"x"}}})");
}

TEST(Admin, SeedsAndTokens) {
  Subject subject;
  subject.Admin("POST", "seed",
                R"({"user":"Ada@contoso.example","organization":"Fabrikam",)"
                R"("count":2,"name":"n{i}","scope":"vso.work",)"
                R"("valid_days":-2})");
  const auto tokens = subject.Admin("GET", "tokens").at("tokens").as_array();
  ASSERT_EQ(tokens.size(), 2u);
  std::string dump;
  for (const auto& token : tokens) {
    EXPECT_TRUE(token.at("token").is_null());
    for (const char* key : {"displayName", "scope", "validFrom", "validTo",
                            "state", "user", "organization"}) {
      absl::StrAppend(&dump, Subject::Text(token, key), " ");
    }
  }
  EXPECT_EQ(dump,
            "n0 vso.work 2026-11-20T10:00:00Z 2026-11-21T10:00:00Z expired "
            "Ada@contoso.example fabrikam "
            "n1 vso.work 2026-11-20T10:00:00Z 2026-11-21T10:00:00Z expired "
            "Ada@contoso.example fabrikam ");
  // They are the same user's as ada's.
  subject.organization = "fabrikam";
  EXPECT_EQ(
      subject.Names(subject.Call("GET", "&displayFilterOption=all")).size(),
      2u);
  subject.Admin("POST", "seed", R"({"user":"bob","count":2,"name":"plain"})");
  subject.bearer = subject.Token(R"({"user":"bob"})");
  subject.organization = "contoso";
  EXPECT_EQ(subject.Names(subject.Call("GET")),
            (std::vector<std::string>{"plain-0", "plain-1"}));
}

TEST(Admin, ResetIsAsStarted) {
  Subject subject;
  subject.Make("a");
  subject.Set("names", "html");
  subject.Admin("POST", "clock", R"({"advance_seconds":60})");
  subject.Admin("POST", "faults", R"({"action":{"status":500},"count":0})");
  subject.Admin("POST", "reset");
  EXPECT_EQ(subject.Names(subject.Call("GET")).size(), 0u);
  EXPECT_EQ(Subject::Text(subject.Admin("GET", "switches"), "names"), "sent");
  EXPECT_EQ(Subject::Text(subject.Admin("GET", "clock"), "now"),
            "2026-11-23T10:00:00Z");
}

}  // namespace
}  // namespace patform::emulator
