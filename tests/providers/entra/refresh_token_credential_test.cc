#include "providers/entra/refresh_token_credential.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/fakes/fake_keeper.h"
#include "tests/providers/entra/signing_in.h"

namespace patform::entra {
namespace {

using Code = absl::StatusCode;

std::string Tokens(const std::string& access, const std::string& refresh,
                   int lifetime = 3600, const std::string& more = "") {
  return absl::StrCat(R"({"access_token":")", access, R"(","refresh_token":")",
                      refresh, R"(","expires_in":)", lifetime, more, "}");
}

class RefreshTokenTest : public testing::Test {
 protected:
  RefreshTokenTest() {
    keeper_.value = "R1";
    keeper_.written_at = world_.clock.Now() - absl::Hours(24);
    Make(AuthWith());
  }
  void Make(AuthConfig auth) {
    KeptPlace kept;
    kept.sink.name = "vault";
    kept.place.sink = "vault";
    kept.place.at = "sign-in";
    auth.kept_at = kept;
    Machine machine = world_.machine();
    machine.sinks = &sinks_;
    credential_ = std::make_unique<RefreshTokenCredential>(auth, machine,
                                                           std::move(proof_));
  }
  std::string Bearer() {
    const auto got = credential_->Bearer(world_.InAMinute());
    return got.ok() ? std::string(got->Reveal()) : got.status().ToString();
  }
  // The body of request `index`, without what is always the same.
  std::string Sent(size_t index) {
    std::string body = world_.server.exchanges().at(index).body;
    const size_t end = body.rfind("&refresh_token=");
    const size_t claims = body.find("&claims=");
    return (claims == std::string::npos
                ? ""
                : body.substr(claims + 1, end - claims - 1) + "&") +
           body.substr(end + 1);
  }
  std::string Log() {
    std::string text;
    for (const std::string& line : keeper_.log)
      absl::StrAppend(&text, line, "; ");
    return text;
  }
  SignedIn Described() {
    SignedIn user;
    credential_->Describe(user);
    return user;
  }
  absl::Time Now() { return world_.clock.Now(); }

  SigningIn world_;
  FakeKeeper keeper_;
  KeeperSinks sinks_{&keeper_};
  std::unique_ptr<ClientProof> proof_;
  std::unique_ptr<RefreshTokenCredential> credential_;
};

constexpr char kOnce[] = "read vault:sign-in; write vault:sign-in; ";

TEST_F(RefreshTokenTest, ExchangesAndWritesBack) {
  world_.server.Answer(200, Tokens("A1", "R2"));
  EXPECT_EQ(sinks_.opened, 0);
  EXPECT_EQ(Bearer(), "A1");
  EXPECT_EQ(Bearer(), "A1");
  EXPECT_EQ(Log(), kOnce);
  EXPECT_EQ(keeper_.value, "R2");
  EXPECT_EQ(
      world_.server.exchanges().at(0).body,
      "client_id=11111111-2222-3333-4444-555555555555&grant_type=refresh_token&"
      "scope=499b84ac-1321-427f-aa17-267ca6975798%2Fvso.pats%20"
      "499b84ac-1321-427f-aa17-267ca6975798%2Fvso.pats_manage%20"
      "offline_access%20openid%20profile&refresh_token=R1");
  EXPECT_EQ(Described().rests_until, Now() + absl::Hours(24 * 90));
  EXPECT_EQ(Described().rests_why,
            "the refresh token at vault:sign-in is good for 90d without use");
  EXPECT_EQ(Described().trouble, "");
}

TEST_F(RefreshTokenTest, RenewsFiveMinutesBeforeTheEnd) {
  world_.server.Answer(200, Tokens("A1", "R2"));
  world_.server.Answer(200, Tokens("A2", "R3"));
  EXPECT_EQ(Bearer(), "A1");
  world_.clock.Tick(absl::Minutes(54));
  EXPECT_EQ(Bearer(), "A1");
  world_.clock.Tick(absl::Minutes(1));
  EXPECT_EQ(Bearer(), "A2");
  EXPECT_EQ(Sent(1), "refresh_token=R2");
  EXPECT_EQ(keeper_.value, "R3");
}

// The write comes before the use: whoever is told a bearer finds its
// successor's token in the place.
TEST_F(RefreshTokenTest, OfManyThreadsOneExchanges) {
  world_.server.Answer(200, Tokens("A1", "R2"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this] {
      EXPECT_EQ(Bearer(), "A1");
      EXPECT_EQ(keeper_.value, "R2");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(world_.server.exchanges().size(), 1u);
}

TEST_F(RefreshTokenTest, ARefusedBearerIsRenewedOnceItIsNotYoung) {
  world_.server.Answer(200, Tokens("A1", "R2"));
  world_.server.Answer(200, Tokens("A2", "R3"));
  EXPECT_EQ(Bearer(), "A1");
  credential_->Refused(Secret("A1"));
  EXPECT_EQ(Bearer(), "A1");
  world_.clock.Tick(absl::Minutes(1));
  credential_->Refused(Secret("another"));
  EXPECT_EQ(Bearer(), "A1");
  credential_->Refused(Secret("A1"));
  EXPECT_EQ(Bearer(), "A2");
}

TEST_F(RefreshTokenTest, ClaimsGoBackToTheSignIn) {
  world_.server.Answer(200, Tokens("A1", "R2"));
  world_.server.Answer(200, Tokens("A2", "R3"));
  EXPECT_EQ(Bearer(), "A1");
  credential_->Challenged(Secret("A1"), R"({"a":1})");
  EXPECT_EQ(Bearer(), "A2");
  EXPECT_EQ(Sent(1), "claims=%7B%22a%22%3A1%7D&refresh_token=R2");
  // Of an old bearer: the new one is good.
  credential_->Challenged(Secret("A1"), R"({"a":1})");
  EXPECT_EQ(Bearer(), "A2");
}

constexpr char kNeedsAPerson[] =
    "UNAUTHENTICATED: signing in: the service asks for more than this sign-in "
    "proves, and exchanging it did not help. Sign in again: patform login "
    "--seed vault:sign-in";

TEST_F(RefreshTokenTest, ABearerThatWasChallengedIsNeverTriedAgain) {
  world_.server.Answer(200, Tokens("A1", "R2"));
  world_.server.Answer(200, Tokens("A1", "R3"));
  EXPECT_EQ(Bearer(), "A1");
  credential_->Challenged(Secret("A1"), "{}");
  EXPECT_EQ(Bearer(), kNeedsAPerson);
  EXPECT_EQ(Bearer(), kNeedsAPerson);
  // What was exchanged for it is kept all the same.
  EXPECT_EQ(keeper_.value, "R3");
  EXPECT_EQ(world_.server.left(), 0u);
}

TEST_F(RefreshTokenTest, TheSameClaimsAreAskedForOnce) {
  world_.server.Answer(200, Tokens("A1", "R2"));
  world_.server.Answer(200, Tokens("A2", "R3"));
  EXPECT_EQ(Bearer(), "A1");
  credential_->Challenged(Secret("A1"), "{}");
  EXPECT_EQ(Bearer(), "A2");
  credential_->Challenged(Secret("A2"), "{}");
  EXPECT_EQ(Bearer(), kNeedsAPerson);
}

TEST_F(RefreshTokenTest, WhatNeedsAPersonIsAskedOnce) {
  world_.server.Answer(400, R"({"error":"invalid_grant","error_description":)"
                            R"("AADSTS700082: idle"})");
  const std::string want =
      "UNAUTHENTICATED: signing in: the refresh token was not used for 90 days "
      "and has expired (invalid_grant, AADSTS700082). Sign in again: patform "
      "login --seed vault:sign-in";
  EXPECT_EQ(Bearer(), want);
  EXPECT_EQ(Bearer(), want);
  EXPECT_EQ(Log(), "read vault:sign-in; read vault:sign-in; ");
  EXPECT_EQ(keeper_.value, "R1");
}

TEST_F(RefreshTokenTest, WhatMayPassIsAskedAgain) {
  for (int i = 0; i < 6; ++i) world_.server.Answer(503, "");
  world_.server.Answer(200, Tokens("A1", "R2"));
  EXPECT_EQ(Bearer(),
            "UNAVAILABLE: signing in: the sign-in service is busy or asked too "
            "often (status 503). Run patform again in a few minutes");
  EXPECT_EQ(Bearer(), "A1");
}

TEST_F(RefreshTokenTest, AnEmptyPlaceIsToBeSeeded) {
  keeper_.value = "";
  EXPECT_EQ(Bearer(),
            "UNAUTHENTICATED: signing in: there is no refresh token at "
            "vault:sign-in. Sign in once to put one there: patform login "
            "--seed vault:sign-in");
  EXPECT_TRUE(world_.server.exchanges().empty());
}

TEST_F(RefreshTokenTest, APlaceThatCannotBeRead) {
  keeper_.read_fails = absl::PermissionDeniedError("no");
  EXPECT_EQ(Bearer(),
            "PERMISSION_DENIED: signing in with the refresh token: no");
}

// A stricter authority than Entra ends what was exchanged.
TEST_F(RefreshTokenTest, AnotherRunWasFasterToExchange) {
  world_.server.Answer(400, R"({"error":"invalid_grant"})");
  world_.server.Answer(200, Tokens("A1", "R3"));
  world_.server.Before(0, [this] { keeper_.WriteByAnother("R2"); });
  EXPECT_EQ(Bearer(), "A1");
  EXPECT_EQ(Sent(0), "refresh_token=R1");
  EXPECT_EQ(Sent(1), "refresh_token=R2");
  EXPECT_EQ(keeper_.value, "R3");
}

TEST_F(RefreshTokenTest, AnotherRunWasFasterToWrite) {
  world_.server.Answer(200, Tokens("A1", "R2"));
  world_.server.Before(0, [this] { keeper_.WriteByAnother("THEIRS"); });
  EXPECT_EQ(Bearer(), "A1");
  EXPECT_EQ(keeper_.value, "THEIRS");
  EXPECT_EQ(Described().trouble, "");
  EXPECT_EQ(Described().rests_until, Now() + absl::Hours(24 * 90));
}

TEST_F(RefreshTokenTest, WritesWhoseAnswerIsLost) {
  const struct {
    bool done_anyway;
    int lost;
    const char* log;
  } kCases[] = {
      {true, 1,
       "read vault:sign-in; write vault:sign-in; read vault:sign-in; "},
      {false, 1,
       "read vault:sign-in; write vault:sign-in; read vault:sign-in; write "
       "vault:sign-in; "},
  };
  for (const auto& c : kCases) {
    keeper_.value = "R1";
    keeper_.log.clear();
    keeper_.done_anyway = c.done_anyway;
    keeper_.writes_fail.assign(c.lost, absl::UnknownError("lost"));
    Make(AuthWith());
    world_.server.Answer(200, Tokens("A1", "R2"));
    EXPECT_EQ(Bearer(), "A1");
    EXPECT_EQ(Log(), c.log);
    EXPECT_EQ(keeper_.value, "R2");
    EXPECT_EQ(Described().trouble, "");
  }
}

// Entra leaves the old one good: the run goes on, and tells it.
TEST_F(RefreshTokenTest, AWriteThatFailsForGood) {
  keeper_.writes_fail = {absl::PermissionDeniedError("read-only")};
  world_.server.Answer(200, Tokens("A1", "R2"));
  EXPECT_EQ(Bearer(), "A1");
  EXPECT_EQ(keeper_.value, "R1");
  EXPECT_EQ(Described().trouble,
            "the new refresh token could not be written to vault:sign-in "
            "(read-only): the old one is still good, until its 90d are over");
  EXPECT_EQ(Described().rests_until, keeper_.written_at + absl::Hours(24 * 90));
}

// Another authority may have ended it.
TEST_F(RefreshTokenTest, AWriteThatFailsForGoodElsewhere) {
  world_.grants.hosts = {"idp.example"};
  Make(AuthWith({{"authority", "https://idp.example"}}));
  keeper_.writes_fail = {absl::PermissionDeniedError("read-only")};
  world_.server.Answer(200, Tokens("A1", "R2"));
  const std::string want =
      "FAILED_PRECONDITION: signing in: the new refresh token could not be "
      "written to vault:sign-in (read-only), and this authority may have ended "
      "the old one. Nothing else was done. Mend the place, then sign in again: "
      "patform login --seed vault:sign-in";
  EXPECT_EQ(Bearer(), want);
  EXPECT_EQ(Bearer(), want);
  EXPECT_EQ(world_.server.exchanges().size(), 1u);
}

TEST_F(RefreshTokenTest, AnAnswerWithoutANewOne) {
  world_.server.Answer(200, R"({"access_token":"A1","expires_in":3600})");
  EXPECT_EQ(Bearer(), "A1");
  EXPECT_EQ(Log(), "read vault:sign-in; ");
  EXPECT_EQ(Described().rests_until, keeper_.written_at + absl::Hours(24 * 90));
  keeper_.written_at = absl::InfinitePast();
  Make(AuthWith());
  world_.server.Answer(200, Tokens("A1", "R1"));
  EXPECT_EQ(Bearer(), "A1");
  EXPECT_EQ(Described().rests_until, absl::InfiniteFuture());
}

TEST_F(RefreshTokenTest, ALifetimeThatTheServiceSays) {
  world_.server.Answer(
      200, Tokens("A1", "R2", 3600, R"(,"refresh_token_expires_in":86400)"));
  EXPECT_EQ(Bearer(), "A1");
  EXPECT_EQ(Described().rests_until, Now() + absl::Hours(24));
  EXPECT_EQ(Described().rests_why,
            "the refresh token at vault:sign-in is good for 1d without use");
}

TEST_F(RefreshTokenTest, NothingIsSentToAHostOfTheConfigurations) {
  Make(AuthWith({{"authority", "https://evil.example"}}));
  EXPECT_EQ(Bearer(),
            "INVALID_ARGUMENT: [auth] `authority` is \"https://evil.example\", "
            "which is not one of Microsoft's sign-in hosts. Nothing was sent. "
            "If you trust it, allow it where patform is run: --allow-host "
            "HOST[:PORT] or PATFORM_ALLOW_HOSTS");
  EXPECT_TRUE(world_.server.exchanges().empty());
  EXPECT_EQ(Log(), "");
}

class FakeProof : public ClientProof {
 public:
  absl::Status AddTo(Form& form, const TokenEndpoint& endpoint,
                     Deadline) override {
    form.Add("client_assertion", endpoint.Address("token"));
    return absl::OkStatus();
  }
  absl::Time Ends() override { return absl::FromUnixSeconds(1'796'000'000); }
};

TEST_F(RefreshTokenTest, AConfidentialClientProvesWhoItIs) {
  proof_ = std::make_unique<FakeProof>();
  Make(AuthWith());
  world_.server.Answer(200, Tokens("A1", "R2"));
  EXPECT_EQ(Bearer(), "A1");
  EXPECT_NE(world_.server.exchanges().at(0).body.find(
                "&client_assertion=https%3A%2F%2Flogin.microsoftonline.com%2F"
                "contoso.example%2Foauth2%2Fv2.0%2Ftoken&refresh_token=R1"),
            std::string::npos);
  EXPECT_EQ(Described().rests_until, absl::FromUnixSeconds(1'796'000'000));
  EXPECT_EQ(Described().rests_why, "the certificate of the application ends");
}

// One refresh token serves every audience. Its successor is written before the
// access token is known to anybody, whichever audience that is for.
TEST_F(RefreshTokenTest, AnotherAudience) {
  const auto vault = [this] {
    const auto got =
        credential_->BearerFor("https://vault.azure.net", world_.InAMinute());
    return got.ok() ? std::string(got->Reveal()) : got.status().ToString();
  };
  world_.server.Answer(200, Tokens("A1", "R2"));
  world_.server.Answer(200, Tokens("V1", "R3"));
  world_.server.Answer(200, Tokens("V2", "R4"));
  EXPECT_EQ(Bearer(), "A1");
  EXPECT_EQ(vault(), "V1");
  EXPECT_EQ(vault(), "V1");
  EXPECT_EQ(Bearer(), "A1");
  EXPECT_EQ(keeper_.value, "R3");
  EXPECT_EQ(Log(), absl::StrCat(kOnce, kOnce));
  EXPECT_EQ(
      world_.server.exchanges().at(1).body,
      "client_id=11111111-2222-3333-4444-555555555555&grant_type=refresh_token&"
      "scope=https%3A%2F%2Fvault.azure.net%2F.default%20offline_access&"
      "refresh_token=R2");
  world_.clock.Tick(absl::Minutes(55));
  EXPECT_EQ(vault(), "V2");
  EXPECT_EQ(keeper_.value, "R4");
}

// An application without a consent for Key Vault signs in to Azure DevOps all
// the same, and is not asked for again and again.
TEST_F(RefreshTokenTest, AnotherAudienceThatIsRefused) {
  world_.server.Answer(400, R"({"error":"invalid_grant","error_description":)"
                            R"("AADSTS65001: no consent"})");
  world_.server.Answer(200, Tokens("A1", "R2"));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(
        credential_->BearerFor("https://vault.azure.net", world_.InAMinute())
            .status()
            .code(),
        Code::kUnauthenticated);
  }
  EXPECT_EQ(Bearer(), "A1");
  EXPECT_EQ(world_.server.left(), 0u);
}

TEST_F(RefreshTokenTest, AnotherAudienceIsNotUsedBeforeTheWrite) {
  keeper_.writes_fail = {absl::PermissionDeniedError("read-only")};
  AuthConfig auth = AuthWith({{"authority", "https://login.corp.example"}});
  world_.grants.hosts = {"login.corp.example"};
  Make(auth);
  world_.server.Answer(200, Tokens("V1", "R2"));
  EXPECT_EQ(
      credential_->BearerFor("https://vault.azure.net", world_.InAMinute())
          .status()
          .code(),
      Code::kFailedPrecondition);
}

}  // namespace
}  // namespace patform::entra
