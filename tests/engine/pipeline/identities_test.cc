// Several users: each signs in by itself, and one who cannot leaves the others
// alone.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/pipeline.h"
#include "tests/fakes/dump.h"
#include "tests/fakes/fake_files.h"
#include "tests/fakes/fake_ports.h"
#include "tests/fakes/fake_provider.h"
#include "tests/fakes/world.h"

namespace patform {
namespace {

constexpr char kToml[] =
    "format = 1\nworkspace = \"w\"\norganization = \"contoso\"\n"
    "[identity.bot]\nsource = \"azure-cli\"\n"
    "[token.mine]\nscopes = [\"vso.code\"]\n"
    "[token.theirs]\nscopes = [\"vso.code\"]\nidentity = \"bot\"\n";

// Signs in by identity: a list for each, or a reason why not.
class SignInByIdentity : public FakeTokenServices {
 public:
  explicit SignInByIdentity(FakeWorld& world) : world_(world) {
    SettingsType& environment = sources.emplace_back();
    environment.name = "environment";
    environment.one_user = true;
    sources.emplace_back().name = "azure-cli";
  }
  absl::StatusOr<std::unique_ptr<TokenReader>> OpenReader(
      const Connection& connection) override {
    const std::string& identity = connection.auth.identity;
    if (signed_out.count(identity) > 0) {
      return absl::UnauthenticatedError("nobody is signed in");
    }
    return std::make_unique<FakeProvider>(
        *world_.services.at({identity, connection.organization}),
        world_.misfortune);
  }
  absl::StatusOr<SignedIn> WhoAmI(const AuthConfig& auth, Deadline) override {
    if (signed_out.count(auth.identity) > 0) {
      return absl::UnauthenticatedError("nobody is signed in");
    }
    SignedIn user;
    user.oid = oids[auth.identity];
    return user;
  }

  std::set<std::string> signed_out;
  std::map<std::string, std::string> oids = {{"", "ada"}, {"bot", "robot"}};

 private:
  FakeWorld& world_;
};

class IdentitiesTest : public ::testing::Test {
 protected:
  IdentitiesTest() {
    world_.AddUser("bot");
    world_.service().AddStranger("mine", "vso.code", absl::ZeroDuration(),
                                 absl::Hours(24 * 30));
    bots().AddStranger("theirs", "vso.code", absl::ZeroDuration(),
                       absl::Hours(24 * 30));
    files_.files["patform.toml"] = kToml;
    ports_.clock = &world_.clock;
    ports_.files = &files_;
    ports_.run = &run_;
    ports_.tokens = &services_;
    ports_.sinks = &sinks_;
    ports_.environment = [](const std::string&) { return std::nullopt; };
    request_.config = "patform.toml";
    request_.now = world_.clock.Now();
  }

  FakeService& bots() { return *world_.services.at({"bot", "contoso"}); }

  // What the plan is, or why there is none.
  std::string Plan() {
    Prefetch prefetch(ports_, request_.service);
    std::vector<Diagnostic> diagnostics;
    absl::StatusOr<DesiredState> desired =
        LoadDesired(ports_, request_, diagnostics, &prefetch);
    if (!desired.ok()) return Render(diagnostics);
    absl::StatusOr<Planned> planned =
        PlanFor(ports_, request_, *std::move(desired), {}, prefetch);
    if (!planned.ok()) {
      return absl::StrCat(absl::StatusCodeToString(planned.status().code()),
                          ": ", std::string(planned.status().message()));
    }
    planned_ = *std::move(planned);
    std::string text = Dump(planned_.plan.changes);
    for (const Finding& finding : planned_.plan.findings) {
      absl::StrAppend(&text, finding.rule, ": ", finding.what, "\n");
    }
    return text;
  }

  FakeWorld world_;
  FakeFiles files_;
  FakeRun run_;
  FakeSinks sinks_;
  SignInByIdentity services_{world_};
  Ports ports_;
  PipelineRequest request_;
  Planned planned_;
};

TEST_F(IdentitiesTest, OnePlanOverAll) {
  EXPECT_EQ(Plan(), "");
  EXPECT_EQ(planned_.plan.changes.unchanged, 2);
  EXPECT_EQ(planned_.actual.user_oid, "ada");
  EXPECT_EQ(planned_.actual.users,
            (std::map<std::string, std::string>{{"bot", "robot"}}));
  EXPECT_EQ(planned_.plan.users, planned_.actual.users);
  EXPECT_TRUE(planned_.plan.complete());
}

TEST_F(IdentitiesTest, OneWhoCannotSignInIsUndecided) {
  services_.signed_out = {"bot"};
  EXPECT_EQ(Plan(),
            "? identity.bot/token.theirs: the tokens of bot in contoso could "
            "not be listed: nobody is signed in\n");
  EXPECT_EQ(planned_.plan.changes.unchanged, 1);
  EXPECT_FALSE(planned_.plan.complete());
  EXPECT_EQ(planned_.plan.users,
            (std::map<std::string, std::string>{{"bot", ""}}));
  services_.signed_out = {""};
  EXPECT_EQ(Plan(),
            "? token.mine: the tokens of contoso could not be listed: nobody "
            "is signed in\n");
  services_.signed_out = {"", "bot"};
  EXPECT_EQ(Plan(), "UNAUTHENTICATED: nobody is signed in");
}

// Nobody can tell what the file has left of a user that cannot be asked.
TEST_F(IdentitiesTest, OneWhoOwnsNothingAnyMoreIsAskedAllTheSame) {
  files_.files["patform.toml"] =
      "format = 1\nworkspace = \"w\"\norganization = \"contoso\"\n"
      "[identity.bot]\nsource = \"azure-cli\"\n"
      "[token.mine]\nscopes = [\"vso.code\"]\n";
  bots().AddStranger("gone ~pf:w#1.nonce00000000001", "vso.code",
                     absl::ZeroDuration(), absl::Hours(24 * 30));
  EXPECT_EQ(Plan(), "- identity.bot/token.gone revoke undeclared revokes 1\n");
  services_.signed_out = {"bot"};
  EXPECT_EQ(Plan(),
            "? identity.bot: the tokens of bot in contoso could not be listed: "
            "nobody is signed in\n");
}

TEST_F(IdentitiesTest, TwoThatAreOneUserAreForbidden) {
  services_.oids["bot"] = "ada";
  EXPECT_EQ(Plan(),
            "same_user: [auth] and [identity.bot] sign in the same user "
            "(ada): each would end the other's tokens\n");
  EXPECT_TRUE(Forbids(planned_.plan.findings));
}

}  // namespace
}  // namespace patform
