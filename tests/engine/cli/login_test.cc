// What a person sees of a sign-in: what they have to do, and what came of it.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/cli/cli.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_environment.h"
#include "tests/fakes/fake_files.h"
#include "tests/fakes/fake_ports.h"

namespace patform::cli {
namespace {

constexpr char kConfiguration[] =
    "format = 1\nworkspace = \"w\"\norganization = \"contoso\"\n"
    "[auth]\nsource = \"sign-in\"\n";
constexpr char kSignedIn[] =
    "Signed in as ada@contoso.example of tenant t1.\n"
    "The sign-in is kept in the desktop's Secret Service and renewed by the "
    "runs that use it. It ends on 2027-02-21 if none does before (a refresh "
    "token is good for 90 days without use).\n";

// Does what the test says, and shows the person what it says.
class FakeSignIns : public SignIns {
 public:
  absl::StatusOr<SignedIn> Login(const AuthConfig& auth,
                                 const LoginRequest& request,
                                 LoginListener& listener, Deadline) override {
    source = auth.source;
    identities += auth.identity + ";";
    way = request.way;
    seed = request.seed;
    if (show) show(listener);
    return answer;
  }
  absl::Status Logout(const AuthConfig&, Deadline) override { return logout; }

  std::function<void(LoginListener&)> show;
  absl::StatusOr<SignedIn> answer = absl::InternalError("not asked yet");
  absl::Status logout;
  std::string source;
  std::string identities;  // one after another
  LoginRequest::Way way = LoginRequest::Way::kAny;
  std::optional<KeptPlace> seed;
};

class Services : public FakeTokenServices {
 public:
  Services() { sources = {{"environment", "", {}}, {"sign-in", "", {}}}; }
  absl::StatusOr<SignedIn> WhoAmI(const AuthConfig&, Deadline) override {
    return who;
  }

  absl::StatusOr<SignedIn> who = SignedIn();
};

class LoginTest : public testing::Test {
 protected:
  LoginTest() {
    ports_.clock = &clock_;
    ports_.files = &files_;
    ports_.terminal = &terminal_;
    ports_.run = &run_;
    ports_.tokens = &services_;
    ports_.sinks = &sinks_;
    ports_.sign_ins = &sign_ins_;
    ports_.grants = &grants_;
    ports_.environment = EnvironmentOf(variables_);
    files_.files["patform.toml"] = kConfiguration;
    SignedIn ada;
    ada.name = "ada@contoso.example";
    ada.tenant = "t1";
    ada.expires = clock_.Now() + absl::Hours(1);
    ada.rests_until = clock_.Now() + absl::Hours(24 * 90);
    ada.rests_why = "a refresh token is good for 90 days without use";
    ada.kept_in = "the desktop's Secret Service";
    sign_ins_.answer = ada;
    services_.who = ada;
  }
  // The exit code; what is printed is in out_ and err_.
  int Run(const std::string& line) {
    out_.str("");
    err_.str("");
    return Main(absl::StrSplit(line, ' ', absl::SkipEmpty()), ports_);
  }

  FakeClock clock_{absl::FromUnixSeconds(1795420800)};  // 2026-11-23 08:00:00
  FakeFiles files_;
  std::map<std::string, std::string> variables_;
  std::ostringstream out_, err_;
  std::istringstream in_;
  Terminal terminal_{out_, err_, in_};
  FakeRun run_;
  Services services_;
  FakeSinks sinks_;
  FakeSignIns sign_ins_;
  Grants grants_;
  Ports ports_;
};

TEST_F(LoginTest, ByABrowser) {
  sign_ins_.show = [](LoginListener& listener) {
    listener.OnBrowser("https://login.example/authorize?a=b&c=d", true);
  };
  EXPECT_EQ(Run("login"), 0);
  EXPECT_EQ(err_.str(),
            "A browser opens to sign in. If it does not, open this address on "
            "this machine:\n\n"
            "https://login.example/authorize?a=b&c=d\n\n"
            "Waiting for the browser (Ctrl-C gives up).\n");
  EXPECT_EQ(out_.str(), kSignedIn);
  EXPECT_EQ(sign_ins_.source, "sign-in");
  EXPECT_EQ(sign_ins_.way, LoginRequest::Way::kAny);
}

TEST_F(LoginTest, ByAnAddressThatIsOnlyShown) {
  sign_ins_.show = [](LoginListener& listener) {
    listener.OnBrowser("https://login.example/", false);
  };
  EXPECT_EQ(Run("login --no-browser"), 0);
  EXPECT_EQ(err_.str(),
            "To sign in, open this address in a browser on this machine:\n\n"
            "https://login.example/\n\n"
            "Waiting for the browser (Ctrl-C gives up).\n");
  EXPECT_EQ(sign_ins_.way, LoginRequest::Way::kShownAddress);
  Run("login --browser");
  EXPECT_EQ(sign_ins_.way, LoginRequest::Way::kBrowser);
}

// In the service's own words where they have the code, made visible.
TEST_F(LoginTest, ByACode) {
  const auto show = [this](const std::string& message) {
    sign_ins_.show = [this, message](LoginListener& listener) {
      listener.OnCode("https://microsoft.com/devicelogin", "F2BC", message,
                      clock_.Now() + absl::Minutes(15));
    };
    EXPECT_EQ(Run("login --device-code"), 0);
    return err_.str();
  };
  const std::string wait =
      "\n\nWaiting for that until 2026-11-23 08:15 UTC (Ctrl-C gives up).\n";
  EXPECT_EQ(show("Type F2BC in.\x1b[2J"), "Type F2BC in.\\x1b[2J" + wait);
  const std::string own =
      "To sign in, open https://microsoft.com/devicelogin on any device and "
      "type in the code F2BC." +
      wait;
  EXPECT_EQ(show(""), own);
  EXPECT_EQ(show("Without the word."), own);
  EXPECT_EQ(sign_ins_.way, LoginRequest::Way::kDeviceCode);
}

TEST_F(LoginTest, AnIdentityHasASignInOfItsOwn) {
  files_.files["patform.toml"] =
      absl::StrCat(kConfiguration,
                   "[identity.bot]\nsource = \"sign-in\"\n"
                   "[identity.cat]\nsource = \"sign-in\"\n");
  EXPECT_EQ(Run("login --identity bot --identity cat"), 0);
  EXPECT_EQ(sign_ins_.identities, "bot;cat;");
  EXPECT_EQ(Run("login"), 0);
  EXPECT_EQ(sign_ins_.identities, "bot;cat;;");
  EXPECT_EQ(Run("logout --identity bot"), 0);
  EXPECT_EQ(Run("whoami --identity cat --json"), 0);
  EXPECT_NE(out_.str().find("\"identity\":\"cat\""), std::string::npos);
  EXPECT_EQ(Run("login --identity bat"), 3);
  EXPECT_NE(err_.str().find("--identity bat: the configuration has no "
                            "[identity.bat]; did you mean bot?"),
            std::string::npos)
      << err_.str();
}

TEST_F(LoginTest, ASeedGoesWhereAPipelineReadsIt) {
  SinkType type;
  type.name = "file";
  type.can.gives_back = true;
  sinks_.types = {type};
  type.name = "write-only";
  type.can.gives_back = false;
  sinks_.types.push_back(type);
  files_.files["patform.toml"] =
      absl::StrCat(kConfiguration,
                   "[sink.main]\ntype = \"file\"\n"
                   "[sink.other]\ntype = \"write-only\"\n");
  EXPECT_EQ(Run("login --seed main:bots/ada"), 0);
  EXPECT_EQ(out_.str(),
            "Signed in as ada@contoso.example of tenant t1.\n"
            "The refresh token is in the desktop's Secret Service. The first "
            "run has to use it by 2027-02-21, and each run moves that date (a "
            "refresh token is good for 90 days without use).\n");
  ASSERT_TRUE(sign_ins_.seed.has_value());
  EXPECT_EQ(sign_ins_.seed->sink.name, "main");
  EXPECT_EQ(sign_ins_.seed->place.Address(), "main:bots/ada");

  const std::pair<const char*, const char*> wrong[] = {
      {"main",
       "\"main\" is not a place; expected SINK:PLACE, such as "
       "\"secrets:sign-in\""},
      {"mian:x", "there is no sink \"mian\"; did you mean `main`?"},
      {"other:x",
       "a write-only sink does not give back what is written to "
       "it; use one that does: file"},
  };
  for (const auto& [place, why] : wrong) {
    EXPECT_EQ(Run(absl::StrCat("login --seed ", place)), 3);
    // Behind warnings: nothing is delivered in this configuration.
    EXPECT_TRUE(absl::EndsWith(err_.str(),
                               absl::StrCat("\npatform: --seed: ", why, "\n")))
        << err_.str();
  }
}

TEST_F(LoginTest, AProgramGetsOneObject) {
  EXPECT_EQ(Run("login --json"), 0);
  const std::string of_login = out_.str();
  EXPECT_EQ(Run("whoami --json"), 0);
  EXPECT_EQ(of_login, out_.str());
  EXPECT_EQ(of_login.substr(0, 43),
            "{\"format_version\":\"1.0\",\"patform_version\":\"");
  EXPECT_NE(of_login.find("\"as_of\":\"2026-11-23T08:00:00Z\""),
            std::string::npos)
      << of_login;
}

TEST_F(LoginTest, TellsWhatWillBeUsedInItsPlace) {
  variables_["PATFORM_ACCESS_TOKEN"] = "a-token";
  EXPECT_EQ(Run("login"), 0);
  EXPECT_EQ(err_.str(),
            "patform: PATFORM_ACCESS_TOKEN is used instead of [auth] source = "
            "\"sign-in\"\n");
}

TEST_F(LoginTest, WhoeverHasToActGetsFour) {
  sign_ins_.answer = absl::UnauthenticatedError("declined");
  EXPECT_EQ(Run("login"), 4);
  EXPECT_EQ(err_.str(), "patform: declined\n");
  services_.who = absl::UnauthenticatedError("nobody is signed in");
  EXPECT_EQ(Run("whoami"), 4);
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(err_.str(), "patform: nobody is signed in\n");
}

TEST_F(LoginTest, AnInterruptHasItsOwnCode) {
  sign_ins_.answer = absl::CancelledError("interrupted");
  run_.signal = 2;
  EXPECT_EQ(Run("login"), 130);
  EXPECT_EQ(out_.str(), "");
}

TEST_F(LoginTest, Logout) {
  EXPECT_EQ(Run("logout"), 0);
  EXPECT_EQ(out_.str(),
            "Signed out: this machine no longer keeps the sign-in. To end it "
            "everywhere as well, choose \"Sign out everywhere\" at "
            "https://mysignins.microsoft.com.\n");
  EXPECT_EQ(Run("logout --json"), 0);
  EXPECT_EQ(out_.str(), "{\"was_signed_in\":true}\n");
  sign_ins_.logout = absl::NotFoundError("nothing is kept");
  EXPECT_EQ(Run("logout --json"), 0);
  EXPECT_EQ(out_.str(), "{\"was_signed_in\":false}\n");
  sign_ins_.logout = absl::FailedPreconditionError("it cannot be removed");
  EXPECT_EQ(Run("logout"), 1);
}

TEST_F(LoginTest, AWrongConfigurationIsShownAndNobodyIsAsked) {
  files_.files["patform.toml"] = "format = 1\n[auth]\nsource = \"sign-im\"\n";
  for (const char* line : {"login", "logout", "whoami"}) {
    EXPECT_EQ(Run(line), 3) << line;
    EXPECT_NE(err_.str().find("patform.toml:3:10: error: `source` cannot be "
                              "\"sign-im\""),
              std::string::npos)
        << err_.str();
  }
  EXPECT_EQ(sign_ins_.source, "");
}

}  // namespace
}  // namespace patform::cli
