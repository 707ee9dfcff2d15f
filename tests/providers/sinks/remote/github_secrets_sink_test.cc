#include "providers/sinks/remote/github_secrets_sink.h"

#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/providers/sinks/remote/github_fake.h"

namespace patform::sinks {
namespace {

using State = HeldRecord::State;

Delivery Place(const std::string& at) {
  Delivery place;
  place.sink = "github";
  place.at = at;
  return place;
}

ContractCase GithubCase() {
  ContractCase which;
  which.row = GithubSecretsRow();
  which.config.name = "github";
  which.config.type = "github-secrets";
  which.config.settings = {
      {"repository", std::string("contoso/app")},
      {"address", std::string("https://github.contoso.example/api/v3")}};
  which.grants.hosts = {"github.contoso.example"};
  which.environment = {{"PATFORM_GITHUB_TOKEN", "ghp_token"}};
  which.place = Place("ADO_PAT");
  which.limits = {Place("A"), Place("_9"), Place(std::string(200, 'N')),
                  Place("CI_2"), Place("CI_3")};
  which.largest = 48 << 10;
  which.reading = {"GET"};
  which.store = [] {
    auto store = std::make_unique<GithubFake>();
    store->base = "/api/v3/repos/contoso/app/actions";
    return store;
  };
  return which;
}

INSTANTIATE_TEST_SUITE_P(GithubSecrets, SinkContract,
                         testing::Values(&GithubCase));

class GithubSinkTest : public testing::Test {
 protected:
  GithubSinkTest() : line_(std::make_unique<GithubFake>()) {
    config_ = GithubCase().config;
    config_.settings = {{"repository", std::string("contoso/app")}};
    machine_.environment =
        [this](const std::string& name) -> std::optional<std::string> {
      if (name != "GH_TOKEN" || token_.empty()) return std::nullopt;
      return token_;
    };
    machine_.clock = &line_.clock();
    machine_.grants = &grants_;
    machine_.new_transport = [this] { return line_.NewTransport(); };
    machine_.random = [] { return uint64_t{7}; };
    Open();
  }

  void Open() {
    auto sink = GithubSecretsRow().open({config_, nullptr, machine_});
    ASSERT_TRUE(sink.ok()) << sink.status();
    sink_ = *std::move(sink);
  }

  SinkRecord Record(int n) {
    SinkRecord record;
    record.id = *AuthorizationId::Parse(
        absl::StrCat("00000000-0000-4000-8000-00000000000", n));
    record.generation = n;
    record.workspace = "platform";
    record.organization = "contoso";
    record.token = "ci";
    record.address = place_.Address();
    record.valid_to = absl::FromUnixSeconds(1798000000 + n);
    record.written_at = absl::FromUnixSeconds(1796000000 + n);
    return record;
  }
  absl::StatusOr<std::string> Put(int n, const std::string& expected) {
    return sink_->Put(place_, Secret(absl::StrCat("value ", n)), Record(n),
                      expected, Soon());
  }

  GithubFake& fake() { return static_cast<GithubFake&>(line_.store()); }
  std::string Lines() {
    const std::string lines = absl::StrJoin(fake().lines, "\n");
    fake().lines.clear();
    return lines;
  }
  Deadline Soon() { return After(line_.clock(), absl::Seconds(60)); }

  BadLine line_;
  Grants grants_;
  Machine machine_;
  SinkConfig config_;
  std::string token_ = "ghp_token";
  std::unique_ptr<SecretSink> sink_;
  const Delivery place_ = Place("ADO_PAT");
};

TEST_F(GithubSinkTest, WhatIsWrittenInWhichOrder) {
  const auto first = Put(1, "");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(Lines(),
            "GET /secrets/ADO_PAT\nGET /secrets/public-key\n"
            "GET /variables/ADO_PAT_PATFORM\nPOST /variables\n"
            "PUT /secrets/ADO_PAT\nGET /secrets/ADO_PAT\n"
            "PATCH /variables/ADO_PAT_PATFORM");
  EXPECT_EQ(fake().variables["ADO_PAT_PATFORM"],
            "{\"updated_at\":\"2026-11-30T00:53:20Z\",\"record\":{\"format\":1,"
            "\"id\":\"00000000-0000-4000-8000-000000000001\",\"generation\":1,"
            "\"workspace\":\"platform\",\"organization\":\"contoso\",\"token\":"
            "\"ci\",\"address\":\"github:ADO_PAT\",\"owner\":\"\",\"valid_to\":"
            "\"2026-12-23T04:26:41Z\",\"written_at\":\"2026-11-30T00:53:21Z\"}"
            "}");
  ASSERT_TRUE(Put(2, *first).ok());
  EXPECT_EQ(Lines(),
            "GET /secrets/ADO_PAT\nGET /variables/ADO_PAT_PATFORM\n"
            "PUT /secrets/ADO_PAT\nGET /secrets/ADO_PAT\n"
            "PATCH /variables/ADO_PAT_PATFORM");
}

// The two would not be told apart.
TEST_F(GithubSinkTest, NoTwoDeliveriesAreOfOneSecond) {
  const auto first = Put(1, "");
  const auto second = Put(2, *first);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(*first, "2026-11-30T00:53:20Z");
  EXPECT_EQ(*second, "2026-11-30T00:53:21Z");
}

TEST_F(GithubSinkTest, GithubRenewsItsKey) {
  const auto first = Put(1, "");
  fake().RenewKey();
  ASSERT_TRUE(Put(2, *first).ok());
  EXPECT_EQ(fake().Served(place_), "value 2");
}

// 404 is what whoever may not see it gets, too.
TEST_F(GithubSinkTest, WhatIsHiddenIsNotAbsent) {
  fake().hidden = true;
  const HeldRecord held = sink_->Read(place_, Soon());
  EXPECT_EQ(held.state, State::kUnknown);
  EXPECT_EQ(held.why.message(),
            "sink \"github\": reading the public key: api.github.com answered "
            "404: Not Found. Is the name right, and may the token see it?");
}

TEST_F(GithubSinkTest, WithoutAToken) {
  token_ = "";
  Open();
  EXPECT_EQ(sink_->Check(place_, Soon()),
            absl::UnauthenticatedError(
                "sink \"github\": reading about ADO_PAT: there is no token for "
                "GitHub: set PATFORM_GITHUB_TOKEN, or GH_TOKEN"));
  EXPECT_EQ(line_.requests(), 0);
}

TEST_F(GithubSinkTest, ALimitOfItsOwnIsMetWithPatience) {
  ASSERT_TRUE(Put(1, "").ok());
  fake().refusal.status = 403;
  fake().refusal.headers = {{"Retry-After", "2"}};
  EXPECT_EQ(sink_->Read(place_, Soon()).state, State::kPresent);
  fake().refusal.status = 403;
  fake().refusal.headers = {};
  fake().refusal.body = Secret(
      "{\"message\":\"Resource not accessible by personal access token\"}");
  EXPECT_EQ(sink_->Read(place_, Soon()).why,
            absl::PermissionDeniedError(
                "sink \"github\": reading about ADO_PAT: api.github.com "
                "answered 403: Resource not accessible by personal access "
                "token. A fine-grained token needs Secrets and Variables (of "
                "an environment: Environments, too), to read for a plan and to "
                "write for an apply"));
}

// The PUT was carried out, its answer lost: whatever is there is written over.
TEST_F(GithubSinkTest, TheSameIsWrittenAgain) {
  const auto first = Put(1, "");
  fake().lines.clear();
  line_.Break(3, Mishap::kLostAnswer, /*lasting=*/true);
  EXPECT_EQ(Put(2, *first).status().code(), absl::StatusCode::kUnknown);
  line_.Mend();
  EXPECT_EQ(fake().Served(place_), "value 2");
  const auto again = Put(2, *first);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(sink_->Read(place_, Soon()).record, Record(2));
}

TEST_F(GithubSinkTest, AnOrganizationsRepositoriesStay) {
  config_.settings = {{"organization", std::string("contoso")},
                      {"visibility", std::string("selected")}};
  fake().base = "/orgs/contoso/actions";
  Open();
  const auto first = Put(1, "");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(fake().secrets["ADO_PAT"].visibility, "selected");
  fake().secrets["ADO_PAT"].repositories = {7, 8, 9000000001};
  ASSERT_TRUE(Put(2, *first).ok());
  EXPECT_EQ(fake().secrets["ADO_PAT"].repositories,
            (std::vector<int64_t>{7, 8, 9000000001}));
  fake().secrets["ADO_PAT"].visibility = "all";
  const std::string now = sink_->Read(place_, Soon()).version;
  ASSERT_TRUE(Put(3, now).ok());
  EXPECT_EQ(fake().secrets["ADO_PAT"].visibility, "all");
}

TEST_F(GithubSinkTest, AnEnvironmentMayHaveAnyName) {
  config_.settings["environment"] = std::string("prod/eu west");
  fake().base = "/repos/contoso/app/environments/prod%2Feu%20west";
  Open();
  EXPECT_TRUE(Put(1, "").ok());
}

TEST_F(GithubSinkTest, ListsWhatHasARecord) {
  for (int i = 0; i < 35; ++i) {
    const Delivery place = Place(absl::StrCat("T", i));
    ASSERT_TRUE(sink_->Put(place, Secret("v"), Record(1), "", Soon()).ok());
  }
  fake().WriteAsOther(Place("BY_HAND"), "v");
  fake().lines.clear();
  EXPECT_EQ(sink_->Recorded({}, Soon()).size(), 35u);
  EXPECT_EQ(Lines(),
            "GET /secrets?per_page=100&page=1\n"
            "GET /variables?per_page=30&page=1\n"
            "GET /variables?per_page=30&page=2");
}

TEST(GithubRowTest, NamesAndSettings) {
  const SinkType type = GithubSecretsRow().type;
  for (const char* good : {"A", "_", "ADO_PAT", "A9"}) {
    EXPECT_EQ(type.place.at_fault(good), "") << good;
  }
  for (const char* bad :
       {"", "9A", "a", "A-B", "GITHUB_X", "A_PATFORM", "A/B"}) {
    EXPECT_NE(type.place.at_fault(bad), "") << bad;
  }
  for (const char* bad :
       {"", "a", "/a", "a/", "a/..", "../a", "a/b/c", "a/b?"}) {
    EXPECT_EQ(type.keys[0].fault(bad), "OWNER/NAME") << bad;
  }
  EXPECT_EQ(type.keys[0].fault("Contoso/my.app_1"), "");
  std::map<std::string, SettingValue> settings;
  EXPECT_EQ(type.fault(settings),
            "it needs either `repository` or `organization`");
  settings["organization"] = std::string("contoso");
  EXPECT_EQ(type.fault(settings), "");
  settings["environment"] = std::string("prod");
  EXPECT_EQ(type.fault(settings), "`environment` is one of a `repository`");
}

}  // namespace
}  // namespace patform::sinks
