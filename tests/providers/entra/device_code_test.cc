#include "providers/entra/device_code.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/providers/entra/signing_in.h"

namespace patform::entra {
namespace {

constexpr char kCode[] =
    R"({"user_code":"F2BC","device_code":"dev/ice","verification_uri":)"
    R"("https://microsoft.com/devicelogin","expires_in":900,"interval":5,)"
    R"("message":"To sign in, use a web browser."})";
constexpr char kTokens[] =
    R"({"expires_in":3599,"access_token":"a","refresh_token":"r"})";

std::string Error(const std::string& word) {
  return absl::StrCat(R"({"error":")", word,
                      R"(","error_description":"AADSTS7: no"})");
}

// Writes down when each question was asked, in seconds from the code on.
class DeviceCodeTest : public testing::Test, public LoginListener {
 protected:
  void OnBrowser(const std::string&, bool) override { ADD_FAILURE(); }
  void OnCode(const std::string& url, const std::string& code,
              const std::string& message, absl::Time ends) override {
    shown_ =
        absl::StrCat(url, " ", code, " ", message, " ",
                     absl::FormatTime("%H:%M:%S", ends, absl::UTCTimeZone()));
  }
  // "ok" or the message.
  std::string SignIn(absl::Duration most = absl::Hours(1)) {
    const absl::Time began = world_.clock.Now();
    Machine machine = world_.machine();
    machine.new_transport = [this, began] {
      class Timed : public http::Transport {
       public:
        Timed(DeviceCodeTest* test, absl::Time start)
            : test_(test),
              start_(start),
              inner_(test->world_.server.NewTransport()) {}
        absl::StatusOr<http::Response> Send(const http::Request& request,
                                            Deadline deadline) override {
          test_->asked_.push_back(static_cast<int>(
              absl::ToInt64Seconds(test_->world_.clock.Now() - start_)));
          return inner_->Send(request, deadline);
        }

       private:
        DeviceCodeTest* const test_;
        const absl::Time start_;
        const std::unique_ptr<http::Transport> inner_;
      };
      return std::make_unique<Timed>(this, began);
    };
    TokenEndpoint endpoint(RegistrationOfTests(), machine, "patform login");
    got_ = SignInByDeviceCode(endpoint, nullptr, *this, *clock_,
                              After(world_.clock, most));
    return got_.ok() ? "ok" : std::string(got_.status().message());
  }

  SigningIn world_;
  Clock* clock_ = &world_.clock;
  absl::StatusOr<TokenAnswer> got_ = absl::InternalError("");
  std::string shown_;
  std::vector<int> asked_;
};

TEST_F(DeviceCodeTest, AsksUntilTheCodeWasUsed) {
  world_.server.Answer(200, kCode);
  world_.server.Answer(400, Error("authorization_pending"));
  world_.server.Answer(400, Error("authorization_pending"));
  world_.server.Answer(200, kTokens);
  ASSERT_EQ(SignIn(), "ok");
  EXPECT_EQ(got_->refresh_token.Reveal(), "r");
  EXPECT_EQ(shown_,
            "https://microsoft.com/devicelogin F2BC To sign in, use a web "
            "browser. 11:21:40");
  EXPECT_EQ(asked_, std::vector<int>({0, 5, 10, 15}));
  EXPECT_EQ(world_.server.exchanges()[1].body,
            "client_id=11111111-2222-3333-4444-555555555555&grant_type=urn%3A"
            "ietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code="
            "dev%2Fice");
}

TEST_F(DeviceCodeTest, SlowsDownForGood) {
  world_.server.Answer(200, kCode);
  world_.server.Answer(400, Error("slow_down"));
  world_.server.Answer(400, Error("authorization_pending"));
  world_.server.Answer(400, Error("slow_down"));
  world_.server.Answer(400, Error("authorization_pending"));
  world_.server.Answer(200, kTokens);
  ASSERT_EQ(SignIn(), "ok");
  EXPECT_EQ(asked_, std::vector<int>({0, 5, 15, 25, 40, 55}));
}

// The end of the code stays where it was, and the pauses come back to what the
// service wants.
TEST_F(DeviceCodeTest, FaultsOfTheNetworkPass) {
  world_.server.Answer(200, kCode);
  for (int i = 0; i < 6; ++i) {
    world_.server.Fail(absl::UnavailableError("no route"));
  }
  world_.server.Answer(400, Error("authorization_pending"));
  world_.server.Answer(200, kTokens);
  ASSERT_EQ(SignIn(), "ok");
  ASSERT_EQ(asked_.size(), 9u);
  // Doubled once, for the whole try that failed.
  EXPECT_EQ(asked_[7] - asked_[6], 10);
  EXPECT_EQ(asked_[8] - asked_[7], 5);
}

TEST_F(DeviceCodeTest, EndsWithTheCode) {
  world_.server.Answer(
      200, R"({"user_code":"F","device_code":"d","verification_uri":"u",)"
           R"("expires_in":12,"interval":5})");
  world_.server.Answer(400, Error("authorization_pending"));
  world_.server.Answer(400, Error("authorization_pending"));
  EXPECT_EQ(SignIn(),
            "signing in: nobody used the code in time. Run `patform login "
            "--device-code` for a new one");
  EXPECT_EQ(got_.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(asked_, std::vector<int>({0, 5, 10}));
}

TEST_F(DeviceCodeTest, AWordThatIsFinalEndsIt) {
  struct Row {
    const char* error;
    const char* want;
  };
  const Row rows[] = {
      {"authorization_declined",
       "signing in: the sign-in was declined (authorization_declined, "
       "AADSTS7): \"AADSTS7: no\". Sign in again: patform login"},
      {"access_denied",
       "signing in: the sign-in was declined (access_denied, AADSTS7): "
       "\"AADSTS7: no\". Sign in again: patform login"},
      {"expired_token",
       "signing in: nobody typed the code in before it expired "
       "(expired_token, AADSTS7): \"AADSTS7: no\". Sign in again: patform "
       "login"},
  };
  for (const Row& row : rows) {
    world_.server.Answer(200, kCode);
    world_.server.Answer(400, Error(row.error));
    EXPECT_EQ(SignIn(), row.want);
    EXPECT_EQ(got_.status().code(), absl::StatusCode::kUnauthenticated);
    EXPECT_EQ(world_.server.left(), 0u);
  }
}

TEST_F(DeviceCodeTest, AServiceWithoutPauseIsNotHammered) {
  world_.server.Answer(
      200, R"({"user_code":"F","device_code":"d","verification_uri":"u",)"
           R"("interval":0})");
  world_.server.Answer(200, kTokens);
  ASSERT_EQ(SignIn(), "ok");
  EXPECT_EQ(asked_, std::vector<int>({0, 1}));
}

TEST_F(DeviceCodeTest, ASignalEndsItAtOnce) {
  class Interrupted : public FakeClock {
   public:
    Interrupted() : FakeClock(absl::UnixEpoch()) {}
    bool SleepUntil(Deadline) override { return false; }
  };
  Interrupted clock;
  clock_ = &clock;
  world_.server.Answer(200, kCode);
  EXPECT_EQ(SignIn(), "interrupted while waiting for the code");
  EXPECT_EQ(got_.status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(asked_, std::vector<int>({0}));
}

}  // namespace
}  // namespace patform::entra
