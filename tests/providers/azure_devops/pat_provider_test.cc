#include "providers/azure_devops/pat_provider.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/base/strings.h"
#include "tests/fakes/fake_transport.h"

namespace patform::azure_devops {
namespace {

using Code = absl::StatusCode;

constexpr char kId[] = "4ab5405f-9d4f-4cc1-a4cb-a2a4a3ae3a85";
constexpr char kOtherId[] = "5ab5405f-9d4f-4cc1-a4cb-a2a4a3ae3a85";
constexpr char kFakeToken[] = "not-a-pat-0123456789";
constexpr char kListQuery[] =
    "displayFilterOption=active&sortByOption=displayName&isSortAscending=true&"
    "$top=100";
constexpr char kPats[] = "vssps.dev.azure.com/contoso/_apis/tokens/pats?";
constexpr char kVersion[] = "api-version=7.1-preview.1";

// Sleeping moves the time, nothing else does.
class StepClock : public Clock {
 public:
  absl::Time Now() override { return absl::FromUnixSeconds(1'795'000'000); }
  Deadline Monotonic() override { return now_; }
  bool SleepUntil(Deadline until) override {
    now_ = std::max(now_, until);
    return true;
  }

 private:
  Deadline now_{};
};

// Hands out the next of `bearers` after each refusal, the last one for ever.
class ListedBearers : public CredentialSource {
 public:
  explicit ListedBearers(std::vector<std::string> bearers)
      : bearers_(std::move(bearers)) {}
  absl::StatusOr<Secret> Bearer(Deadline) override {
    if (bearers_.empty()) return absl::UnauthenticatedError("sign in");
    return Secret(bearers_[0]);
  }
  void Refused(const Secret& bearer) override {
    refused.emplace_back(bearer.Reveal());
    if (bearers_.size() > 1) bearers_.erase(bearers_.begin());
  }
  void Challenged(const Secret& bearer, const std::string& claims) override {
    challenged.push_back(absl::StrCat(AbslView(bearer.Reveal()), " ", claims));
    Refused(bearer);
  }
  std::vector<std::string> refused;
  std::vector<std::string> challenged;

 private:
  std::vector<std::string> bearers_;
};

constexpr char kAccounts[] = "[\"x\"]";
constexpr char kBadCharacter[] = "a secret with a character that no token has";

std::string Quoted(const std::string& text) {
  return absl::StrCat("\"", text, "\"");
}

std::string Body(const std::string& id, const std::string& token,
                 const std::string& valid_to = "2026-12-24T00:00:00Z") {
  return absl::StrCat(
      "{\"patToken\":{\"displayName\":\"n\",\"validTo\":\"", valid_to,
      "\",\"scope\":\"vso.code\",\"targetAccounts\":[\"x\"],\"validFrom\":"
      "\"2026-11-01T00:00:00Z\",\"authorizationId\":\"",
      id, "\",\"token\":", token, "},\"patTokenError\":\"none\"}");
}

class PatProviderTest : public testing::Test {
 protected:
  Config MakeConfig() {
    Config config;
    config.organization = "contoso";
    config.credentials = &credentials_;
    config.new_transport = [this] { return server_.NewTransport(); };
    config.retry = &retry_;
    config.clock = &clock_;
    return config;
  }
  std::unique_ptr<TokenWriter> Make() {
    auto provider = MakeTokenWriter(MakeConfig());
    EXPECT_TRUE(provider.ok()) << provider.status();
    return *std::move(provider);
  }
  void TearDown() override {
    EXPECT_EQ(server_.left(), 0u) << "answers that nobody asked for";
  }
  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    for (const auto& exchange : server_.exchanges()) {
      lines.push_back(exchange.Line());
    }
    return lines;
  }
  static CreateRequest ACreate() {
    CreateRequest request;
    request.display_name = "n";
    request.scopes = ScopeSet::Parse("vso.code");
    request.valid_to = absl::FromUnixSeconds(1'797'000'000);
    return request;
  }
  static AuthorizationId Id() { return *AuthorizationId::Parse(kId); }

  static constexpr Deadline kLater{std::chrono::hours(1)};
  http::FakeServer server_;
  ListedBearers credentials_{{"bearer-one", "bearer-two"}};
  http::RetryState retry_{[] { return uint64_t{0}; }};
  StepClock clock_;
};

// A token's age is told by the service, whatever this machine's clock says:
// 1,795,000,000 is 2026-11-18T11:06:40Z.
TEST_F(PatProviderTest, TheServicesDateTellsHowFarItsClockIsAhead) {
  const struct {
    std::vector<http::Header> headers;
    std::optional<absl::Duration> ahead;
  } rows[] = {
      {{{"Date", "Wed, 18 Nov 2026 11:06:40 GMT"}}, absl::ZeroDuration()},
      {{{"date", "Wed, 18 Nov 2026 11:37:41 GMT"}},
       absl::Minutes(31) + absl::Seconds(1)},
      {{{"Date", "Wed, 18 Nov 2026 10:56:40 GMT"}}, -absl::Minutes(10)},
      {{}, std::nullopt},
      {{{"Date", ""}}, std::nullopt},
      {{{"Date", "2026-11-18T11:06:40Z"}}, std::nullopt},
      {{{"Date", "Wed, 18 Nov 2026 11:06:40"}}, std::nullopt},
      {{{"Date", "Wed, 31 Nov 2026 11:06:40 GMT"}}, std::nullopt},
      {{{"Date", "Wed, 18 Nov 2026 11:06:40 GMT; or later"}}, std::nullopt},
  };
  const auto reader = MakeTokenReader(MakeConfig());
  ASSERT_TRUE(reader.ok()) << reader.status();
  for (const auto& row : rows) {
    server_.Answer(200, "{\"continuationToken\":\"\",\"patTokens\":[]}",
                   row.headers);
    const auto page = (*reader)->List(TokenFilter::kActive, "", kLater);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->clock_ahead, row.ahead)
        << (row.headers.empty() ? "none" : row.headers[0].value);
  }
}

TEST_F(PatProviderTest, List) {
  server_.Answer(200, "{\"continuationToken\":\"a/b+c=\",\"patTokens\":[]}");
  server_.Answer(200, "{\"continuationToken\":\"\",\"patTokens\":[]}");
  Config config = MakeConfig();
  config.api_version = "7.2-preview.1";
  const auto reader = MakeTokenReader(config);
  ASSERT_TRUE(reader.ok());
  const auto page = (*reader)->List(TokenFilter::kActive, "", kLater);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->continuation, "a/b+c=");
  EXPECT_TRUE(
      (*reader)->List(TokenFilter::kRevoked, page->continuation, kLater).ok());
  EXPECT_EQ(
      Lines(),
      (std::vector<std::string>{
          absl::StrCat("GET ", kPats, kListQuery, "&api-version=7.2-preview.1"),
          absl::StrCat("GET ", kPats,
                       "displayFilterOption=revoked&sortByOption=displayName&"
                       "isSortAscending=true&$top=100&continuationToken=a%2Fb%"
                       "2Bc%3D&api-version=7.2-preview.1")}));
  const auto& first = server_.exchanges()[0];
  EXPECT_EQ(first.bearer, "bearer-one");
  EXPECT_EQ(first.body, "");
  EXPECT_EQ(first.content_type, "");
  std::string headers;
  for (const http::Header& header : first.headers) {
    absl::StrAppend(&headers, header.name, ": ", header.value, "\n");
  }
  EXPECT_EQ(headers,
            "Accept: application/json\nX-TFS-FedAuthRedirect: Suppress\n");
  EXPECT_EQ(server_.transports(), 1);
}

TEST_F(PatProviderTest, Get) {
  server_.Answer(200, Body(kId, "null"));
  server_.Answer(200, Body(kId, "null", "2026-11-02T00:00:00"));
  server_.Answer(200, Body(kOtherId, "null"));
  server_.Answer(200,
                 "{\"patToken\":null,\"patTokenError\":\"tokenNotFound\"}");
  const auto provider = Make();
  EXPECT_EQ(provider->Get(Id(), kLater)->state, TokenState::kActive);
  EXPECT_EQ(provider->Get(Id(), kLater)->state, TokenState::kExpired);
  const auto other = provider->Get(Id(), kLater);
  EXPECT_EQ(other.status().code(), Code::kDataLoss);
  EXPECT_EQ(other.status().message(),
            absl::StrCat("reading a token of organization \"contoso\": the "
                         "service was asked about the token ",
                         kId, " and answered about ", kOtherId,
                         ". The answer cannot be trusted; run patform "
                         "again."));
  EXPECT_EQ(provider->Get(Id(), kLater).status().code(), Code::kNotFound);
  EXPECT_EQ(Lines()[0], absl::StrCat("GET ", kPats, "authorizationId=", kId,
                                     "&", kVersion));
}

TEST_F(PatProviderTest, Create) {
  server_.Answer(200, Body(kId, absl::StrCat("\"", kFakeToken, "\"")));
  const auto minted = Make()->Create(ACreate(), kLater);
  ASSERT_TRUE(minted.ok()) << minted.status();
  EXPECT_EQ(minted->secret.Reveal(), kFakeToken);
  EXPECT_EQ(minted->token.id, Id());
  EXPECT_EQ(minted->token.state, TokenState::kActive);
  const auto& sent = server_.exchanges()[0];
  EXPECT_EQ(sent.Line(), absl::StrCat("POST ", kPats, kVersion));
  EXPECT_EQ(sent.content_type, "application/json");
  EXPECT_EQ(sent.body,
            "{\"displayName\":\"n\",\"scope\":\"vso.code\",\"validTo\":"
            "\"2026-12-11T14:40:00.000Z\",\"allOrgs\":false}");
}

TEST_F(PatProviderTest, ACreateIsNeverSentTwiceWhenItMayHaveBeenDone) {
  constexpr char kMayExist[] =
      "The token may exist: patform looks for it, by its mark, before it makes "
      "another.";
  const struct {
    const char* name;
    std::function<void(http::FakeServer&)> answer;
  } rows[] = {
      {"lost", [](auto& s) { s.Fail(absl::UnknownError("cut")); }},
      {"too large",
       [](auto& s) { s.Fail(absl::ResourceExhaustedError("large")); }},
      {"no HTTP", [](auto& s) { s.Fail(absl::DataLossError("noise")); }},
      {"500", [](auto& s) { s.Answer(500, ""); }},
      {"502", [](auto& s) { s.Answer(502, "<html>", {}); }},
      {"503 alone", [](auto& s) { s.Answer(503, ""); }},
      {"504", [](auto& s) { s.Answer(504, ""); }},
      {"empty", [](auto& s) { s.Answer(200, ""); }},
      {"no JSON", [](auto& s) { s.Answer(200, "ok", {}); }},
      {"cut JSON",
       [](auto& s) { s.Answer(200, "{\"patToken\":{\"displayName\""); }},
      {"no validTo", [](auto& s) { s.Answer(200, Body(kId, "\"x\"", "?")); }},
  };
  const auto provider = Make();
  size_t sent = 0;
  for (const auto& row : rows) {
    row.answer(server_);
    const auto minted = provider->Create(ACreate(), kLater);
    EXPECT_EQ(minted.status().code(), Code::kUnknown)
        << row.name << ": " << minted.status();
    EXPECT_TRUE(absl::StrContains(minted.status().message(), kMayExist))
        << row.name << ": " << minted.status();
    EXPECT_EQ(server_.exchanges().size(), ++sent) << row.name;
  }
}

TEST_F(PatProviderTest, CreateWithoutAToken) {
  server_.Answer(200, "{\"patToken\":null,\"patTokenError\":\"none\"}");
  EXPECT_EQ(Make()->Create(ACreate(), kLater).status().code(), Code::kUnknown);
}

// What cannot be a secret does not leave the provider; what is wrong does.
TEST_F(PatProviderTest, CreateWithASecretThatIsNone) {
  const struct {
    std::string secret;
    std::string flaw;
  } rows[] = {
      {"null", "no secret"},
      {"7", "no secret"},
      {"\"\"", "no secret"},
      {"\"x\"", "a secret of 1 byte, where a token has 52 or 84"},
      {Quoted(std::string(19, 'a')),
       "a secret of 19 bytes, where a token has 52 or 84"},
      {Quoted(std::string(20, 'a')), ""},
      {Quoted(std::string(1000, 'a')), ""},
      {Quoted(std::string(1001, 'a')),
       "a secret of 1001 bytes, where a token has 52 or 84"},
      {Quoted(std::string(10'000'000, 'a')),
       "a secret of 10000000 bytes, where a token has 52 or 84"},
      {Quoted(std::string(52, 'a') + "-._~+/="), ""},
      {Quoted(std::string(52, 'a') + "\\u0000"), kBadCharacter},
      {Quoted(std::string(52, 'a') + "\\r"), kBadCharacter},
      {Quoted(std::string(52, 'a') + "\\n"), kBadCharacter},
      {Quoted(std::string(52, 'a') + " "), kBadCharacter},
      {Quoted(std::string(52, 'a') + "\\\""), kBadCharacter},
      {Quoted(std::string(52, 'a') + "$(id)"), kBadCharacter},
      {Quoted(std::string(52, 'a') + "\u00e9"), kBadCharacter},
  };
  const auto provider = Make();
  for (const auto& row : rows) {
    server_.Answer(200, Body(kId, row.secret));
    const auto minted = provider->Create(ACreate(), kLater);
    ASSERT_TRUE(minted.ok()) << minted.status();
    EXPECT_EQ(minted->flaw, row.flaw) << row.secret.substr(0, 80);
    EXPECT_EQ(minted->secret.empty(), !row.flaw.empty());
    EXPECT_EQ(minted->token.id, Id());
  }
}

// Whoever may read the places would have what made the token.
TEST_F(PatProviderTest, CreateAnsweredWithTheBearer) {
  const std::string bearer(60, 'b');
  ListedBearers credentials({bearer});
  Config config = MakeConfig();
  config.credentials = &credentials;
  const auto made = MakeTokenWriter(config);
  ASSERT_TRUE(made.ok()) << made.status();
  const auto& provider = *made;
  for (const std::string& secret :
       {bearer, "x" + bearer, "b\\u0062" + bearer.substr(2)}) {
    server_.Answer(200, Body(kId, Quoted(secret)));
    const auto minted = provider->Create(ACreate(), kLater);
    ASSERT_TRUE(minted.ok()) << minted.status();
    EXPECT_EQ(minted->flaw,
              "the access token of this run in the place of a secret");
    EXPECT_TRUE(minted->secret.empty());
    EXPECT_EQ(minted->token.id, Id());
  }
}

TEST_F(PatProviderTest, CreateForMoreOrganizationsThanOne) {
  std::string body = Body(kId, absl::StrCat("\"", kFakeToken, "\""));
  absl::StrReplaceAll(
      {{kAccounts, absl::StrCat("[\"", kId, "\",\"", kOtherId, "\"]")}}, &body);
  server_.Answer(200, body);
  const auto minted = Make()->Create(ACreate(), kLater);
  ASSERT_TRUE(minted.ok()) << minted.status();
  EXPECT_EQ(minted->flaw, "valid in 2 organizations instead of in one");
}

// Which of the two would count hangs on who reads it.
TEST_F(PatProviderTest, CreateAnsweredWithAMemberTwice) {
  const std::string good = Body(kId, absl::StrCat("\"", kFakeToken, "\""));
  for (const char* twin :
       {"{\"patToken\":null,", "{\"patTokenError\":\"none\",",
        "{\"pat\\u0054oken\":{},", "{\"other\":1,\"other\":1,"}) {
    server_.Answer(200, twin + good.substr(1));
    const auto minted = Make()->Create(ACreate(), kLater);
    EXPECT_EQ(minted.status().code(), Code::kUnknown) << twin;
    EXPECT_TRUE(absl::StrContains(minted.status().message(),
                                  "the answer has a member twice"))
        << minted.status();
  }
}

TEST_F(PatProviderTest, ACreateThatWasNotSentIsSentAgain) {
  server_.Fail(absl::UnavailableError("no route"));
  server_.Answer(200, Body(kId, absl::StrCat("\"", kFakeToken, "\"")));
  EXPECT_TRUE(Make()->Create(ACreate(), kLater).ok());
  EXPECT_EQ(server_.exchanges().size(), 2u);
}

// Whatever the answer says was not done may have been done.
TEST_F(PatProviderTest, ACreateThatWasAnsweredIsNotSentAgain) {
  const struct {
    int status;
    std::string body;
    Code want;
  } rows[] = {
      {429, "", Code::kResourceExhausted},
      // The other bearer is for the next request.
      {401, "", Code::kAborted},
      {203, "<html>", Code::kUnauthenticated},
      {302, "", Code::kUnauthenticated},
      {200, "<html>", Code::kUnauthenticated},
  };
  const auto provider = Make();
  size_t sent = 0;
  for (const auto& row : rows) {
    server_.Answer(row.status, row.body, {{"Retry-After", "3"}});
    EXPECT_EQ(provider->Create(ACreate(), kLater).status().code(), row.want)
        << row.status;
    EXPECT_EQ(server_.exchanges().size(), ++sent) << row.status;
  }
  EXPECT_EQ(server_.exchanges()[1].bearer, "bearer-one");
  EXPECT_EQ(server_.exchanges()[2].bearer, "bearer-two");
}

TEST_F(PatProviderTest, ACreateThatABusyServiceMayHaveDoneIsNotSentAgain) {
  server_.Answer(503, "", {{"Retry-After", "3"}});
  EXPECT_EQ(Make()->Create(ACreate(), kLater).status().code(), Code::kUnknown);
  EXPECT_EQ(server_.exchanges().size(), 1u);
}

TEST_F(PatProviderTest, NoScopesAreNeverSent) {
  CreateRequest create = ACreate();
  create.scopes = {};
  UpdateRequest update;
  update.scopes = ScopeSet();
  const auto provider = Make();
  const absl::Status status = provider->Create(create, kLater).status();
  EXPECT_EQ(status.code(), Code::kInternal);
  EXPECT_EQ(status.message(),
            "patform was about to ask for a token without scopes, which the "
            "service takes for full access. Nothing was sent. That is a defect "
            "of patform: please report it.");
  EXPECT_EQ(provider->Update(update, kLater).status(), status);
  EXPECT_TRUE(server_.exchanges().empty());
}

TEST_F(PatProviderTest, Update) {
  server_.Answer(503, "");
  server_.Answer(200, Body(kId, "null"));
  server_.Answer(200, Body(kOtherId, "null"));
  server_.Answer(200, "{}");
  UpdateRequest update;
  update.id = Id();
  update.valid_to = absl::FromUnixSeconds(1'797'000'000);
  const auto provider = Make();
  EXPECT_TRUE(provider->Update(update, kLater).ok());
  EXPECT_EQ(server_.exchanges()[1].Line(),
            absl::StrCat("PUT ", kPats, kVersion));
  EXPECT_EQ(server_.exchanges()[1].body,
            absl::StrCat("{\"authorizationId\":\"", kId,
                         "\",\"validTo\":\"2026-12-11T14:40:00.000Z\"}"));
  EXPECT_EQ(provider->Update(update, kLater).status().code(), Code::kUnknown);
  EXPECT_EQ(provider->Update(update, kLater).status().message(),
            "changing a token in organization \"contoso\": the answer is not a "
            "result (no patTokenError). The answer cannot be trusted and "
            "nothing more was done with it; if this persists, the API has "
            "changed and a newer patform is needed. It may have been done: "
            "patform looks again before it acts.");
}

TEST_F(PatProviderTest, Revoke) {
  const auto provider = Make();
  const struct {
    int status;
    std::string body;
    Code want;
  } rows[] = {
      {204, "", Code::kOk},
      {200, "", Code::kOk},
      {200, "{}", Code::kOk},
      {202, "null", Code::kOk},
      {200, "{\"patTokenError\":\"none\",\"patToken\":null}", Code::kOk},
      {200, "{\"patTokenError\":\"accessDenied\"}", Code::kPermissionDenied},
      {203, "", Code::kUnauthenticated},
      {404, "{\"typeKey\":\"SessionTokenNotFoundException\",\"message\":\"m\"}",
       Code::kNotFound},
      {500, "{\"typeKey\":\"SessionTokenNotFoundException\",\"message\":\"m\"}",
       Code::kNotFound},
      {404, "", Code::kPermissionDenied},
  };
  for (const auto& row : rows) {
    server_.Answer(row.status, row.body);
    // The sign-in page is answered with the other bearer.
    if (row.status == 203) server_.Answer(203, "");
    EXPECT_EQ(provider->Revoke(Id(), kLater).code(), row.want)
        << row.status << " " << row.body;
  }
  EXPECT_EQ(Lines()[0], absl::StrCat("DELETE ", kPats, "authorizationId=", kId,
                                     "&", kVersion));
}

// Of the whole list, not of one request.
TEST_F(PatProviderTest, TheTimeForTheListIsUp) {
  server_.Fail(absl::DeadlineExceededError("no whole answer within 2s"));
  const auto page =
      Make()->List(TokenFilter::kActive, "next", clock_.Monotonic());
  EXPECT_EQ(page.status().code(), Code::kDeadlineExceeded);
  EXPECT_EQ(page.status().message(),
            "listing the tokens of organization \"contoso\": the time for the "
            "whole list is up and it has not come to its end: the service "
            "answers too slowly. Nothing was changed; try again later");
}

// Continuous access evaluation: what lacks claims lacks them next time, too.
TEST_F(PatProviderTest, ABearerThatLacksClaimsIsNotSentAgain) {
  const std::vector<http::Header> challenge = {
      {"WWW-Authenticate",
       "Bearer error=\"insufficient_claims\", claims=\"eyJhIjp7fX0=\""}};
  server_.Answer(401, "", challenge);  // bearer-one
  server_.Answer(401, "", challenge);  // bearer-two
  const auto provider = Make();
  for (int i = 0; i < 3; ++i) {
    const auto page = provider->List(TokenFilter::kActive, "", kLater);
    EXPECT_EQ(page.status().code(), Code::kUnauthenticated);
    EXPECT_TRUE(absl::StrContains(page.status().message(), "{\"a\":{}}"))
        << page.status();
  }
  EXPECT_EQ(server_.exchanges().size(), 2u);
  // What is asked for goes back to the sign-in.
  ASSERT_GE(credentials_.challenged.size(), 2u);
  EXPECT_EQ(credentials_.challenged[0], "bearer-one {\"a\":{}}");
  EXPECT_EQ(credentials_.challenged[1], "bearer-two {\"a\":{}}");
}

TEST_F(PatProviderTest, ANewBearerThatMeetsTheClaims) {
  server_.Answer(401, "",
                 {{"WWW-Authenticate",
                   "Bearer error=\"insufficient_claims\", "
                   "claims=\"eyJhIjp7fX0=\""}});
  server_.Answer(200, "{\"patTokens\":[]}");
  EXPECT_TRUE(Make()->List(TokenFilter::kActive, "", kLater).ok());
  EXPECT_EQ(server_.exchanges()[1].bearer, "bearer-two");
  EXPECT_EQ(credentials_.challenged,
            std::vector<std::string>{"bearer-one {\"a\":{}}"});
}

TEST_F(PatProviderTest, ARefusedBearerIsReplacedOnce) {
  server_.Answer(401, "");
  server_.Answer(200, "{\"patTokens\":[]}");
  server_.Answer(401, "");
  const auto provider = Make();
  EXPECT_TRUE(provider->List(TokenFilter::kActive, "", kLater).ok());
  EXPECT_EQ(server_.exchanges()[0].bearer, "bearer-one");
  EXPECT_EQ(server_.exchanges()[1].bearer, "bearer-two");
  // No other is to be had: nothing is gained by sending again.
  const auto refused = provider->Create(ACreate(), kLater);
  EXPECT_EQ(refused.status().code(), Code::kUnauthenticated);
  EXPECT_EQ(refused.status().message(),
            "creating a token in organization \"contoso\": what was sent does "
            "not look like a Microsoft Entra access token, and nothing else "
            "(such as a PAT) is accepted here; the service answered 401. Get "
            "one: az account get-access-token --resource "
            "499b84ac-1321-427f-aa17-267ca6975798 --query accessToken -o tsv");
  EXPECT_EQ(credentials_.refused,
            (std::vector<std::string>{"bearer-one", "bearer-two"}));
}

TEST_F(PatProviderTest, WithoutABearerNothingIsSent) {
  ListedBearers none({});
  Config config = MakeConfig();
  config.credentials = &none;
  const auto provider = MakeTokenWriter(config);
  EXPECT_EQ((*provider)->Revoke(Id(), kLater).message(), "sign in");
  EXPECT_TRUE(server_.exchanges().empty());
}

TEST_F(PatProviderTest, ALostAnswerToAQuestionIsAskedAgain) {
  for (int i = 0; i < http::kMaxTries; ++i) {
    server_.Fail(absl::UnknownError("cut"));
  }
  const auto page = Make()->List(TokenFilter::kActive, "", kLater);
  EXPECT_EQ(page.status().code(), Code::kUnavailable);
  EXPECT_EQ(page.status().message(),
            "listing the tokens of organization \"contoso\": tried 6 times, "
            "the last time: cut");
}

TEST_F(PatProviderTest, ForeignHostsAreRefusedBeforeAnythingIsSent) {
  const struct {
    const char* url;
    std::vector<std::string> allowed;
    std::string shown;  // "": allowed
  } rows[] = {
      {"https://vssps.dev.azure.com", {}, ""},
      {"https://VSSPS.dev.azure.com:443/", {}, ""},
      {"https://127.0.0.1:8443", {"127.0.0.1:8443"}, ""},
      {"http://localhost:8080/base", {"LOCALHOST:8080"}, ""},
      {"http://localhost:8080/base", {"localhost"}, "localhost:8080"},
      {"https://ado.contoso.example", {"ado.contoso.example:443"}, ""},
      {"https://vssps.dev.azure.com:444", {}, "vssps.dev.azure.com:444"},
      {"https://vssps.dev.azure.com.evil.example",
       {},
       "vssps.dev.azure.com.evil.example"},
      {"https://dev.azure.com", {}, "dev.azure.com"},
      {"https://127.0.0.1", {}, "127.0.0.1"},
      {"http://localhost:8080", {"localhost:8081"}, "localhost:8080"},
  };
  for (const auto& row : rows) {
    Config config = MakeConfig();
    config.base_url = row.url;
    config.allow_hosts = row.allowed;
    const auto provider = MakeTokenWriter(config);
    EXPECT_EQ(MakeTokenReader(config).status(), provider.status());
    if (row.shown.empty()) {
      EXPECT_TRUE(provider.ok()) << row.url << provider.status();
      continue;
    }
    EXPECT_EQ(provider.status().code(), Code::kInvalidArgument);
    EXPECT_EQ(
        provider.status().message(),
        absl::StrCat("the address ", row.shown,
                     " is not Azure DevOps (https://vssps.dev.azure.com), and "
                     "a sign-in sent there could be used against you. Nothing "
                     "was sent. If you trust it, name it on the command line "
                     "(--service-url) or in PATFORM_SERVICE_URL."));
  }
  EXPECT_TRUE(server_.exchanges().empty());
}

TEST_F(PatProviderTest, OrganizationsAndVersionsAreChecked) {
  for (const char* name : {"", "..", ".", "a/b", "a b", "a\r\nb", "a?b", "ä"}) {
    Config config = MakeConfig();
    config.organization = name;
    EXPECT_EQ(MakeTokenWriter(config).status().code(), Code::kInvalidArgument)
        << name;
  }
  Config config = MakeConfig();
  config.organization = "a\nb";
  EXPECT_EQ(MakeTokenWriter(config).status().message(),
            "\"a\\nb\" cannot be the name of an organization. Write the name "
            "as it is in https://dev.azure.com/NAME.");
  config = MakeConfig();
  config.api_version = "7.1";
  EXPECT_EQ(MakeTokenWriter(config).status().message(),
            "\"7.1\" is not a version of the PAT API that patform knows. Use "
            "7.1-preview.1 or 7.2-preview.1.");
}

TEST_F(PatProviderTest, ThreadsDoNotShareATransportAtTheSameTime) {
  constexpr int kThreads = 4;
  for (int i = 0; i < kThreads * 10; ++i) {
    server_.Answer(200, "{\"patTokens\":[]}");
  }
  const auto provider = Make();
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10; ++n) {
        EXPECT_TRUE(provider->List(TokenFilter::kActive, "", kLater).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(server_.transports(), kThreads);
}

// What went out and came in holds secrets; what people read does not.
TEST_F(PatProviderTest, NoErrorHoldsASecret) {
  const std::string leak = absl::StrCat("{\"patToken\":{\"token\":\"",
                                        kFakeToken, "\"},\"patTokenError\":");
  server_.Answer(200, leak + "\"none\"}");
  server_.Answer(200, leak + "\"accessDenied\"}");
  server_.Answer(200, absl::StrCat("{\"token\":\"", kFakeToken, "\"}"));
  server_.Answer(500, absl::StrCat("oops ", kFakeToken), {});
  server_.Answer(403, absl::StrCat("<p>bearer-one ", kFakeToken), {});
  const auto provider = Make();
  for (int i = 0; i < 5; ++i) {
    const absl::Status status = provider->Create(ACreate(), kLater).status();
    EXPECT_FALSE(status.ok());
    EXPECT_FALSE(absl::StrContains(status.ToString(), kFakeToken)) << status;
    EXPECT_FALSE(absl::StrContains(status.ToString(), "bearer-one")) << status;
  }
}

// Whatever answers with a sign-in page may have passed the create on.
TEST_F(PatProviderTest, ACreateIsNotSentAgainAfterASignInPage) {
  const struct {
    int status;
    std::vector<http::Header> headers;
  } rows[] = {{203, {}},
              {302, {{"Location", "https://login.example/"}}},
              {200, {{"Content-Type", "text/html"}}}};
  size_t sent = 0;
  for (const auto& row : rows) {
    server_.Answer(row.status, "<html>", row.headers);
    EXPECT_FALSE(Make()->Create(ACreate(), kLater).ok());
    EXPECT_EQ(server_.exchanges().size(), ++sent) << row.status;
    EXPECT_EQ(server_.left(), 0u);
  }
}

}  // namespace
}  // namespace patform::azure_devops
