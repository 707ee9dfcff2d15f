// What needs neither the network nor a credential touches neither: ports
// that fail the test when somebody as much as asks for them.
#include <gtest/gtest.h>

#include <sstream>

#include "absl/strings/str_cat.h"
#include "engine/pipeline.h"
#include "engine/saved/snapshot_file.h"
#include "tests/fakes/dump.h"
#include "tests/fakes/fake_files.h"
#include "tests/fakes/fake_ports.h"
#include "tests/fakes/world.h"

namespace patform {
namespace {

constexpr char kKey[] = "a key for tests, long enough";
constexpr char kHead[] =
    "format = 1\nworkspace = \"w\"\norganization = \"contoso\"\n"
    "[sink.main]\ntype = \"file\"\npath = \"secrets\"\n";

absl::Status Touched(const char* what) {
  ADD_FAILURE() << "touched: " << what;
  return absl::InternalError("touched");
}

class NoRandomness : public FakeRun {
 public:
  std::string Nonce() override {
    ADD_FAILURE() << "asked for a nonce";
    return "";
  }
};

class NoService : public FakeTokenServices {
 public:
  absl::StatusOr<std::unique_ptr<TokenReader>> OpenReader(
      const Connection&) override {
    return Touched("a token reader");
  }
  absl::StatusOr<std::unique_ptr<TokenWriter>> OpenWriter(
      const Connection&) override {
    return Touched("a token writer");
  }
  absl::StatusOr<SignedIn> WhoAmI(const AuthConfig&, Deadline) override {
    return Touched("the credential");
  }
};

class NoStores : public FakeSinks {
 public:
  absl::StatusOr<std::unique_ptr<RecordReader>> OpenReader(
      const SinkConfig&, const AuthConfig&) override {
    return Touched("a record reader");
  }
  absl::StatusOr<std::unique_ptr<SecretSink>> Open(const SinkConfig&,
                                                   const AuthConfig&) override {
    return Touched("a sink");
  }
};

class OfflineTest : public ::testing::Test {
 protected:
  OfflineTest() {
    then_.AddSink("main");
    then_.Declare("ci", {"main:ci"});
    then_.Run();
    snapshot_ = *then_.Look();

    SinkType& file = sinks_.types.emplace_back();
    file.name = "file";
    file.keys = {{"path", SettingKey::Kind::kPath, true, ""}};
    ports_.clock = &then_.clock;
    ports_.files = &files_;
    ports_.terminal = &terminal_;
    ports_.run = &run_;
    ports_.tokens = &tokens_;
    ports_.sinks = &sinks_;
    ports_.environment =
        [this](const std::string& name) -> std::optional<std::string> {
      if (name == "PATFORM_PLAN_KEY") return key_;
      ADD_FAILURE() << "asked for the variable " << name;
      return "hunter2";
    };
    request_.config = "patform.toml";
    request_.snapshot = "world.json";
    request_.now = then_.clock.Now() + absl::Hours(3);
    files_.files["world.json"] = WriteSnapshot(snapshot_, "");
  }

  std::string PlanOf(const std::string& toml) {
    files_.files["patform.toml"] = toml;
    std::vector<Diagnostic> diagnostics;
    absl::StatusOr<DesiredState> desired =
        LoadDesired(ports_, request_, diagnostics);
    if (!desired.ok()) return Render(diagnostics);
    Prefetch prefetch(ports_, request_.service);
    const absl::StatusOr<Planned> planned =
        PlanFor(ports_, request_, *std::move(desired), {}, prefetch);
    if (!planned.ok()) return std::string(planned.status().message());
    EXPECT_EQ(planned->plan.snapshot_taken_at, snapshot_.taken_at);
    EXPECT_EQ(planned->plan.user_oid, snapshot_.user_oid);
    return Dump(planned->plan.changes);
  }

  FakeWorld then_;
  ActualState snapshot_;
  FakeFiles files_;
  std::ostringstream said_;
  std::istringstream typed_;
  std::optional<std::string> key_;
  Terminal terminal_{said_, said_, typed_};
  NoRandomness run_;
  NoService tokens_;
  NoStores sinks_;
  Ports ports_;
  PipelineRequest request_;
};

TEST_F(OfflineTest, PlansFromASnapshot) {
  EXPECT_EQ(PlanOf(absl::StrCat(kHead,
                                "[token.ci]\nscopes = [\"vso.work\"]\n"
                                "deliver = [{ to = \"main\", at = \"ci\" }]\n"
                                "[token.new]\nscopes = [\"vso.code\"]\n"
                                "deliver = [{ to = \"main\", at = \"n\" }]\n")),
            "~ token.ci update scope_changed {scopes: vso.build vso.code → "
            "vso.work}\n"
            "+ token.new create not_found gen 1\n"
            "note token.new: main:n is not in the snapshot; it is taken for "
            "empty\n");
  EXPECT_EQ(files_.reads,
            (std::vector<std::string>{"patform.toml", "world.json"}));
}

// Whatever the file of a pull request asks for, of a program that has sinks and
// sign-ins which call out.
TEST_F(OfflineTest, HostileConfigurations) {
  using Kind = SettingKey::Kind;
  const auto add = [this](const char* name, std::vector<SettingKey> keys) {
    SinkType& type = sinks_.types.emplace_back();
    type.name = name;
    type.keys = std::move(keys);
    type.reach = Reach::kNetwork;
  };
  add("exec", {{"command", Kind::kList, true, ""}});
  add("key_vault", {{"vault", Kind::kText, true, ""}});
  add("vault",
      {{"address", Kind::kText, true, ""}, {"mount", Kind::kText, true, ""}});
  tokens_.sources.push_back({"exec", "", {{"command", Kind::kList, true, ""}}});
  const std::string token =
      "[token.ci]\nscopes = [\"vso.code\", \"vso.build\"]\n"
      "deliver = [{ to = \"evil\", at = \"ci\" }]\n";
  for (const char* sink :
       {"type = \"exec\"\ncommand = [\"rm\", \"-rf\", \"/\"]\n",
        "type = \"vault\"\naddress = \"https://192.0.2.1\"\nmount = \"kv\"\n",
        "type = \"key_vault\"\nvault = \"evil\"\n"}) {
    EXPECT_EQ(PlanOf(absl::StrCat(kHead, "[sink.evil]\n", sink,
                                  "[auth]\nsource = \"exec\"\n"
                                  "command = [\"curl\", \"192.0.2.1\"]\n",
                                  token)),
              "+/- token.ci rotate secret_not_in_sink gen 2 retires 1\n"
              "note token.ci: evil:ci is not in the snapshot; it is taken for "
              "empty\n"
              "note token.ci: main:ci holds the secret of generation 1 "
              "(a0001eef), which lives until 2027-02-14 08:00 UTC; no table "
              "names that place any more. Remove it there when nobody reads it "
              "any more\n");
  }
}

TEST_F(OfflineTest, SnapshotsThatWillNotDo) {
  const std::string toml =
      absl::StrCat(kHead, "[token.ci]\nscopes = [\"vso.code\"]\n");
  key_ = kKey;
  EXPECT_EQ(PlanOf(toml),
            "world.json: it is not signed, and PATFORM_PLAN_KEY is set: only "
            "what was signed with that key is accepted");
  key_ = "short";
  EXPECT_EQ(PlanOf(toml),
            "PATFORM_PLAN_KEY has 5 bytes: a key that short can be guessed. At "
            "least 16 are needed; make one with `openssl rand -hex 32`");
  key_ = "";
  files_.files["world.json"] = "{}";
  EXPECT_EQ(PlanOf(toml),
            "world.json: it is not a snapshot; `patform snapshot --out FILE` "
            "writes one");
  request_.baseline = "world.json";
  EXPECT_EQ(PlanOf(toml),
            "--baseline world.json: it is neither a snapshot nor a saved plan");
  request_.baseline = "";
  files_.files.erase("world.json");
  EXPECT_EQ(PlanOf(toml), "no such file");
}

}  // namespace
}  // namespace patform
