#include "providers/entra/token_endpoint.h"

#include <gtest/gtest.h>

#include "tests/providers/entra/signing_in.h"

namespace patform::entra {
namespace {

constexpr char kGood[] =
    R"({"token_type":"Bearer","scope":"a b","expires_in":3599,)"
    R"("access_token":"access","refresh_token":"refresh","id_token":"id"})";

class TokenEndpointTest : public testing::Test {
 protected:
  absl::StatusOr<TokenAnswer> Redeem(Resend resend = Resend::kHarmless) {
    return endpoint_.Redeem(Form()
                                .Add("grant_type", "refresh_token")
                                .Add("refresh_token", "a+/ b&"),
                            resend, world_.InAMinute(), &refusal_);
  }
  std::string Lines() const {
    std::string lines;
    for (const auto& each : world_.server.exchanges()) {
      absl::StrAppend(&lines, each.Line(), " ", each.content_type, " ",
                      each.body, "\n");
    }
    return lines;
  }

  SigningIn world_;
  TokenEndpoint endpoint_{RegistrationOfTests(), world_.machine(),
                          "patform login"};
  Refusal refusal_;
};

constexpr char kAsked[] =
    "POST login.microsoftonline.com/contoso.example/oauth2/v2.0/token "
    "application/x-www-form-urlencoded "
    "client_id=11111111-2222-3333-4444-555555555555&grant_type=refresh_token&"
    "refresh_token=a%2B%2F%20b%26\n";

TEST_F(TokenEndpointTest, ExchangesAGrant) {
  world_.server.Answer(200, kGood);
  const absl::StatusOr<TokenAnswer> got = Redeem();
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->access_token.Reveal(), "access");
  EXPECT_EQ(got->refresh_token.Reveal(), "refresh");
  EXPECT_EQ(got->id_token.Reveal(), "id");
  EXPECT_EQ(got->lifetime, absl::Seconds(3599));
  EXPECT_EQ(got->scope, "a b");
  EXPECT_EQ(got->refresh_lifetime, std::nullopt);
  EXPECT_EQ(Lines(), kAsked);
}

TEST_F(TokenEndpointTest, NumbersMayBeTexts) {
  world_.server.Answer(
      200,
      R"({"expires_in":"60","access_token":"a","refresh_token_expires_in":86399})");
  const absl::StatusOr<TokenAnswer> got = Redeem();
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->lifetime, absl::Minutes(1));
  EXPECT_TRUE(got->refresh_token.empty());
  EXPECT_EQ(got->refresh_lifetime, absl::Seconds(86399));
}

TEST_F(TokenEndpointTest, AnswersThatAreNone) {
  const struct {
    const char* body;
    const char* want;
  } kCases[] = {
      {R"({"expires_in":60})",
       "signing in: the answer of the sign-in service has no access token that "
       "could be sent. A proxy on the way may have answered in its place"},
      {R"({"expires_in":60,"access_token":"a\r\nX: y"})",
       "signing in: the answer of the sign-in service has no access token that "
       "could be sent. A proxy on the way may have answered in its place"},
      {R"({"access_token":"a"})",
       "signing in: the answer of the sign-in service does not say how long it "
       "is good for. A proxy on the way may have answered in its place"},
      {R"({"access_token":"a","expires_in":"soon"})",
       "signing in: the answer of the sign-in service does not say how long it "
       "is good for. A proxy on the way may have answered in its place"},
  };
  for (const auto& c : kCases) {
    world_.server.Answer(200, c.body);
    EXPECT_EQ(Redeem().status(), absl::DataLossError(c.want));
  }
  for (const std::string& body :
       {std::string("<html>"), std::string("[]"), std::string(400'000, ' ')}) {
    world_.server.Answer(200, body);
    EXPECT_EQ(Redeem().status().code(), absl::StatusCode::kFailedPrecondition);
  }
}

TEST_F(TokenEndpointTest, FollowsNoRedirect) {
  world_.server.Answer(307, "", {{"Location", "https://evil.example/token"}});
  EXPECT_EQ(Redeem().status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Lines(), kAsked);
}

TEST_F(TokenEndpointTest, TellsWhatWasRefused) {
  world_.server.Answer(400, R"({"error":"authorization_pending"})");
  EXPECT_EQ(Redeem().status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(refusal_.error, "authorization_pending");
}

// A refresh token stays good after its use; a code does not.
TEST_F(TokenEndpointTest, SendsAgainWhatIsHarmless) {
  const struct {
    absl::Status fails;
    int status;
    Resend resend;
    size_t sent;
  } kCases[] = {
      {absl::UnknownError("lost"), 0, Resend::kHarmless, 2},
      {absl::UnknownError("lost"), 0, Resend::kNever, 1},
      {absl::UnavailableError("no route"), 0, Resend::kNever, 2},
      {absl::OkStatus(), 503, Resend::kHarmless, 2},
      {absl::OkStatus(), 503, Resend::kNever, 1},
      {absl::OkStatus(), 429, Resend::kNever, 2},
  };
  for (const auto& c : kCases) {
    SigningIn world;
    TokenEndpoint endpoint(RegistrationOfTests(), world.machine(), "x");
    if (c.fails.ok()) {
      world.server.Answer(c.status, "");
    } else {
      world.server.Fail(c.fails);
    }
    world.server.Answer(200, kGood);
    const auto got =
        endpoint.Redeem(Form().Add("a", "b"), c.resend, world.InAMinute());
    EXPECT_EQ(world.server.exchanges().size(), c.sent);
    EXPECT_EQ(got.ok(), c.sent == 2) << got.status();
    if (!got.ok()) {
      EXPECT_EQ(got.status().code(), absl::StatusCode::kUnavailable);
    }
  }
}

TEST_F(TokenEndpointTest, AsksForADeviceCode) {
  world_.server.Answer(
      200,
      R"({"device_code":"D","user_code":"ABC","verification_uri":"https://u",)"
      R"("expires_in":900,"interval":7,"message":"Go to https://u"})");
  const absl::StatusOr<DeviceCode> got =
      endpoint_.AskDeviceCode(world_.InAMinute());
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->device_code.Reveal(), "D");
  EXPECT_EQ(got->user_code, "ABC");
  EXPECT_EQ(got->verification_uri, "https://u");
  EXPECT_EQ(got->message, "Go to https://u");
  EXPECT_EQ(got->lifetime, absl::Minutes(15));
  EXPECT_EQ(got->interval, absl::Seconds(7));
  EXPECT_EQ(
      Lines(),
      "POST login.microsoftonline.com/contoso.example/oauth2/v2.0/devicecode "
      "application/x-www-form-urlencoded "
      "client_id=11111111-2222-3333-4444-555555555555&"
      "scope=499b84ac-1321-427f-aa17-267ca6975798%2Fvso.pats%20"
      "499b84ac-1321-427f-aa17-267ca6975798%2Fvso.pats_manage%20"
      "offline_access%20openid%20profile\n");
}

TEST_F(TokenEndpointTest, ADeviceCodeThatIsNone) {
  world_.server.Answer(200, R"({"device_code":"D"})");
  EXPECT_EQ(
      endpoint_.AskDeviceCode(world_.InAMinute()).status(),
      absl::DataLossError(
          "signing in: the answer of the sign-in service has no code to sign "
          "in with. A proxy on the way may have answered in its place"));
}

}  // namespace
}  // namespace patform::entra
