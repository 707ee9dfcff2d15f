#include "providers/entra/sign_in_credential.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/providers/entra/keeping.h"
#include "tests/providers/entra/signing_in.h"

namespace patform::entra {
namespace {

class SignInCredentialTest : public testing::Test {
 protected:
  void SetUp() override { Restart(); }
  // A new run on the same machine.
  void Restart() {
    credential_ = std::make_unique<SignInCredential>(auth_, WholeMachine());
  }
  Machine WholeMachine() {
    Machine machine = world_.machine();
    machine.state_files = &files_;
    machine.programs = &programs_;
    return machine;
  }
  TokenCache Cache() {
    return *TokenCache::Of(auth_, RegistrationOfTests(), WholeMachine());
  }
  void Keep(const std::string& refresh, const std::string& access,
            absl::Duration good_for) {
    KeptSignIn kept;
    kept.refresh_token = Secret(refresh);
    kept.rests_until = world_.clock.Now() + kMayRest;
    kept.access_token = Secret(access);
    kept.access_ends = world_.clock.Now() + good_for;
    ASSERT_TRUE(Cache().Write(kept, world_.InAMinute()).ok());
  }
  // "refresh access 90d", or "nothing".
  std::string Kept() {
    const absl::StatusOr<std::optional<KeptSignIn>> kept =
        Cache().Read(world_.InAMinute());
    if (!kept.ok()) return std::string(kept.status().message());
    if (!*kept) return "nothing";
    return absl::StrCat(std::string((*kept)->refresh_token.Reveal()), " ",
                        std::string((*kept)->access_token.Reveal()), " ",
                        FormatSpan((*kept)->rests_until - world_.clock.Now()),
                        (*kept)->claims.empty() ? "" : " ", (*kept)->claims);
  }
  std::string Bearer() {
    const absl::StatusOr<Secret> bearer =
        credential_->Bearer(world_.InAMinute());
    status_ = bearer.status();
    return bearer.ok() ? std::string(bearer->Reveal())
                       : std::string(bearer.status().message());
  }
  void Answer(const std::string& refresh, const std::string& access) {
    world_.server.Answer(
        200, absl::StrCat(R"({"expires_in":3599,"access_token":")", access,
                          R"(","refresh_token":")", refresh, R"("})"));
  }
  size_t Asked() const { return world_.server.exchanges().size(); }

  SigningIn world_;
  AuthConfig auth_ = AuthWith({{"cache", "file"}}, "sign-in");
  FakeStateFiles files_;
  ScriptedPrograms programs_;
  std::unique_ptr<SignInCredential> credential_;
  absl::Status status_;
};

TEST_F(SignInCredentialTest, NobodyIsSignedIn) {
  EXPECT_EQ(Bearer(),
            "nobody is signed in on this machine to the tenant "
            "contoso.example. Run `patform login`");
  EXPECT_EQ(status_.code(), absl::StatusCode::kUnauthenticated);
  auth_.identity = "build-bot";
  Restart();
  EXPECT_EQ(Bearer(),
            "nobody is signed in on this machine to the tenant "
            "contoso.example. Run `patform login --identity build-bot`");
  EXPECT_EQ(Asked(), 0u);
}

TEST_F(SignInCredentialTest, TakesTheAccessTokenThatIsKept) {
  Keep("r1", "a1", absl::Minutes(6));
  EXPECT_EQ(Bearer(), "a1");
  EXPECT_EQ(Asked(), 0u);
  EXPECT_EQ(files_.locks, 0);
}

TEST_F(SignInCredentialTest, RenewsOneThatIsAboutToEnd) {
  Keep("r1", "a1", absl::Minutes(4));
  world_.clock.Tick(absl::Seconds(1));
  Answer("r2", "a2");
  EXPECT_EQ(Bearer(), "a2");
  EXPECT_EQ(world_.server.exchanges()[0].body,
            absl::StrCat("client_id=", kClientId,
                         "&grant_type=refresh_token&refresh_token=r1&scope="
                         "499b84ac-1321-427f-aa17-267ca6975798%2Fvso.pats%20"
                         "499b84ac-1321-427f-aa17-267ca6975798%2Fvso.pats_"
                         "manage%20offline_access%20openid%20profile"));
  EXPECT_EQ(Kept(), "r2 a2 90d");
  EXPECT_EQ(Bearer(), "a2");  // from memory
  Restart();
  EXPECT_EQ(Bearer(), "a2");
  EXPECT_EQ(Asked(), 1u);
}

// A policy of the tenant can make them live for minutes.
TEST_F(SignInCredentialTest, AShortLifeIsUsedForHalfOfIt) {
  Keep("r1", "", absl::ZeroDuration());
  for (const char* access : {"a2", "a3"}) {
    world_.server.Answer(
        200, absl::StrCat(R"({"expires_in":120,"access_token":")", access,
                          R"(","refresh_token":"r"})"));
  }
  EXPECT_EQ(Bearer(), "a2");
  world_.clock.Tick(absl::Seconds(60));
  EXPECT_EQ(Bearer(), "a2");
  world_.clock.Tick(absl::Seconds(1));
  EXPECT_EQ(Bearer(), "a3");
  EXPECT_EQ(Asked(), 2u);
}

TEST_F(SignInCredentialTest, AnAnswerWithoutASuccessorLeavesTheOldOne) {
  Keep("r1", "", absl::ZeroDuration());
  world_.server.Answer(200, R"({"expires_in":3599,"access_token":"a2"})");
  EXPECT_EQ(Bearer(), "a2");
  EXPECT_EQ(Kept(), "r1 a2 90d");
}

TEST_F(SignInCredentialTest, AnswersMaySayHowLongItMayRest) {
  Keep("r1", "", absl::ZeroDuration());
  world_.server.Answer(
      200, R"({"expires_in":3599,"access_token":"a2","refresh_token":"r2",)"
           R"("refresh_token_expires_in":86400})");
  EXPECT_EQ(Bearer(), "a2");
  EXPECT_EQ(Kept(), "r2 a2 1d");
}

// Servers that rotate strictly end the whole sign-in when a refresh token is
// used twice.
TEST_F(SignInCredentialTest, WhatAnotherRunGotMeanwhileIsTaken) {
  Keep("r1", "", absl::ZeroDuration());
  files_.on_lock = [this] { Keep("r2", "a2", absl::Hours(1)); };
  EXPECT_EQ(Bearer(), "a2");
  EXPECT_EQ(files_.locks, 1);
  EXPECT_EQ(Asked(), 0u);
}

TEST_F(SignInCredentialTest, SomebodySignedOutMeanwhile) {
  Keep("r1", "", absl::ZeroDuration());
  files_.on_lock = [this] { files_.files.clear(); };
  EXPECT_EQ(Bearer(), "somebody signed out just now. Run `patform login`");
}

TEST_F(SignInCredentialTest, ARefusedTokenIsNotGivenAgain) {
  Keep("r1", "a1", absl::Hours(1));
  EXPECT_EQ(Bearer(), "a1");
  credential_->Refused(Secret("a1"));
  Answer("r2", "a2");
  EXPECT_EQ(Bearer(), "a2");
  // A thread that was late: the new one is good.
  credential_->Refused(Secret("a1"));
  EXPECT_EQ(Bearer(), "a2");
  EXPECT_EQ(Asked(), 1u);
}

TEST_F(SignInCredentialTest, WhatTheServiceAsksForGoesToTheSignIn) {
  Keep("r1", "a1", absl::Hours(1));
  EXPECT_EQ(Bearer(), "a1");
  credential_->Challenged(Secret("a1"), R"({"x":1})");
  Answer("r2", "a2");
  EXPECT_EQ(Bearer(), "a2");
  EXPECT_NE(world_.server.exchanges()[0].body.find("&claims=%7B%22x%22%3A1%7D"),
            std::string::npos);
  EXPECT_EQ(Kept(), "r2 a2 90d");
}

// Only a person can prove it then: the next login takes it along.
TEST_F(SignInCredentialTest, WhatAPersonHasToProveIsKept) {
  Keep("r1", "a1", absl::Hours(1));
  EXPECT_EQ(Bearer(), "a1");
  credential_->Challenged(Secret("a1"), R"({"x":1})");
  world_.server.Answer(400,
                       R"({"error":"interaction_required","error_description":)"
                       R"("AADSTS50076: no","claims":"{\"y\":2}"})");
  Bearer();
  EXPECT_EQ(status_.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(Kept(), "r1 a1 90d {\"y\":2}");
}

TEST_F(SignInCredentialTest, AnEndedSignInNamesTheCommand) {
  Keep("r1", "", absl::ZeroDuration());
  auth_.identity = "";
  world_.server.Answer(400, R"({"error":"invalid_grant","error_description":)"
                            R"("AADSTS700082: expired"})");
  const std::string message = Bearer();
  EXPECT_EQ(status_.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_NE(message.find("AADSTS700082"), std::string::npos) << message;
  EXPECT_NE(message.find("patform login"), std::string::npos) << message;
  EXPECT_EQ(Kept(), "r1  90d");
}

TEST_F(SignInCredentialTest, AServiceThatIsAwayIsNoReasonToStopEarly) {
  Keep("r1", "a1", absl::Minutes(4));
  for (int i = 0; i < 6; ++i) {
    world_.server.Fail(absl::UnavailableError("no route"));
  }
  EXPECT_EQ(Bearer(), "a1");
  EXPECT_EQ(Kept(), "r1 a1 89d 23h");
}

TEST_F(SignInCredentialTest, WhatCannotBeKeptIsNotUsed) {
  Keep("r1", "", absl::ZeroDuration());
  Answer("r2", "a2");
  files_.full = absl::FailedPreconditionError("the disk is full");
  EXPECT_EQ(Bearer(), "the renewed sign-in cannot be kept: the disk is full");
}

TEST_F(SignInCredentialTest, WhatIsKeptAndCannotBeUsed) {
  Keep("r1", "a1", absl::Hours(1));
  files_.files.begin()->second = "{}";
  const std::string path = absl::StrCat(
      "/state/patform/", files_.files.begin()->first.substr(0, 2), "….json");
  EXPECT_EQ(
      Bearer(),
      absl::StrCat("the sign-in that this machine keeps cannot be used: ", path,
                   ": it is not what patform has kept there. Then run "
                   "`patform login`"));
  EXPECT_EQ(status_.code(), absl::StatusCode::kUnauthenticated);
  files_.fault = absl::FailedPreconditionError("it can be read by others");
  EXPECT_EQ(Bearer(),
            "the sign-in that this machine keeps cannot be used: it can be "
            "read by others. Then run `patform login`");
  EXPECT_EQ(status_.code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(SignInCredentialTest, EachTenantApplicationAndIdentityHasItsOwn) {
  Keep("r1", "a1", absl::Hours(1));
  auth_.settings["tenant"] = std::string("CONTOSO.example");
  Restart();
  EXPECT_EQ(Bearer(), "a1");
  auth_.settings["tenant"] = std::string("fabrikam.example");
  Restart();
  EXPECT_NE(Bearer(), "a1");
  auth_.settings["tenant"] = std::string(kTenant);
  auth_.settings["client_id"] =
      std::string("99999999-2222-3333-4444-555555555555");
  Restart();
  EXPECT_NE(Bearer(), "a1");
  auth_.settings["client_id"] = std::string(kClientId);
  auth_.identity = "bot";
  Restart();
  EXPECT_NE(Bearer(), "a1");
}

TEST_F(SignInCredentialTest, WrongSettingsAreReportedAtTheFirstUse) {
  auth_.settings["authority"] = std::string("https://login.example");
  Restart();
  Bearer();
  EXPECT_EQ(status_.code(), absl::StatusCode::kInvalidArgument);
}

// The next refresh token is kept first; the access token of Azure DevOps stays.
TEST_F(SignInCredentialTest, AnotherAudience) {
  Keep("r1", "a1", absl::Minutes(50));
  const auto vault = [this] {
    const auto got =
        credential_->BearerFor("https://vault.azure.net", world_.InAMinute());
    return got.ok() ? std::string(got->Reveal()) : got.status().ToString();
  };
  Answer("r2", "v1");
  EXPECT_EQ(vault(), "v1");
  EXPECT_EQ(vault(), "v1");
  EXPECT_EQ(Kept(), "r2 a1 90d");
  EXPECT_EQ(Bearer(), "a1");
  EXPECT_EQ(
      world_.server.exchanges().at(0).body,
      "client_id=11111111-2222-3333-4444-555555555555&grant_type=refresh_token&"
      "refresh_token=r1&scope=https%3A%2F%2Fvault.azure.net%2F.default%20"
      "offline_access");
  world_.clock.Tick(absl::Minutes(55));
  Answer("r3", "v2");
  EXPECT_EQ(vault(), "v2");
  files_.full = absl::UnavailableError("no room");
  world_.clock.Tick(absl::Minutes(55));
  Answer("r4", "v3");
  EXPECT_EQ(vault(),
            "UNAVAILABLE: the renewed sign-in cannot be kept: no room");
}

TEST_F(SignInCredentialTest, AnotherAudienceOfNobody) {
  EXPECT_EQ(
      credential_->BearerFor("https://vault.azure.net", world_.InAMinute())
          .status()
          .ToString(),
      "UNAUTHENTICATED: nobody is signed in on this machine to the "
      "tenant contoso.example. Run `patform login`");
  EXPECT_EQ(Asked(), 0u);
}

}  // namespace
}  // namespace patform::entra
