#include "providers/entra/sign_ins.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "providers/entra/token_cache.h"
#include "tests/fakes/fake_ports.h"
#include "tests/providers/entra/keeping.h"
#include "tests/providers/entra/signing_in.h"

namespace patform::entra {
namespace {

// Places in memory, "VERSION VALUE".
class Keepers : public FakeSinks {
 public:
  absl::StatusOr<std::unique_ptr<SecretKeeper>> OpenKeeper(
      const SinkConfig& config) override {
    if (config.type == "azure-pipelines") return Sinks::OpenKeeper(config);
    class Keeper : public SecretKeeper {
     public:
      explicit Keeper(Keepers* all) : all_(all) {}
      absl::StatusOr<KeptSecret> Read(const Delivery& place,
                                      Deadline) override {
        const auto found = all_->places.find(place.at);
        if (found == all_->places.end()) return absl::NotFoundError("");
        KeptSecret kept;
        kept.value = Secret(found->second);
        kept.version = "v1";
        return kept;
      }
      absl::Status Replace(const Delivery& place, const Secret& value,
                           const std::string& expected, Deadline) override {
        const bool there = all_->places.count(place.at) > 0;
        if (expected != (there ? "v1" : "")) {
          return absl::AbortedError("something else is there now");
        }
        all_->places[place.at] = std::string(value.Reveal());
        return absl::OkStatus();
      }

     private:
      Keepers* const all_;
    };
    return std::make_unique<Keeper>(this);
  }

  std::map<std::string, std::string> places;
};

KeptPlace PlaceAt(const std::string& at, const std::string& type = "file") {
  KeptPlace place;
  place.sink.name = "main";
  place.sink.type = type;
  place.place.sink = "main";
  place.place.at = at;
  return place;
}

class SignInsTest : public testing::Test, public LoginListener {
 protected:
  void OnBrowser(const std::string&, bool) override { way_ = "browser"; }
  void OnCode(const std::string&, const std::string& code, const std::string&,
              absl::Time) override {
    way_ = code;
    if (meanwhile_) meanwhile_();
  }
  Machine WholeMachine() {
    Machine machine = world_.machine();
    machine.state_files = &files_;
    machine.programs = &programs_;
    machine.sinks = &sinks_;
    machine.random = [] { return uint64_t{7}; };
    machine.interrupted = [] { return true; };  // of a browser's wait
    machine.read_secret = [](const std::string&) -> absl::StatusOr<Secret> {
      return Secret("aa.bb.cc");
    };
    return machine;
  }
  // "ok" or the message.
  std::string Login() {
    EntraSignIns sign_ins(WholeMachine());
    got_ = sign_ins.Login(auth_, request_, *this,
                          After(world_.clock, absl::Minutes(15)));
    return got_.ok() ? "ok" : std::string(got_.status().message());
  }
  std::string Logout() {
    return std::string(EntraSignIns(WholeMachine())
                           .Logout(auth_, world_.InAMinute())
                           .ToString());
  }
  void AnswerCode() {
    world_.server.Answer(
        200,
        R"({"user_code":"F2BC","device_code":"d","verification_uri":"u"})");
  }
  void AnswerTokens(const std::string& more = R"(,"refresh_token":"r1")") {
    world_.server.Answer(
        200,
        absl::StrCat(
            R"({"expires_in":3600,"access_token":")",
            Jwt(R"({"oid":"o1","aud":"499b84ac-1321-427f-aa17-267ca6975798",)"
                R"("scp":"vso.pats vso.pats_manage","upn":"ada@contoso.com",)"
                R"("tid":"t1","exp":1795003600})"),
            "\"", more, "}"));
  }

  SigningIn world_;
  AuthConfig auth_ = AuthWith({{"cache", "file"}}, "sign-in");
  LoginRequest request_;
  FakeStateFiles files_;
  ScriptedPrograms programs_;
  Keepers sinks_;
  std::function<void()> meanwhile_;
  absl::StatusOr<SignedIn> got_ = absl::InternalError("");
  std::string way_;
};

TEST_F(SignInsTest, WithoutABrowserByACode) {
  AnswerCode();
  AnswerTokens();
  ASSERT_EQ(Login(), "ok");
  EXPECT_EQ(way_, "F2BC");
  EXPECT_EQ(got_->name, "ada@contoso.com");
  EXPECT_EQ(got_->oid, "o1");
  EXPECT_EQ(got_->rests_until, world_.clock.Now() + kMayRest);
  EXPECT_EQ(got_->rests_why, "a refresh token is good for 90 days without use");
  EXPECT_EQ(got_->expires, world_.clock.Now() + absl::Hours(1));
  ASSERT_EQ(files_.files.size(), 1u);
  EXPECT_EQ(got_->kept_in,
            absl::StrCat("/state/patform/",
                         files_.files.begin()->first.substr(0, 2), "….json"));
  EXPECT_EQ(files_.locks, 2);  // one to see whether there can be one
}

TEST_F(SignInsTest, ABrowserComesFirstWhereThereIsOne) {
  world_.variables["BROWSER"] = "b";
  Login();
  EXPECT_EQ(way_, "browser");
  EXPECT_EQ(got_.status().code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(files_.files.empty());
  request_.way = LoginRequest::Way::kDeviceCode;
  AnswerCode();
  AnswerTokens();
  EXPECT_EQ(Login(), "ok");
  EXPECT_EQ(way_, "F2BC");
}

TEST_F(SignInsTest, ASeedGoesToItsPlaceAndNowhereElse) {
  for (const bool there : {false, true}) {
    sinks_.places.clear();
    if (there) sinks_.places["ado/refresh"] = "older";
    request_.seed = PlaceAt("ado/refresh");
    AnswerCode();
    AnswerTokens();
    ASSERT_EQ(Login(), "ok");
    EXPECT_EQ(sinks_.places["ado/refresh"], "r1");
    EXPECT_EQ(got_->kept_in, "main:ado/refresh");
    EXPECT_TRUE(files_.files.empty());
  }
}

TEST_F(SignInsTest, ASourceThatReadsAPlaceIsSeededThere) {
  auth_ = AuthWith({}, "refresh-token");
  auth_.kept_at = PlaceAt("bot");
  AnswerCode();
  AnswerTokens();
  ASSERT_EQ(Login(), "ok");
  EXPECT_EQ(sinks_.places["bot"], "r1");
}

// What only the application can use is asked for by the application: with each
// question a proof, because one is good for minutes.
TEST_F(SignInsTest, AConfidentialClientProvesItself) {
  auth_ = AuthWith({{"assertion_file", "/jwt"}}, "workload");
  auth_.kept_at = PlaceAt("bot");
  AnswerCode();
  world_.server.Answer(400, R"({"error":"authorization_pending"})");
  AnswerTokens();
  ASSERT_EQ(Login(), "ok");
  EXPECT_EQ(sinks_.places["bot"], "r1");
  ASSERT_EQ(world_.server.exchanges().size(), 3u);
  for (size_t i = 1; i < 3; ++i) {
    EXPECT_NE(
        world_.server.exchanges()[i].body.find("&client_assertion=aa.bb.cc"),
        std::string::npos)
        << world_.server.exchanges()[i].body;
  }
}

TEST_F(SignInsTest, NobodyIsAskedForWhatCannotBeKept) {
  request_.seed = PlaceAt("x", "azure-pipelines");
  EXPECT_EQ(Login(), "sink.main gives no secret back");
  request_.seed.reset();
  EXPECT_EQ(way_, "");
  auth_.settings["cache"] = std::string("none");
  EXPECT_EQ(Login(),
            "[auth] `cache` is \"none\", so that no sign-in is kept on this "
            "machine. Put it where a pipeline reads it, with --seed "
            "SINK:PLACE, or remove that line");
  EXPECT_EQ(way_, "");
}

TEST_F(SignInsTest, APlaceThatMovedMeanwhileStaysAsItIs) {
  request_.seed = PlaceAt("ado/refresh");
  meanwhile_ = [this] { sinks_.places["ado/refresh"] = "another's"; };
  AnswerCode();
  AnswerTokens();
  EXPECT_EQ(Login(), "something else is there now");
  EXPECT_EQ(sinks_.places["ado/refresh"], "another's");
}

TEST_F(SignInsTest, ASignInThatCannotBeRenewedIsNone) {
  AnswerCode();
  AnswerTokens("");
  EXPECT_EQ(Login(),
            "signing in: the service gave no refresh token, so that this "
            "sign-in would end within two hours. Add offline_access to [auth] "
            "`scopes`");
  EXPECT_TRUE(files_.files.empty());
}

TEST_F(SignInsTest, OtherSourcesHaveNoLogin) {
  auth_.source = "azure-cli";
  EXPECT_EQ(Login(),
            "[auth] `source` is \"azure-cli\", which patform does not sign in "
            "to. Set source = \"sign-in\", and tenant and client_id of your "
            "app registration; see `patform help login`");
  EXPECT_EQ(got_.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SignInsTest, LogoutForgets) {
  EXPECT_EQ(Logout(), "NOT_FOUND: nothing is there");
  AnswerCode();
  AnswerTokens();
  ASSERT_EQ(Login(), "ok");
  EXPECT_EQ(Logout(), "OK");
  EXPECT_TRUE(files_.files.empty());
}

}  // namespace
}  // namespace patform::entra
