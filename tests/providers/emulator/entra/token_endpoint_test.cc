#include "providers/emulator/entra/token_endpoint.h"

#include "absl/strings/match.h"
#include "tests/providers/emulator/testing.h"

namespace patform::emulator {
namespace {

class SignInTest : public testing::Test {
 protected:
  SignInTest() {
    Set("lenient");
    first_ = std::string(
        subject_
            .Admin("POST", "refresh_token", R"({"user":"ada@contoso.example"})")
            .at("refresh_token")
            .as_string());
  }
  void Set(const std::string& value) {
    subject_.Admin("POST", "switches",
                   absl::StrCat(R"({"sign_in":")", value, "\"}"));
  }
  http::ServerResponse Exchange(const std::string& token,
                                const std::string& grant = "refresh_token") {
    return subject_.Send(
        "POST", "/contoso.example/oauth2/v2.0/token",
        absl::StrCat(
            "grant_type=", grant, "&scope=g%2Fvso.pats%20",
            "g%2Fvso.pats_manage+offline_access&refresh_token=", token));
  }
  std::string Member(const http::ServerResponse& response, const char* key) {
    const boost::json::value parsed = subject_.Json(response);
    const auto* value = parsed.as_object().if_contains(key);
    return value == nullptr ? "" : std::string(value->as_string());
  }

  Subject subject_;
  std::string first_;
};

TEST_F(SignInTest, ExchangesAndTheUsedOneStaysGood) {
  const http::ServerResponse one = Exchange(first_);
  ASSERT_EQ(one.status, 200) << one.body;
  const std::string next = Member(one, "refresh_token");
  EXPECT_NE(next, first_);
  EXPECT_EQ(Exchange(first_).status, 200);
  EXPECT_EQ(Exchange(next).status, 200);
  // The access token opens the API, a refresh token does not.
  subject_.bearer = Member(one, "access_token");
  EXPECT_EQ(subject_.Call("GET").status, 200);
  subject_.bearer = next;
  EXPECT_NE(subject_.Call("GET").status, 200);
}

TEST_F(SignInTest, AStrictOneEndsWhatWasUsed) {
  Set("strict");
  EXPECT_EQ(Exchange(first_).status, 200);
  const http::ServerResponse again = Exchange(first_);
  EXPECT_EQ(again.status, 400);
  EXPECT_EQ(Member(again, "error"), "invalid_grant");
}

TEST_F(SignInTest, NinetyDaysWithoutUse) {
  subject_.now += absl::Hours(24 * 90) - absl::Seconds(1);
  EXPECT_EQ(Exchange(first_).status, 200);
  subject_.now += absl::Seconds(1);
  const http::ServerResponse idle = Exchange(first_);
  EXPECT_EQ(Member(idle, "error"), "invalid_grant");
  EXPECT_TRUE(
      absl::StrContains(Member(idle, "error_description"), "AADSTS700082: "));
}

TEST_F(SignInTest, WhatItDoesNotExchange) {
  EXPECT_EQ(Member(Exchange("x.y.z"), "error"), "invalid_grant");
  EXPECT_EQ(Member(Exchange(subject_.bearer), "error"), "invalid_grant");
  EXPECT_EQ(Member(Exchange(first_, "password"), "error"),
            "unsupported_grant_type");
  Set("off");
  EXPECT_NE(Exchange(first_).status, 200);
}

}  // namespace
}  // namespace patform::emulator
