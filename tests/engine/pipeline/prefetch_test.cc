// The lists of tokens begin while the configuration is still being read.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/pipeline.h"
#include "tests/fakes/dump.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_files.h"
#include "tests/fakes/fake_ports.h"

namespace patform {
namespace {

constexpr char kHead[] =
    "format = 1\nworkspace = \"w\"\norganization = \"contoso\"\n"
    "include = [\"teams/*.toml\"]\n";

// Lists one token, named after its organization.
class OneToken : public TokenReader {
 public:
  OneToken(std::string organization, int number, std::atomic<int>& lists)
      : organization_(std::move(organization)),
        number_(number),
        lists_(lists) {}
  absl::StatusOr<TokenPage> List(TokenFilter, const std::string&,
                                 Deadline) override {
    ++lists_;
    TokenPage page;
    ActualToken& token = page.tokens.emplace_back();
    token.id = *AuthorizationId::Parse(
        absl::StrCat("00000000-0000-4000-8000-00000000000", number_));
    token.display_name = organization_;
    token.scopes = ScopeSet::Parse("vso.code");
    token.valid_from = absl::FromUnixSeconds(1'800'000'000);
    token.valid_to = token.valid_from + absl::Hours(20 * 24);
    return page;
  }
  absl::StatusOr<ActualToken> Get(const AuthorizationId&, Deadline) override {
    return absl::NotFoundError("none");
  }

 private:
  const std::string organization_;
  const int number_;
  std::atomic<int>& lists_;
};

class OneTokenEach : public FakeTokenServices {
 public:
  absl::StatusOr<std::unique_ptr<TokenReader>> OpenReader(
      const Connection& connection) override {
    opened.push_back(
        absl::StrCat(connection.auth.source, " ", connection.organization));
    if (connection.organization == refused) {
      return absl::InvalidArgumentError("refused");
    }
    return std::make_unique<OneToken>(connection.organization,
                                      static_cast<int>(opened.size()), lists);
  }

  std::string refused;
  std::vector<std::string> opened;  // by LoadDesired and PlanFor
  std::atomic<int> lists = 0;
};

class PrefetchTest : public ::testing::Test {
 protected:
  PrefetchTest() {
    ports_.clock = &clock_;
    ports_.files = &files_;
    ports_.environment = [](const std::string&) { return std::nullopt; };
    ports_.run = &run_;
    ports_.tokens = &services_;
    ports_.sinks = &sinks_;
    request_.config = "patform.toml";
    request_.now = absl::FromUnixSeconds(1'800'000'000);
    files_.files["patform.toml"] = kHead;
    files_.files["teams/a.toml"] =
        "[token.contoso]\nscopes = [\"vso.code\"]\n"
        "[token.fabrikam]\nscopes = [\"vso.build\"]\n"
        "organization = \"fabrikam\"\n";
    files_.files["teams/b.toml"] =
        "[token.b]\nscopes = [\"vso.code\"]\nensure = \"absent\"\n"
        "[token.wingtip]\nscopes = [\"vso.code\"]\n"
        "organization = \"wingtip\"\n";
  }

  // What the plan is, or why there is none.
  std::string Plan() {
    Prefetch prefetch(ports_, request_.service);
    std::vector<Diagnostic> diagnostics;
    absl::StatusOr<DesiredState> desired =
        LoadDesired(ports_, request_, diagnostics, &prefetch);
    loaded_ = absl::StrJoin(services_.opened, ", ");
    if (!desired.ok()) return Render(diagnostics);
    const absl::StatusOr<Planned> planned =
        PlanFor(ports_, request_, *std::move(desired), {}, prefetch);
    if (!planned.ok()) return std::string(planned.status().message());
    return Dump(planned->plan.changes);
  }

  FakeClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  FakeFiles files_;
  FakeRun run_;
  FakeSinks sinks_;
  OneTokenEach services_;
  Ports ports_;
  PipelineRequest request_;
  std::string loaded_;  // by LoadDesired alone
};

TEST_F(PrefetchTest, OneForEachOrganizationAndNoneTwice) {
  EXPECT_EQ(
      Plan(),
      "~ fabrikam/token.fabrikam update scope_changed {scopes: vso.code → "
      "vso.build}\n");
  EXPECT_EQ(loaded_,
            "environment contoso, environment fabrikam, environment wingtip");
  EXPECT_EQ(services_.opened.size(), 3u);
  EXPECT_EQ(services_.lists, 3);
}

TEST_F(PrefetchTest, NoneOnceSomethingIsWrong) {
  files_.files["teams/a.toml"] += "color = \"red\"\n";
  EXPECT_EQ(
      Plan(),
      "teams/a.toml:6:1: error: unknown key `color` in "
      "[token.fabrikam]\n"
      "  6 | color = \"red\"\n"
      "    | ^~~~~\n"
      "    = known keys: all_organizations, deliver, ensure, expires, "
      "grace, identity, labels, lifetime, organization, owner, prevent_revoke, "
      "purpose, renamed_from, renewal, replaces, rotate_before, scopes, "
      "verify\n\n"
      "1 error\n");
  EXPECT_EQ(loaded_, "");
}

TEST_F(PrefetchTest, WhoCanNotBeAskedIsExplainedByThePlan) {
  services_.refused = "fabrikam";
  EXPECT_EQ(Plan(), "refused");
  EXPECT_EQ(services_.opened.size(), 4u);
}

TEST_F(PrefetchTest, NoneForAPlanFromASnapshot) {
  request_.snapshot = "world.json";
  EXPECT_EQ(Plan(), "no such file");
  EXPECT_TRUE(services_.opened.empty());
}

}  // namespace
}  // namespace patform
