#include "providers/sinks/remote/vault_sink.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/providers/sinks/remote/contract.h"
#include "tests/providers/sinks/remote/vault_fake.h"

namespace patform::sinks {
namespace {

using State = HeldRecord::State;

SinkConfig Config() {
  SinkConfig config;
  config.name = "vault";
  config.type = "vault";
  config.settings["address"] = std::string("https://vault.contoso.example");
  return config;
}

Delivery Place(const std::string& at, const std::string& key = "") {
  Delivery place;
  place.sink = "vault";
  place.at = at;
  place.key = key;
  return place;
}

ContractCase VaultCase() {
  ContractCase contract;
  contract.row = VaultRow();
  contract.config = Config();
  contract.grants.hosts = {"vault.contoso.example"};
  contract.environment["VAULT_TOKEN"] = "hvs.given";
  contract.place = Place("ado/ci");
  std::string deep = "a";
  while (deep.size() < 255) deep += "/a";
  contract.limits = {Place("x"), Place(std::string(256, 'p')),
                     Place(deep, std::string(64, 'k')), Place("_.-/..a/9.")};
  contract.largest = 64 << 10;
  contract.store = [] { return std::make_unique<VaultFake>(); };
  return contract;
}

// What goes is never what a record or a consumer needs.
ContractCase VaultThatKeepsNothing() {
  ContractCase contract = VaultCase();
  contract.config.settings["keep_versions"] = std::string("0s");
  return contract;
}

INSTANTIATE_TEST_SUITE_P(Vault, SinkContract,
                         testing::Values(&VaultCase, &VaultThatKeepsNothing));

// The same ground, for what is this store's own.
class VaultSinkTest : public testing::Test {
 protected:
  VaultSinkTest() {
    environment_["VAULT_TOKEN"] = "hvs.given";
    grants_.hosts = {"vault.contoso.example"};
    Fresh();
  }

  void Fresh() {
    sink_.reset();
    auto fake = std::make_unique<VaultFake>();
    fake_ = fake.get();
    line_ = std::make_unique<BadLine>(std::move(fake));
    machine_.environment =
        [this](const std::string& name) -> std::optional<std::string> {
      const auto found = environment_.find(name);
      if (found == environment_.end()) return std::nullopt;
      return found->second;
    };
    machine_.read_secret =
        [this](const std::string& path) -> absl::StatusOr<Secret> {
      const auto found = files_.find(path);
      if (found == files_.end()) return absl::NotFoundError("no such file");
      return Secret(found->second);
    };
    machine_.clock = &line_->clock();
    machine_.grants = &grants_;
    machine_.new_transport = [this] { return line_->NewTransport(); };
    machine_.random = [] { return uint64_t{7}; };
    Open();
  }

  void Open() {
    sink_.reset();
    auto sink = VaultRow().open({config_, nullptr, machine_});
    ASSERT_TRUE(sink.ok()) << sink.status();
    sink_ = *std::move(sink);
    fake_->log.clear();
  }

  std::unique_ptr<SecretKeeper> Keeper() {
    auto keeper = VaultRow().open_keeper({config_, nullptr, machine_});
    EXPECT_TRUE(keeper.ok()) << keeper.status();
    return *std::move(keeper);
  }

  Deadline Soon() { return After(line_->clock(), absl::Seconds(60)); }

  SinkRecord Record(int n, const Delivery& place) {
    SinkRecord record;
    record.id = *AuthorizationId::Parse(
        absl::StrCat("00000000-0000-4000-8000-00000000000", n));
    record.generation = n;
    record.workspace = "platform";
    record.organization = "contoso";
    record.token = "ci-packaging";
    record.address = place.Address();
    record.valid_to = absl::FromUnixSeconds(1798000000 + n);
    record.written_at = absl::FromUnixSeconds(1796000000 + n);
    return record;
  }

  absl::StatusOr<std::string> Put(int n, const Delivery& place,
                                  const std::string& expected) {
    return sink_->Put(place, Secret(absl::StrCat("value-", n)),
                      Record(n, place), expected, Soon());
  }

  // "present 2", "foreign", "unknown: why".
  std::string Held(const Delivery& place) {
    const HeldRecord held = sink_->Read(place, Soon());
    std::string text = Word(held.state);
    if (held.record) absl::StrAppend(&text, " ", held.record->generation);
    if (held.state == State::kUnknown) {
      absl::StrAppend(&text, ": ", std::string(held.why.message()));
    }
    return text;
  }

  // Delivers from the first number to the last, an hour apart.
  void PutAll(int from, int to, const Delivery& place) {
    for (int n = from; n <= to; ++n) {
      const std::string before = sink_->Read(place, Soon()).version;
      const auto put = Put(n, place, before);
      EXPECT_TRUE(put.ok()) << n << put.status();
      line_->clock().Tick(absl::Hours(1));
    }
  }

  // "1 2", those that are not destroyed.
  std::string Whole(const std::string& at) {
    std::vector<size_t> whole;
    const auto& versions = fake_->paths[at].versions;
    for (size_t i = 0; i < versions.size(); ++i) {
      if (!versions[i].destroyed) whole.push_back(i + 1);
    }
    return absl::StrJoin(whole, " ");
  }

  void Tidy(const Delivery& place) {
    const std::vector<const Delivery*> places = {&place};
    sink_->Tidy(places, Soon());
  }

  void Keep(const std::string& span) {
    config_.settings["keep_versions"] = span;
    Open();
  }

  std::string Log() {
    const std::string log = absl::StrJoin(fake_->log, "\n");
    fake_->log.clear();
    return log;
  }

  std::map<std::string, std::string> environment_, files_;
  Grants grants_;
  Machine machine_;
  SinkConfig config_ = Config();
  std::unique_ptr<BadLine> line_;
  VaultFake* fake_ = nullptr;
  std::unique_ptr<SecretSink> sink_;
};

TEST_F(VaultSinkTest, WhatIsSentInWhichOrder) {
  const Delivery place = Place("ado/ci");
  const auto first = Put(1, place, "");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(Log(),
            "GET sys/internal/ui/mounts/secret\n"
            "GET secret/metadata/ado/ci\n"
            "PUT secret/metadata/ado/ci\n"
            "PUT secret/data/ado/ci\n"
            "PATCH secret/metadata/ado/ci");
  ASSERT_TRUE(Put(2, place, *first).ok());
  EXPECT_EQ(Log(),
            "GET secret/metadata/ado/ci\n"
            "PATCH secret/data/ado/ci\n"
            "PATCH secret/metadata/ado/ci");
  EXPECT_EQ(absl::StrJoin(fake_->paths["ado/ci"].custom, "\n",
                          absl::PairFormatter("=")),
            "patform-address=vault:ado/ci\n"
            "patform-data-version=2\n"
            "patform-format=1\n"
            "patform-generation=2\n"
            "patform-id=00000000-0000-4000-8000-000000000002\n"
            "patform-organization=contoso\n"
            "patform-token=ci-packaging\n"
            "patform-valid-to=2026-12-23T04:26:42Z\n"
            "patform-versions=1 1796000000080000000,2 1796000000140000000\n"
            "patform-workspace=platform\n"
            "patform-written-at=2026-11-30T00:53:22Z");
}

// From nothing: neither a half delivery nor a mark alone looks like a secret of
// somebody else's, which nobody may replace, or like one of ours.
TEST_F(VaultSinkTest, AFirstDeliveryThatDiesIsOurs) {
  const Delivery place = Place("ado/ci");
  for (int request = 0; request < 5; ++request) {
    for (const Mishap mishap :
         {Mishap::kUnreachable, Mishap::kLostAnswer, Mishap::kLate,
          Mishap::kForbidden, Mishap::kUnavailable, Mishap::kGarbage}) {
      const std::string when =
          absl::StrCat("request ", request, ", ", static_cast<int>(mishap));
      Fresh();
      line_->Break(request, mishap, /*lasting=*/true);
      const auto put = Put(1, place, "");
      line_->Mend();
      const auto served = fake_->Served(place);
      if (put.ok()) {
        EXPECT_EQ(served, "value-1") << when;
      } else if (!absl::IsUnknown(put.status())) {
        EXPECT_EQ(served, std::nullopt) << when << put.status();
      }
      line_->CatchUp();
      line_->clock().Tick(absl::Hours(1));
      const HeldRecord held = sink_->Read(place, Soon());
      if (held.state == State::kPresent) {
        EXPECT_EQ(fake_->Served(place), "value-1") << when;
      } else {
        EXPECT_EQ(held.state,
                  fake_->Served(place) ? State::kTorn : State::kAbsent)
            << when;
      }
      EXPECT_TRUE(Put(2, place, held.version).ok()) << when;
      EXPECT_EQ(Held(place), "present 2") << when;
    }
  }
}

TEST_F(VaultSinkTest, AdoptsAFieldAndLeavesTheOthers) {
  const Delivery place = Place("ado/ci", "pat");
  fake_->WriteAsOther(place, "by hand");
  fake_->paths["ado/ci"].versions.back().fields["user"] = "ci";
  fake_->paths["ado/ci"].custom["team"] = "platform";
  HeldRecord held = sink_->Read(place, Soon());
  ASSERT_EQ(held.state, State::kForeign);
  EXPECT_EQ(held.why.message(),
            "\"vault:ado/ci#pat\" holds a secret that patform did not write. "
            "Deliver to another path, delete it, or set adopt = true on this "
            "delivery to replace its field \"pat\".");
  // A run that dies after its mark has taken nothing over.
  line_->Break(2, Mishap::kUnreachable, /*lasting=*/true);
  EXPECT_FALSE(Put(1, place, held.version).ok());
  line_->Mend();
  held = sink_->Read(place, Soon());
  EXPECT_EQ(held.state, State::kForeign);
  ASSERT_TRUE(Put(1, place, held.version).ok());
  const auto& path = fake_->paths["ado/ci"];
  EXPECT_EQ(
      absl::StrJoin(path.versions.back().fields, " ", absl::PairFormatter("=")),
      "pat=value-1 user=ci");
  EXPECT_EQ(path.custom.at("team"), "platform");
  EXPECT_EQ(path.custom.count("patform-written-after"), 0u);
  // Removed, too, is that field alone.
  held = sink_->Read(place, Soon());
  EXPECT_EQ(sink_->Remove(place, held.version, Soon()), absl::OkStatus());
  EXPECT_EQ(
      absl::StrJoin(path.versions.back().fields, " ", absl::PairFormatter("=")),
      "user=ci");
  EXPECT_EQ(absl::StrJoin(path.custom, " ", absl::PairFormatter("=")),
            "team=platform");
}

TEST_F(VaultSinkTest, RemovesEveryVersionOfItsOwn) {
  const Delivery place = Place("ado/ci");
  const auto first = Put(1, place, "");
  ASSERT_TRUE(first.ok());
  const auto second = Put(2, place, *first);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(sink_->Remove(place, *second, Soon()), absl::OkStatus());
  for (const VaultFake::Version& each : fake_->paths["ado/ci"].versions) {
    EXPECT_TRUE(each.destroyed);
  }
  EXPECT_TRUE(fake_->paths["ado/ci"].custom.empty());
}

TEST_F(VaultSinkTest, OldVersionsAreDestroyed) {
  Keep("24h");
  const Delivery place = Place("ado/ci");
  PutAll(1, 3, place);
  // The server's Date has whole seconds.
  line_->clock().Tick(absl::Hours(22) + absl::Seconds(1));
  // 2 came 24 hours ago, 3 came 23 hours ago.
  Log();
  Tidy(place);
  EXPECT_EQ(Log(), "GET secret/metadata/ado/ci\nPUT secret/destroy/ado/ci");
  EXPECT_EQ(Whole("ado/ci"), "2 3");
  line_->clock().Tick(absl::Hours(1));
  Log();
  // The newest of before was superseded just now.
  PutAll(4, 4, place);
  EXPECT_EQ(Log(),
            "GET secret/metadata/ado/ci\nGET secret/metadata/ado/ci\n"
            "PATCH secret/data/ado/ci\nPATCH secret/metadata/ado/ci\n"
            "PUT secret/destroy/ado/ci");
  EXPECT_EQ(Whole("ado/ci"), "3 4");
  line_->clock().Tick(absl::Hours(24 * 365));
  Tidy(place);
  Log();
  EXPECT_EQ(Whole("ado/ci"), "4");
  Tidy(place);
  EXPECT_EQ(Log(), "GET secret/metadata/ado/ci");
  EXPECT_EQ(Held(place), "present 4");
  EXPECT_EQ(fake_->Served(place), "value-4");
}

TEST_F(VaultSinkTest, WithoutTheSettingVersionsStay) {
  const Delivery place = Place("ado/ci");
  PutAll(1, 2, place);
  line_->clock().Tick(absl::Hours(24 * 365));
  Log();
  Tidy(place);
  EXPECT_EQ(Log(), "");
  PutAll(3, 3, place);
  EXPECT_EQ(Whole("ado/ci"), "1 2 3");
  // Their numbers are kept all the same, for whoever sets it later.
  Keep("24h");
  Tidy(place);
  EXPECT_EQ(Whole("ado/ci"), "2 3");
}

// Of one path: what was there before, what others wrote in between and what an
// older patform wrote are not ours to destroy.
TEST_F(VaultSinkTest, OnlyItsOwnVersionsAreDestroyed) {
  Keep("0s");
  const Delivery place = Place("ado/ci");
  const auto gone = [&] {
    fake_->paths["ado/ci"].versions.back().deleted = line_->clock().Now();
    line_->clock().Tick(absl::Hours(1));
  };
  fake_->WriteAsOther(place, "before");
  gone();
  PutAll(2, 3, place);
  fake_->WriteAsOther(place, "between");
  gone();
  PutAll(5, 5, place);
  fake_->paths["ado/ci"].custom.erase("patform-versions");
  PutAll(6, 8, place);
  // 5 is on no list.
  EXPECT_EQ(Whole("ado/ci"), "1 4 5 7 8");
  Tidy(place);
  EXPECT_EQ(Whole("ado/ci"), "1 4 5 8");
  // While the newest is somebody else's, or nobody's, nothing goes.
  fake_->WriteAsOther(place, "theirs");
  line_->clock().Tick(absl::Hours(1));
  Tidy(place);
  gone();
  Tidy(place);
  EXPECT_EQ(Whole("ado/ci"), "1 4 5 8 9");
}

// Old versions of a path with fields of others are their history.
TEST_F(VaultSinkTest, NothingOfASharedPathIsDestroyed) {
  Keep("0s");
  const Delivery place = Place("ado/ci", "pat");
  // Ours alone at first; then somebody adds a field.
  PutAll(1, 2, place);
  fake_->WriteAsOther(place, "value-2");
  fake_->paths["ado/ci"].versions.back().fields["user"] = "ci";
  line_->clock().Tick(absl::Hours(1));
  PutAll(4, 6, place);
  Tidy(place);
  EXPECT_EQ(Whole("ado/ci"), "1 2 3 4 5 6");
  auto& path = fake_->paths["ado/ci"];
  EXPECT_EQ(path.custom.count("patform-versions"), 0u);
  // As a record leaves it that arrives late.
  path.custom["patform-versions"] =
      absl::StrCat("2 ", absl::ToUnixNanos(path.versions[1].created));
  Tidy(place);
  // Deleted as a whole and made again, it is ours alone from then on.
  path.versions.back().deleted = line_->clock().Now();
  line_->clock().Tick(absl::Hours(1));
  PutAll(7, 8, place);
  Tidy(place);
  EXPECT_EQ(Whole("ado/ci"), "1 2 3 4 5 6 8");
}

// Its number names another version where a path was begun again, or where its
// custom_metadata was copied.
TEST_F(VaultSinkTest, ANumberAloneDestroysNothing) {
  Keep("0s");
  const Delivery place = Place("ado/ci");
  PutAll(1, 3, place);
  for (auto& version : fake_->paths["ado/ci"].versions) {
    version.created += absl::Nanoseconds(1);
    version.destroyed = false;
  }
  Tidy(place);
  PutAll(4, 4, place);
  EXPECT_EQ(Whole("ado/ci"), "1 2 3 4");
  Tidy(place);
  EXPECT_EQ(Whole("ado/ci"), "1 2 3 4");
  // Another sink's place, by its record.
  PutAll(5, 5, place);
  Delivery other = place;
  other.sink = "bao";
  Tidy(other);
  EXPECT_EQ(Whole("ado/ci"), "1 2 3 4 5");
  Tidy(place);
  EXPECT_EQ(Whole("ado/ci"), "1 2 3 5");
}

TEST_F(VaultSinkTest, ADeliveryNeedsNoPermissionToDestroy) {
  Keep("0s");
  const Delivery place = Place("ado/ci");
  fake_->policy = {{"metadata/", {"read", "create", "patch"}},
                   {"data/", {"create", "update", "patch"}}};
  EXPECT_EQ(sink_->Check(place, Soon()), absl::OkStatus());
  PutAll(1, 3, place);
  Tidy(place);
  EXPECT_EQ(Whole("ado/ci"), "1 2 3");
  EXPECT_EQ(Held(place), "present 3");
  fake_->policy["destroy/"] = {"update"};
  Tidy(place);
  EXPECT_EQ(Whole("ado/ci"), "3");
}

// One value of custom_metadata has 512 bytes.
TEST_F(VaultSinkTest, TheListOfVersionsHasAnEnd) {
  const Delivery place = Place("ado/ci");
  for (int round = 0; round < 10; ++round) PutAll(1, 9, place);
  const std::string& listed =
      fake_->paths["ado/ci"].custom.at("patform-versions");
  EXPECT_TRUE(listed.starts_with("69 17")) << listed;
  EXPECT_LE(listed.size(), 512u);
  Keep("0s");
  Tidy(place);
  EXPECT_EQ(fake_->paths["ado/ci"].versions.size(), 90u);
  EXPECT_TRUE(Whole("ado/ci").ends_with(" 67 68 90")) << Whole("ado/ci");
}

TEST_F(VaultSinkTest, ASpanThatIsNone) {
  config_.settings["keep_versions"] = std::string("soon");
  EXPECT_EQ(VaultRow().open({config_, nullptr, machine_}).status().ToString(),
            "INVALID_ARGUMENT: sink \"vault\": keep_versions \"soon\": "
            "expected a span such as \"24h\" or \"7d\"");
}

// The last version may be gone, or go by itself (delete_version_after).
TEST_F(VaultSinkTest, ADeletedVersionIsNothingAndCountsOn) {
  const Delivery place = Place("ado/ci");
  ASSERT_TRUE(Put(1, place, "").ok());
  VaultFake::Version& last = fake_->paths["ado/ci"].versions.back();
  last.deleted = line_->clock().Now() + absl::Hours(1);
  EXPECT_EQ(Held(place), "present 1");
  line_->clock().Tick(absl::Hours(1));
  EXPECT_EQ(Held(place), "absent");
  ASSERT_TRUE(Put(2, place, "").ok());
  EXPECT_EQ(fake_->paths["ado/ci"].versions.size(), 2u);
  EXPECT_EQ(Held(place), "present 2");
}

// A path that was deleted with its metadata begins at 1 again.
TEST_F(VaultSinkTest, AVersionIsMoreThanItsNumber) {
  const Delivery place = Place("ado/ci");
  const auto first = Put(1, place, "");
  ASSERT_TRUE(first.ok());
  fake_->paths.clear();
  line_->clock().Tick(absl::Minutes(1));
  fake_->WriteAsOther(place, "theirs");
  EXPECT_EQ(Put(2, place, *first).status(),
            absl::AbortedError(
                "\"vault:ado/ci\" has changed since it was read. Nothing was "
                "written; patform reads it again and decides again."));
  EXPECT_EQ(fake_->Served(place), "theirs");
}

TEST_F(VaultSinkTest, NoSecretWithoutRoomForItsRecord) {
  const Delivery place = Place("ado/ci");
  for (int i = 0; i < 53; ++i) {
    fake_->paths["ado/ci"].custom[absl::StrCat("k", i)] = "v";
  }
  EXPECT_EQ(Put(1, place, "").status(),
            absl::FailedPreconditionError(
                "\"vault:ado/ci\" has too many entries of custom_metadata: "
                "there is no room for a record among the 64 that the server "
                "takes"));
  EXPECT_EQ(fake_->Served(place), std::nullopt);
}

// A token's name is anything; custom_metadata is 512 bytes of what prints.
TEST_F(VaultSinkTest, KeepsEveryName) {
  const Delivery place = Place("ado/ci");
  std::string long_name;
  for (int i = 0; i < 120; ++i) long_name += "\xe3\x83\x88%";
  std::string version;
  for (const std::string& name :
       {std::string("a 50 % b"), long_name, std::string("\xc2\xa0 x"),
        std::string("short")}) {
    SinkRecord record = Record(1, place);
    record.token = name;
    const auto put = sink_->Put(place, Secret("v"), record, version, Soon());
    ASSERT_TRUE(put.ok()) << put.status();
    version = *put;
    const HeldRecord held = sink_->Read(place, Soon());
    ASSERT_EQ(held.state, State::kPresent);
    EXPECT_EQ(held.record->token, name);
  }
  // Nothing of the long one is left.
  EXPECT_EQ(fake_->paths["ado/ci"].custom.count("patform-token.2"), 0u);
}

TEST_F(VaultSinkTest, CheckNamesWhatThePolicyLacks) {
  const Delivery place = Place("ado/ci");
  fake_->policy = {{"metadata/ado/", {"read"}}, {"data/ado/", {"create"}}};
  EXPECT_EQ(sink_->Check(place, Soon()),
            absl::PermissionDeniedError(
                "sink \"vault\": asking what is allowed at secret/ado/ci: the "
                "token's policies lack patch and create on "
                "secret/metadata/ado/ci. The sink's page has a policy that "
                "suffices"));
  fake_->policy["metadata/ado/"] = {"read", "create", "patch"};
  EXPECT_EQ(sink_->Check(place, Soon()),
            absl::PermissionDeniedError(
                "sink \"vault\": asking what is allowed at secret/ado/ci: the "
                "token's policies lack update on secret/data/ado/ci. The "
                "sink's page has a policy that suffices"));
  // Where it may not ask, the delivery finds out.
  fake_->may_ask = false;
  EXPECT_EQ(sink_->Check(place, Soon()), absl::OkStatus());
  fake_->policy["metadata/ado/"] = {};
  EXPECT_EQ(sink_->Check(place, Soon()),
            absl::PermissionDeniedError(
                "sink \"vault\": reading secret/metadata/ado/ci: "
                "vault.contoso.example answered 403: permission denied. Its "
                "policies do not allow that (the sink's page has one that "
                "does), or the token is no longer valid"));
}

TEST_F(VaultSinkTest, WhatTheServerHasToTell) {
  const std::string reading =
      "unknown: sink \"vault\": reading secret/metadata/ado/ci: ";
  const std::string engine = "unknown: sink \"vault\": looking at the engine ";
  const Delivery place = Place("ado/ci");
  fake_->kv_version = "1";
  EXPECT_EQ(Held(place),
            engine +
                "secret: it is not a KV engine of version 2, the only one "
                "that keeps a record beside a secret. Upgrade it: vault "
                "kv enable-versioning");
  fake_->kv_version = "2";
  fake_->mounted = "sec/";
  EXPECT_EQ(Held(place), engine +
                             "secret: the engine is mounted at \"sec/\". "
                             "Write that as `mount`, and the rest in "
                             "`at`");
  config_.settings["mount"] = std::string("other");
  Open();
  EXPECT_EQ(Held(place),
            "unknown: sink \"vault\": reading other/metadata/ado/ci: nothing "
            "is mounted there. Is \"other\" the engine's `mount`, in the right "
            "`namespace`?");
  config_.settings.erase("mount");
  fake_->mounted = "secret/";
  Open();
  EXPECT_EQ(Held(place), "absent");
  fake_->sealed = true;
  EXPECT_EQ(Held(place), reading +
                             "the server is sealed. Run patform again "
                             "once it is unsealed");
}

TEST_F(VaultSinkTest, SignsInWithWhatTheOperatorGives) {
  const Delivery place = Place("ado/ci");
  environment_.clear();
  Open();
  EXPECT_EQ(Held(place),
            "unknown: sink \"vault\": there is no token for "
            "https://vault.contoso.example. Set VAULT_TOKEN, or sign in with "
            "its own client: vault login");
  environment_["HOME"] = "/home/ada";
  files_["/home/ada/.vault-token"] = "hvs.given\n";
  EXPECT_EQ(Held(place), "absent");
  Open();
  // A token of the operator's is not ended, and was not asked for.
  sink_.reset();
  EXPECT_EQ(Log(), "");
  EXPECT_EQ(fake_->logins, 0);
}

TEST_F(VaultSinkTest, GivesALoginOfItsOwnBack) {
  const Delivery place = Place("ado/ci");
  config_.settings["auth"] = std::string("approle");
  config_.settings["role_id"] = std::string("r-1");
  environment_ = {{"VAULT_SECRET_ID", "s-1"}};
  fake_->token = "hvs.own";
  Open();
  EXPECT_EQ(Held(place), "absent");
  EXPECT_EQ(Held(place), "absent");
  sink_.reset();
  EXPECT_EQ(Log(),
            "POST auth/approle/login\n"
            "GET sys/internal/ui/mounts/secret\n"
            "GET secret/metadata/ado/ci\n"
            "GET secret/metadata/ado/ci\n"
            "POST auth/token/revoke-self");
  environment_["VAULT_SECRET_ID"] = "s-2";
  Open();
  EXPECT_EQ(Held(place),
            "unknown: sink \"vault\": signing in by approle: "
            "vault.contoso.example answered 400: invalid role or secret ID");
  config_.settings["auth"] = std::string("jwt");
  config_.settings["auth_mount"] = std::string("ci");
  config_.settings["role"] = std::string("patform");
  config_.settings["jwt_file"] = std::string("/run/jwt");
  Open();
  EXPECT_EQ(Held(place),
            "unknown: sink \"vault\": the file of `jwt_file` (/run/jwt) cannot "
            "be read by this user");
  files_["/run/jwt"] = "\n";
  EXPECT_EQ(Held(place),
            "unknown: sink \"vault\": the file of `jwt_file` (/run/jwt) is "
            "empty");
  files_["/run/jwt"] = "e.y.J\n";
  EXPECT_EQ(Held(place), "absent");
}

TEST_F(VaultSinkTest, ALoginOutlivesItsLease) {
  const Delivery place = Place("ado/ci");
  config_.settings["auth"] = std::string("approle");
  config_.settings["role_id"] = std::string("r-1");
  environment_ = {{"VAULT_SECRET_ID", "s-1"}};
  Open();
  EXPECT_EQ(Held(place), "absent");
  Log();
  // Two thirds of 20 minutes.
  line_->clock().Tick(absl::Minutes(14));
  EXPECT_EQ(Held(place), "absent");
  EXPECT_EQ(Log(), "POST auth/token/renew-self\nGET secret/metadata/ado/ci");
  // At its maximum life a renewal gives no more time.
  line_->clock().Tick(absl::Minutes(14));
  fake_->lease_seconds = 300;
  fake_->renewable = false;
  EXPECT_EQ(Held(place), "absent");
  EXPECT_EQ(Log(),
            "POST auth/token/renew-self\nPOST auth/approle/login\n"
            "GET secret/metadata/ado/ci");
  // What is left is used where no more can be had.
  line_->clock().Tick(absl::Seconds(250));
  environment_["VAULT_SECRET_ID"] = "used up";
  EXPECT_EQ(Held(place), "absent");
  line_->clock().Tick(absl::Seconds(60));
  EXPECT_EQ(Held(place),
            "unknown: sink \"vault\": signing in by approle: "
            "vault.contoso.example answered 400: invalid role or secret ID");
}

TEST_F(VaultSinkTest, FindsWhatIsInTheFoldersThatAreKnown) {
  for (const char* at : {"ado/a", "ado/b", "ado/deep/c", "other/d"}) {
    ASSERT_TRUE(Put(1, Place(at, "pat"), "").ok());
  }
  fake_->WriteAsOther(Place("ado/theirs"), "x");
  Open();
  sink_->Read(Place("ado/a", "pat"), Soon());
  std::string found;
  for (const StrayPlace& each :
       sink_->Recorded({"ado/a", "other/gone"}, Soon())) {
    absl::StrAppend(&found, each.place.at, "#", each.place.key, " ");
  }
  EXPECT_EQ(found, "ado/b#pat other/d#pat ");
  // A policy without "list" leaves those that are named.
  fake_->policy = {{"metadata/", {"read"}}};
  found.clear();
  for (const StrayPlace& each : sink_->Recorded({"ado/b"}, Soon())) {
    absl::StrAppend(&found, each.place.at, "#", each.place.key, " ");
  }
  EXPECT_EQ(found, "ado/b#pat ");
}

TEST_F(VaultSinkTest, KeepsASignIn) {
  const Delivery place = Place("patform/build-bot");
  const auto keeper = Keeper();
  EXPECT_EQ(keeper->Read(place, Soon()).status(),
            absl::NotFoundError("there is nothing at "
                                "\"vault:patform/build-bot\""));
  EXPECT_EQ(keeper->Replace(place, Secret("r\"1"), "", Soon()),
            absl::OkStatus());
  const auto first = keeper->Read(place, Soon());
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->value.Reveal(), "r\"1");
  EXPECT_EQ(keeper->Replace(place, Secret("r2"), "7 7", Soon()).code(),
            absl::StatusCode::kAborted);
  EXPECT_EQ(keeper->Replace(place, Secret("r2"), first->version, Soon()),
            absl::OkStatus());
  EXPECT_EQ(keeper->Replace(place, Secret("r3"), first->version, Soon()).code(),
            absl::StatusCode::kAborted);
  EXPECT_EQ(fake_->Served(place), "r2");
  // Of a token it is not one.
  ASSERT_TRUE(Put(1, Place("ado/ci"), "").ok());
  EXPECT_EQ(keeper->Read(Place("ado/ci"), Soon()).status().message(),
            "\"vault:ado/ci\" is the secret of a token. Keep the sign-in in "
            "another place.");
}

TEST(VaultRowTest, WhichSettingsBelongTogether) {
  const SinkType type = VaultRow().type;
  const auto fault = [&](std::map<std::string, std::string> settings) {
    std::map<std::string, SettingValue> all;
    for (const auto& [key, value] : settings) all[key] = value;
    return type.fault(all);
  };
  EXPECT_EQ(fault({}), "");
  EXPECT_EQ(fault({{"auth", "approle"}}), "auth = \"approle\" needs `role_id`");
  EXPECT_EQ(fault({{"auth", "approle"}, {"role_id", "r"}}), "");
  EXPECT_EQ(fault({{"auth", "jwt"}, {"role", "r"}}),
            "auth = \"jwt\" needs `jwt_file`");
  EXPECT_EQ(fault({{"role_id", "r"}}), "`role_id` is for auth = \"approle\"");
  EXPECT_EQ(fault({{"secret_id_file", "r"}}),
            "`secret_id_file` is for auth = \"approle\"");
  EXPECT_EQ(fault({{"auth_mount", "r"}}),
            "`auth_mount` is for auth = \"approle\" and \"jwt\"");
}

TEST(VaultRowTest, WhichPlacesThereAre) {
  const PlaceRules rules = VaultRow().type.place;
  for (const char* at : {"a", "ado/ci", "A-_./9", "..a/b"}) {
    EXPECT_EQ(rules.at_fault(at), "") << at;
  }
  for (const std::string& at :
       {std::string(""), std::string("/a"), std::string("a/"),
        std::string("a//b"), std::string("a/../b"), std::string("."),
        std::string("a b"), std::string("a?b"), std::string("a#b"),
        std::string(257, 'a')}) {
    EXPECT_NE(rules.at_fault(at), "") << at;
  }
  EXPECT_EQ(rules.key_fault("nuget_pat"), "");
  EXPECT_NE(rules.key_fault("a b"), "");
  EXPECT_NE(rules.key_fault(std::string(65, 'k')), "");
}

TEST(VaultRowTest, OneStoreHasOneName) {
  SinkConfig config = Config();
  EXPECT_EQ(VaultRow().canonical(config).value_or("?"),
            "https://vault.contoso.example//secret");
  config.settings["namespace"] = std::string("team");
  config.settings["mount"] = std::string("kv/azdo");
  EXPECT_EQ(VaultRow().canonical(config).value_or("?"),
            "https://vault.contoso.example/team/kv/azdo");
}

}  // namespace
}  // namespace patform::sinks
