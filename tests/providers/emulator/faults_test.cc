#include "providers/emulator/faults.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "tests/providers/emulator/testing.h"

namespace patform::emulator {
namespace {

using Fate = http::ServerResponse::Fate;

void AddFault(Subject& subject, const std::string& operation,
              const std::string& action, int nth = 1, int count = 1) {
  subject.Admin(
      "POST", "faults",
      absl::StrCat(R"({"operation":")", operation, R"(","nth":)", nth,
                   R"(,"count":)", count, R"(,"action":)", action, "}"));
}

TEST(Faults, EveryNamedError) {
  ASSERT_EQ(PatTokenErrors().size(), 37u);
  for (const std::string& error : PatTokenErrors()) {
    if (error == "none") continue;
    Subject subject;
    AddFault(subject, "create", R"({"pat_token_error":")" + error + "\"}");
    const std::string body = R"({"displayName":"a","scope":"vso.code"})";
    EXPECT_EQ(
        subject.Call("POST", "", body).body,
        absl::StrCat(
            R"({"patToken":null,"patTokenError":")", error,
            R"(","patTokenErrorMessage":"A fault asked for this answer."})"));
    EXPECT_EQ(subject.Names(subject.Call("GET")).size(), 0u);
    EXPECT_EQ(subject.Error(subject.Call("POST", "", body)), "none");
  }
}

TEST(Faults, WhatIsAnsweredAndWhatIsDone) {
  const struct {
    const char* action;
    int status;
    Fate fate;
    bool done;
  } rows[] = {
      {R"({"status":503})", 503, Fate::kAnswer, false},
      {R"({"status":500,"after":true})", 500, Fate::kAnswer, true},
      {R"({"body":"{}"})", 200, Fate::kAnswer, false},
      {R"({"html":true})", 203, Fate::kAnswer, false},
      {R"({"cut_before":true})", 200, Fate::kCutBefore, false},
      {R"({"cut_after":true})", 200, Fate::kCutBefore, true},
      {R"("cut_after")", 200, Fate::kCutBefore, true},
      {R"({"garbage":true})", 200, Fate::kAnswer, true},
      {R"({"slow_drip":true})", 200, Fate::kSlowDrip, true},
      {R"({"latency_ms":5})", 200, Fate::kAnswer, true},
  };
  for (const auto& row : rows) {
    Subject subject;
    AddFault(subject, "create", row.action);
    const auto response =
        subject.Call("POST", "", R"({"displayName":"a","scope":"vso.code"})");
    EXPECT_EQ(response.status, row.status) << row.action;
    EXPECT_EQ(response.fate, row.fate) << row.action;
    EXPECT_EQ(subject.Names(subject.Call("GET")).size(), row.done ? 1u : 0u)
        << row.action;
  }
}

TEST(Faults, StatusWithHeaders) {
  Subject subject;
  AddFault(subject, "list",
           R"({"status":429,"headers":{"Retry-After":"1","content-type":)"
           R"("text/plain"},"body":"slow down","latency_ms":40})");
  const auto response = subject.Call("GET");
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.body, "slow down");
  EXPECT_EQ(response.delay.count(), 40);
  EXPECT_EQ(response.headers,
            (http::ServerHeaders{{"Cache-Control", "no-cache, no-store"},
                                 {"Retry-After", "1"},
                                 {"content-type", "text/plain"},
                                 {"Date", "Mon, 23 Nov 2026 10:00:00 GMT"}}));
}

TEST(Faults, ALieChangesMembersOfTheAnswerAlone) {
  Subject subject;
  AddFault(subject, "create",
           R"({"lie":{"scope":"app_token","token_length":3,"other":null}})");
  const auto response =
      subject.Call("POST", "", R"({"displayName":"a","scope":"vso.code"})");
  for (const char* part : {R"("scope":"app_token")", R"("token":"aaa")",
                           R"("other":null)", R"("displayName":"a")"}) {
    EXPECT_TRUE(absl::StrContains(response.body, part)) << response.body;
  }
  EXPECT_TRUE(
      absl::StrContains(subject.Call("GET").body, R"("scope":"vso.code")"));
}

TEST(Faults, CountCallsOfTheirOperation) {
  Subject subject;
  AddFault(subject, "list", R"({"status":503})", 2, 2);
  const auto statuses = [&](int calls) {
    std::string all;
    for (int i = 0; i < calls; ++i) {
      subject.Call("POST", "", "{}");  // another operation
      absl::StrAppend(&all, subject.Call("GET").status, " ");
    }
    return all;
  };
  EXPECT_EQ(statuses(5), "200 503 503 200 200 ");
  AddFault(subject, "any", R"({"status":500})", 1, 0);
  EXPECT_EQ(statuses(2), "500 500 ");
  subject.Admin("DELETE", "faults");
  EXPECT_EQ(statuses(1), "200 ");
  AddFault(subject, "list", R"({"status":500})", 1, 0);
  subject.Admin("POST", "faults", R"({"clear":true})");
  EXPECT_EQ(statuses(1), "200 ");
}

TEST(Faults, AListThatLags) {
  Subject subject;
  for (const char* name : {"c", "b", "a"}) subject.Make(name);
  AddFault(subject, "list", R"({"list_omit":2})");
  EXPECT_EQ(subject.Names(subject.Call("GET")), std::vector<std::string>{"c"});
  EXPECT_EQ(subject.Names(subject.Call("GET")).size(), 3u);
}

// Just before a call, and that call sees it.
TEST(Faults, SomebodyElseIsAtWork) {
  Subject subject;
  for (const char* name : {"ab", "aa", "b"}) subject.Make(name);
  AddFault(subject, "list", R"({"revoke_named":"a","make_named":"c"})", 2);
  EXPECT_EQ(subject.Names(subject.Call("GET")),
            (std::vector<std::string>{"aa", "ab", "b"}));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(subject.Names(subject.Call("GET")),
              (std::vector<std::string>{"b", "c"}));
  }
  EXPECT_EQ(subject.Names(subject.Call("GET", "&displayFilterOption=revoked")),
            (std::vector<std::string>{"aa", "ab"}));
}

TEST(Faults, TheClockGoesOn) {
  Subject subject;
  AddFault(subject, "list", R"({"advance_seconds":86400})");
  EXPECT_EQ(subject.Call("GET").status, 302);  // the bearer has expired
  EXPECT_EQ(subject.Text(subject.Admin("GET", "clock"), "now"),
            "2026-11-24T10:00:00Z");
}

// As continuous access evaluation has it: the bearer has not expired, and what
// it lacks is named. One that is valid since then is let in.
TEST(Faults, SessionsEnd) {
  Subject subject;
  const std::string old = subject.bearer;
  subject.now += absl::Seconds(60);
  AddFault(subject, "create", R"({"end_sessions":true})", 2);
  const std::string body = R"({"displayName":"a","scope":"vso.code"})";
  EXPECT_EQ(subject.Call("POST", "", body).status, 200);
  EXPECT_EQ(subject.Call("GET").status, 200);
  for (const char* method : {"POST", "GET"}) {
    const auto refusal = subject.Call(method, "", body);
    EXPECT_EQ(refusal.status, 401);
    EXPECT_EQ(refusal.headers[2].second,
              "Bearer realm=\"\", authorization_uri=\"https://login."
              "microsoftonline.com/common/oauth2/authorize\", "
              "error=\"insufficient_claims\", claims=\"" +
                  absl::Base64Escape(
                      R"({"access_token":{"nbf":{"essential":true,"value":)"
                      R"("1795428060"}}})") +
                  "\"");
  }
  subject.bearer = subject.Token(R"({"user":"ada@contoso.example"})");
  EXPECT_EQ(subject.Names(subject.Call("GET")).size(), 1u);
  subject.Admin("POST", "reset");
  subject.bearer = old;
  EXPECT_EQ(subject.Call("GET").status, 200);
}

TEST(Faults, MistakesAreSaid) {
  const struct {
    const char* json;
    const char* want;
  } rows[] = {
      {"[]", "a fault is a JSON object"},
      {"{}", "a fault needs an \"action\""},
      {R"({"operation":"lst","action":{}})",
       "a fault's \"operation\" is one of list, get, create, update, revoke, "
       "any, comment_list, comment_post, comment_edit, comment_remove, "
       "status_list, status_set, sign_in, vault_list, vault_versions, "
       "vault_get, vault_set, vault_update, vault_delete, "
       "vault_list_deleted, vault_get_deleted, vault_recover, vault_purge, "
       "group_list, group_get, group_post, group_put, group_remove"},
      {R"({"nth":0,"action":{}})",
       "a fault's \"nth\" is a whole number from 1 to 1000000"},
      {R"({"action":{"status":99}})",
       "a fault's \"status\" is a whole number from 200 to 599"},
      {R"({"action":{"html":1}})", "a fault's \"html\" is true or false"},
      {R"({"action":{"headers":[]}})",
       "a fault's \"headers\" is an object of strings"},
      {R"({"action":"explode"})",
       "a fault has no action \"explode\"; there are: latency_ms, status, "
       "body, headers, after, pat_token_error, html, cut_before, cut_after, "
       "garbage, slow_drip, lie, list_omit, advance_seconds, end_sessions, "
       "revoke_named, make_named"},
      {R"({"action":{"revoke_named":1}})",
       "a fault's \"revoke_named\" is a string"},
      {R"({"action":{"advance_seconds":0}})",
       "a fault's \"advance_seconds\" is a whole number from 1 to "
       "31536000"},
      {R"({"acton":{}})",
       "a fault has no member \"acton\"; there are: operation, organization, "
       "nth, count, action"},
  };
  for (const auto& row : rows) {
    const auto rule = ParseFaultRule(row.json);
    ASSERT_FALSE(rule.ok()) << row.json;
    EXPECT_EQ(StdView(rule.status().message()), row.want) << row.json;
  }
}

}  // namespace
}  // namespace patform::emulator
