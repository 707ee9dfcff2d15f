#include "providers/entra/browser_sign_in.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "providers/entra/pkce.h"
#include "providers/http/http_client.h"
#include "providers/http/url.h"
#include "tests/providers/entra/keeping.h"
#include "tests/providers/entra/signing_in.h"

namespace patform::entra {
namespace {

// A browser whose user does what the test wants: it is "started", and comes
// back to the real port of the address that it was given.
class BrowserSignInTest : public testing::Test, public LoginListener {
 protected:
  void OnBrowser(const std::string& url, bool started) override {
    url_ = url;
    started_ = started;
    parameters_.clear();
    const std::string query = url.substr(url.find('?') + 1);
    for (absl::string_view pair : absl::StrSplit(query, '&')) {
      const std::vector<std::string> sides = absl::StrSplit(pair, '=');
      parameters_[sides[0]] = http::PercentDecode(sides[1]);
    }
    if (answer_.empty()) return;
    browser_ = std::thread([this] {
      http::Request request;
      request.method = "GET";
      request.url = *http::ParseUrl(absl::StrCat(
          "http://127.0.0.1",
          parameters_["redirect_uri"].substr(sizeof("http://localhost") - 1),
          "/?", answer_, "&state=", parameters_["state"]));
      http::ClientFactory({})
          .NewClient()
          ->Send(request,
                 std::chrono::steady_clock::now() + std::chrono::seconds(20))
          .status()
          .IgnoreError();
    });
  }
  void OnCode(const std::string&, const std::string&, const std::string&,
              absl::Time) override {
    ADD_FAILURE();
  }
  ~BrowserSignInTest() override {
    if (browser_.joinable()) browser_.join();
  }

  // "ok" or the message. `answer`: what the sign-in page sends back.
  std::string SignIn(const std::string& answer,
                     const BrowserRequest& request = {}) {
    answer_ = answer;
    Machine machine = world_.machine();
    machine.programs = &programs_;
    machine.random = [this] { return ++random_; };
    machine.interrupted = [this] { return interrupted_; };
    TokenEndpoint endpoint(RegistrationOfTests(), machine, "patform login");
    got_ = SignInByBrowser(endpoint, request, *this, machine, deadline_);
    if (browser_.joinable()) browser_.join();
    return got_.ok() ? "ok" : std::string(got_.status().message());
  }
  void AnswerTokens(const std::string& nonce) {
    world_.server.Answer(
        200, absl::StrCat(
                 R"({"expires_in":3599,"access_token":"a","refresh_token":)",
                 R"("r","id_token":")",
                 Jwt(absl::StrCat(R"({"nonce":")", nonce, R"("})")), R"("})"));
  }
  // Of the call that comes next: the generator is the test's.
  std::string NextNonce() const {
    uint64_t at = random_;
    return MakePkce([&at] { return ++at; }).nonce;
  }

  SigningIn world_;
  ScriptedPrograms programs_;
  uint64_t random_ = 0;
  bool interrupted_ = false;
  Deadline deadline_ = After(world_.clock, absl::Minutes(15));
  absl::StatusOr<TokenAnswer> got_ = absl::InternalError("");
  std::string answer_, url_;
  bool started_ = false;
  std::map<std::string, std::string> parameters_;
  std::thread browser_;
};

TEST_F(BrowserSignInTest, ExchangesTheCodeThatCameBack) {
  world_.variables["BROWSER"] = "my-browser --new %s";
  AnswerTokens(NextNonce());
  ASSERT_EQ(SignIn("code=0.A%2FB"), "ok");
  EXPECT_EQ(got_->refresh_token.Reveal(), "r");
  EXPECT_TRUE(started_);
  EXPECT_EQ(programs_.Lines(), absl::StrCat("my-browser --new ", url_));
  EXPECT_EQ(url_.substr(0, url_.find('?')),
            "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/"
            "authorize");
  const std::string redirect = parameters_["redirect_uri"];
  EXPECT_EQ(redirect.rfind("http://localhost:", 0), 0u) << redirect;
  EXPECT_NE(redirect.back(), '/');
  EXPECT_EQ(parameters_["client_id"], kClientId);
  EXPECT_EQ(parameters_["response_type"], "code");
  EXPECT_EQ(parameters_["response_mode"], "query");
  EXPECT_EQ(parameters_["code_challenge_method"], "S256");
  EXPECT_EQ(parameters_["prompt"], "select_account");
  EXPECT_EQ(parameters_["scope"], RegistrationOfTests().scopes);
  EXPECT_EQ(parameters_.count("claims"), 0u);
  // The verifier went to the token endpoint and nowhere else.
  const std::string& body = world_.server.exchanges().at(0).body;
  const std::string verifier =
      body.substr(body.find("code_verifier=") + 14, 43);
  EXPECT_EQ(ChallengeOf(verifier), parameters_["code_challenge"]);
  EXPECT_EQ(url_.find(verifier), std::string::npos);
  EXPECT_EQ(body.substr(0, body.find("&code_verifier")),
            absl::StrCat("client_id=", kClientId,
                         "&grant_type=authorization_code&code=0.A%2FB&"
                         "redirect_uri=http%3A%2F%2Flocalhost%3A",
                         redirect.substr(redirect.rfind(':') + 1)));
}

TEST_F(BrowserSignInTest, AsksForWhatTheServiceWantsProved) {
  AnswerTokens(NextNonce());
  BrowserRequest request;
  request.start = false;
  request.claims = R"({"access_token":{"nbf":1}})";
  ASSERT_EQ(SignIn("code=1", request), "ok");
  EXPECT_EQ(parameters_["claims"], request.claims);
  EXPECT_FALSE(started_);
  EXPECT_EQ(programs_.Lines(), "");
}

TEST_F(BrowserSignInTest, AnotherSignInsAnswerIsNotUsed) {
  AnswerTokens("another");
  EXPECT_EQ(SignIn("code=1"),
            "signing in: the answer is of another sign-in than this one and "
            "is not used. Run the command again, and look for a program that "
            "interferes");
}

TEST_F(BrowserSignInTest, APageThatRefusesIsExplained) {
  EXPECT_EQ(SignIn("error=access_denied&error_description=AADSTS65004%3a+"
                   "User+declined+to+consent.%0d%0aTrace+ID%3a+1"),
            "signing in: consent for the application "
            "11111111-2222-3333-4444-555555555555 was declined "
            "(access_denied, AADSTS65004). Sign in again: patform login");
  EXPECT_EQ(got_.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(world_.server.exchanges().size(), 0u);
}

TEST_F(BrowserSignInTest, NothingComesBack) {
  deadline_ = world_.clock.Monotonic();
  EXPECT_EQ(SignIn(""),
            "signing in: nothing came back from the browser in time. If it "
            "shows an error, add the redirect URI http://localhost to the app "
            "registration, under \"Mobile and desktop applications\". Without "
            "a browser: `patform login --device-code`");
  EXPECT_EQ(got_.status().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(BrowserSignInTest, ASignalEndsIt) {
  interrupted_ = true;
  SignIn("");
  EXPECT_EQ(got_.status().code(), absl::StatusCode::kCancelled);
}

TEST_F(BrowserSignInTest, AnAddressIsShownWhereNoBrowserStarts) {
  world_.variables["DISPLAY"] = ":0";
  programs_.leaves = absl::NotFoundError("there is no xdg-open");
  AnswerTokens(NextNonce());
  ASSERT_EQ(SignIn("code=1"), "ok");
  EXPECT_FALSE(started_);
}

}  // namespace
}  // namespace patform::entra
