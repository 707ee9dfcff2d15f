#include "providers/sinks/remote/key_vault_sink.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_join.h"
#include "tests/providers/sinks/remote/key_vault_fake.h"

namespace patform::sinks {
namespace {

Delivery Place(const std::string& at) {
  Delivery place;
  place.sink = "vault";
  place.at = at;
  return place;
}

ContractCase KeyVaultCase() {
  ContractCase c;
  c.row = KeyVaultRow();
  c.config.name = "vault";
  c.config.type = "key-vault";
  c.config.settings["vault"] = std::string("https://contoso.vault.azure.net");
  c.place = Place("ci-packaging");
  c.limits = {Place(std::string(127, 'n')), Place("7"), Place("A-b-"),
              Place("-"), Place(std::string(126, '-') + "Z")};
  c.largest = 25600;
  c.reading = {"GET"};
  c.store = [] { return std::make_unique<KeyVaultFake>(); };
  c.furnish = [](Machine& machine) {
    machine.bearer = [](const AuthConfig&, const std::string& resource,
                        Deadline) {
      EXPECT_EQ(resource, "https://vault.azure.net");
      return Secret(kVaultBearer);
    };
  };
  return c;
}

INSTANTIATE_TEST_SUITE_P(KeyVault, SinkContract,
                         testing::Values(&KeyVaultCase));

// The same machine, for what is this store's own.
class KeyVaultSinkTest : public testing::Test {
 protected:
  KeyVaultSinkTest() { Fresh(); }

  void Fresh() {
    line_ = std::make_unique<BadLine>(std::make_unique<KeyVaultFake>());
    machine_.clock = &line_->clock();
    machine_.grants = &grants_;
    machine_.new_transport = [this] { return line_->NewTransport(); };
    machine_.random = [] { return uint64_t{7}; };
    machine_.bearer = [this](const AuthConfig&, const std::string& resource,
                             Deadline) -> absl::StatusOr<Secret> {
      asked_for_.push_back(resource);
      return Secret(bearer_);
    };
    Open();
  }
  void Open() {
    const auto sink = KeyVaultRow().open({case_.config, &auth_, machine_});
    ASSERT_TRUE(sink.ok()) << sink.status();
    sink_ = std::move(const_cast<std::unique_ptr<SecretSink>&>(*sink));
  }

  KeyVaultFake& vault() { return static_cast<KeyVaultFake&>(line_->store()); }
  Deadline Soon() { return After(line_->clock(), absl::Seconds(60)); }
  SinkRecord Record(int n, const Delivery& place) const {
    SinkRecord record;
    record.id = *AuthorizationId::Parse(
        absl::StrFormat("00000000-0000-4000-8000-%012d", n));
    record.generation = n;
    record.workspace = "platform";
    record.organization = "contoso";
    record.token = "ci-packaging";
    record.address = place.Address();
    record.user_oid = "5a3c1d8e-0000-4000-8000-000000000001";
    record.valid_to = absl::FromUnixSeconds(1798000000);
    record.written_at = absl::FromUnixSeconds(1796000000 + n);
    return record;
  }
  absl::StatusOr<std::string> Put(int n, const std::string& expected,
                                  const std::string& at = "ci") {
    return sink_->Put(Place(at), Secret(absl::StrCat("value-", n)),
                      Record(n, Place(at)), expected, Soon());
  }
  std::string Lines() {
    std::string lines = absl::StrJoin(vault().lines, "\n");
    vault().lines.clear();
    return lines;
  }
  // "1 off, 2 on": generations and what can still be read.
  std::string Versions(const std::string& at = "ci") {
    std::string dump;
    for (const KeyVaultFake::Version& each : vault().secrets[at].versions) {
      const auto* tag = each.tags.if_contains("patform-generation");
      absl::StrAppend(&dump, dump.empty() ? "" : ", ",
                      tag == nullptr ? "other" : std::string(tag->as_string()),
                      each.attributes.at("enabled").as_bool() ? " on" : " off");
    }
    return dump;
  }

  ContractCase case_ = KeyVaultCase();
  Grants grants_;
  std::unique_ptr<BadLine> line_;
  Machine machine_;
  AuthConfig auth_;
  std::string bearer_ = kVaultBearer;
  std::vector<std::string> asked_for_;
  std::unique_ptr<SecretSink> sink_;
};

TEST_F(KeyVaultSinkTest, WhatIsSent) {
  case_.config.settings["content_type"] = std::string("text/plain");
  Open();
  const auto put = Put(1, "");
  ASSERT_TRUE(put.ok()) << put.status();
  EXPECT_EQ(Lines(),
            "GET /secrets?api-version=7.4&maxresults=1\n"
            "GET /secrets/ci/versions?api-version=7.4&maxresults=25\n"
            "PUT /secrets/ci?api-version=7.4");
  EXPECT_EQ(asked_for_, (std::vector<std::string>{"https://vault.azure.net",
                                                  "https://vault.azure.net"}));
  const KeyVaultFake::Version& version = vault().secrets["ci"].versions[0];
  EXPECT_EQ(version.content_type, "text/plain");
  EXPECT_EQ(version.attributes.at("exp").to_number<int64_t>(), 1798000000);
  EXPECT_EQ(boost::json::serialize(version.tags),
            "{\"patform-address\":\"vault:ci\",\"patform-format\":\"1\","
            "\"patform-generation\":\"1\",\"patform-id\":\"00000000-0000-4000-"
            "8000-000000000001\",\"patform-organization\":\"contoso\","
            "\"patform-owner\":\"5a3c1d8e-0000-4000-8000-000000000001\","
            "\"patform-token\":\"ci-packaging\",\"patform-valid-to\":\"2026-12-"
            "23T04:26:40Z\",\"patform-workspace\":\"platform\",\"patform-"
            "written-at\":\"2026-11-30T00:53:21Z\"}");
}

// A value with everything that JSON spells, and nothing else changed.
TEST_F(KeyVaultSinkTest, ValuesArriveAsTheyAre) {
  const std::string value = "a\"b\\c\n\x01 \xc3\xa9 \x7f";
  const auto put = sink_->Put(Place("ci"), Secret(value),
                              Record(1, Place("ci")), "", Soon());
  ASSERT_TRUE(put.ok()) << put.status();
  EXPECT_EQ(vault().Served(Place("ci")), value);
}

// Nothing leaves before the host has shown itself to be a Key Vault.
TEST_F(KeyVaultSinkTest, AnswersThatAreNotAVaults) {
  struct Case {
    const char* challenge;
    const char* want;
  };
  const Case cases[] = {
      {"Bearer resource=\"https://evil.example\"",
       "FAILED_PRECONDITION: sink \"vault\": asking which access token the "
       "vault takes: contoso.vault.azure.net asks for an access token for "
       "\"https://evil.example\", which it is not a part of. Nothing else was "
       "sent"},
      {"Bearer resource=\"https://ult.azure.net\"",
       "FAILED_PRECONDITION: sink \"vault\": asking which access token the "
       "vault takes: contoso.vault.azure.net asks for an access token for "
       "\"https://ult.azure.net\", which it is not a part of. Nothing else was "
       "sent"},
      {"Basic realm=\"x\"",
       "FAILED_PRECONDITION: sink \"vault\": asking which access token the "
       "vault takes: contoso.vault.azure.net answered 401 instead of asking "
       "for an access token as a Key Vault does. Nothing else was sent"},
  };
  for (const Case& each : cases) {
    Fresh();
    vault().challenge = each.challenge;
    EXPECT_EQ(sink_->Read(Place("ci"), Soon()).why.ToString(), each.want);
    EXPECT_EQ(Put(1, "").status().ToString(), each.want);
    EXPECT_EQ(asked_for_.size(), 0u);
    for (const std::string& line : vault().lines) {
      EXPECT_EQ(line, "GET /secrets?api-version=7.4&maxresults=1");
    }
  }
}

TEST_F(KeyVaultSinkTest, ATokenOfAnotherTenantStaysHere) {
  bearer_ = absl::StrCat(
      "e30.",
      absl::WebSafeBase64Escape(
          "{\"aud\":\"https://vault.azure.net\",\"tid\":"
          "\"99999999-2222-3333-4444-555555555555\",\"scp\":\"x\"}"),
      ".sig");
  EXPECT_EQ(sink_->Read(Place("ci"), Soon()).why.ToString(),
            "UNAUTHENTICATED: sink \"vault\": reading the versions of ci: the "
            "vault belongs to the tenant "
            "11111111-2222-3333-4444-555555555555, and the sign-in is of "
            "99999999-2222-3333-4444-555555555555. Nothing was sent to it");
  EXPECT_EQ(Lines(), "GET /secrets?api-version=7.4&maxresults=1");
}

TEST_F(KeyVaultSinkTest, RefusalsInWords) {
  struct Case {
    int status;
    const char* code;
    const char* inner;
    const char* message;
    const char* want;
  };
  const Case cases[] = {
      {403, "Forbidden", "ForbiddenByRbac", "Caller is not authorized",
       "PERMISSION_DENIED: sink \"vault\": reading the versions of ci: the "
       "role of this sign-in does not allow it (ForbiddenByRbac). A plan needs "
       "secrets/readMetadata, an apply also secrets/setSecret and "
       "secrets/update; a new role takes some minutes"},
      {403, "Forbidden", "ForbiddenByPolicy", "",
       "PERMISSION_DENIED: sink \"vault\": reading the versions of ci: the "
       "vault's access policy does not allow it (ForbiddenByPolicy). A plan "
       "needs the secret permission list, an apply also set"},
      {403, "Forbidden", "ForbiddenByFirewall", "Client address is not ...",
       "PERMISSION_DENIED: sink \"vault\": reading the versions of ci: the "
       "vault's firewall does not let this machine in (ForbiddenByFirewall)"},
      {401, "Unauthorized", "", "AKV10032: Invalid issuer.",
       "UNAUTHENTICATED: sink \"vault\": reading the versions of ci: the "
       "access token is of another tenant (AKV10032: invalid issuer)"},
      {404, "SomethingElse", "", "no",
       "FAILED_PRECONDITION: sink \"vault\": reading the versions of ci: "
       "contoso.vault.azure.net answered 404: SomethingElse: no"},
  };
  for (const Case& each : cases) {
    Fresh();
    vault().Refuse("GET", each.status, each.code, each.inner, each.message);
    EXPECT_EQ(sink_->Read(Place("ci"), Soon()).why.ToString(), each.want);
  }
  Fresh();
  bearer_ = "of.another.service";
  EXPECT_EQ(sink_->Check(Place("ci"), Soon()).ToString(),
            "UNAUTHENTICATED: sink \"vault\": reading the versions of ci: the "
            "access token is for another service (AKV10022: invalid audience)");
}

TEST_F(KeyVaultSinkTest, DeletedNames) {
  vault().Add("ci", "x", {}, {}, "");
  vault().deleted["ci"] = vault().secrets["ci"];
  vault().secrets.clear();
  EXPECT_EQ(sink_->Read(Place("CI"), Soon()).state, HeldRecord::State::kAbsent);
  EXPECT_EQ(sink_->Check(Place("CI"), Soon()).ToString(),
            "FAILED_PRECONDITION: a secret of the name \"CI\" was deleted, and "
            "the name is taken until it is recovered or purged: az keyvault "
            "secret recover, or az keyvault secret purge");
  EXPECT_EQ(Put(1, "").status().ToString(),
            "FAILED_PRECONDITION: sink \"vault\": writing ci: a secret of this "
            "name was deleted, and the name is taken until it is recovered or "
            "purged: az keyvault secret recover, or az keyvault secret purge");
  // One list serves many places, and one that shows a name is not believed for
  // long.
  Lines();
  EXPECT_EQ(sink_->Check(Place("other"), Soon()), absl::OkStatus());
  EXPECT_EQ(Lines(),
            "GET /secrets/other/versions?api-version=7.4&maxresults=25");
  vault().deleted.clear();
  EXPECT_EQ(sink_->Check(Place("ci"), Soon()), absl::OkStatus());
  EXPECT_EQ(Lines(),
            "GET /secrets/ci/versions?api-version=7.4&maxresults=25\n"
            "GET /deletedsecrets?api-version=7.4&maxresults=25");
}

TEST_F(KeyVaultSinkTest, PlacesThatCannotBe) {
  EXPECT_EQ(sink_->Check(Place("a/b"), Soon()).ToString(),
            "INVALID_ARGUMENT: \"a/b\" cannot be the name of a secret in Azure "
            "Key Vault: expected 1 to 127 of 0-9, a-z, A-Z and -");
  Delivery place = Place(std::string(127, 'a'));
  place.sink = std::string(129, 's');
  EXPECT_EQ(sink_->Check(place, Soon()).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Lines(), "");
  const auto fault = KeyVaultRow().type.place.at_fault;
  for (const char* good : {"a", "A-9", "-"}) EXPECT_EQ(fault(good), "");
  for (const char* bad : {"", "a_b", "a.b", "\xc3\xa9"}) {
    EXPECT_EQ(fault(bad), "1 to 127 of 0-9, a-z, A-Z and -");
  }
  EXPECT_NE(fault(std::string(128, 'a')), "");
}

// Many places cost as many requests as the vault has pages.
TEST_F(KeyVaultSinkTest, ManyPlacesAreListed) {
  std::vector<Delivery> places;
  for (int i = 0; i < 60; ++i) {
    places.push_back(Place(absl::StrCat("Token-", i)));
    if (i % 3 == 0) {
      ASSERT_TRUE(Put(i, "", absl::StrCat("tOKEN-", i)).ok());
    } else if (i % 3 == 1) {
      vault().WriteAsOther(places.back(), "x");
    }
  }
  std::vector<const Delivery*> asked;
  for (const Delivery& place : places) asked.push_back(&place);
  Lines();
  const std::vector<HeldRecord> held = sink_->ReadAll(asked, Soon());
  EXPECT_EQ(Lines(),
            "GET /secrets?api-version=7.4&maxresults=25\n"
            "GET /secrets?api-version=7.4&$skiptoken=25&maxresults=25");
  using State = HeldRecord::State;
  constexpr State kWant[] = {State::kPresent, State::kForeign, State::kAbsent};
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(held[i].state, kWant[i % 3]) << i;
    // One by one comes to the same.
    EXPECT_EQ(held[i].version, sink_->Read(places[i], Soon()).version) << i;
    EXPECT_FALSE(held[i].compare_and_set);
  }
  EXPECT_EQ(sink_->Recorded({}, Soon()).size(), 20u);
}

// As their records spell them: the vault keeps the case of the first write.
TEST_F(KeyVaultSinkTest, RecordsOfPlacesThatNobodyNamesAnyMore) {
  vault().Add("ADO-ci", "x", {}, {}, "");
  line_->clock().Tick(absl::Minutes(1));
  const HeldRecord held = sink_->Read(Place("ado-ci"), Soon());
  ASSERT_TRUE(Put(1, held.version, "ado-ci").ok());
  ASSERT_TRUE(Put(2, "", "Other").ok());
  vault().WriteAsOther(Place("somebodys"), "x");
  const auto found = [&](const std::set<std::string>& ats) {
    std::string all;
    for (const StrayPlace& stray : sink_->Recorded(ats, Soon())) {
      absl::StrAppend(&all, stray.place.at, " ", stray.held.record->generation,
                      "; ");
    }
    return all;
  };
  EXPECT_EQ(found({}), "ado-ci 1; Other 2; ");
  // Declared in another case since: known, and not what is left behind.
  EXPECT_EQ(found({"ado-CI"}), "ado-CI 1; Other 2; ");
}

// A list that breaks off in the middle shows nothing to be absent.
TEST_F(KeyVaultSinkTest, HalfAListIsUnknown) {
  std::vector<Delivery> places;
  for (int i = 0; i < 30; ++i) places.push_back(Place(absl::StrCat("t-", i)));
  std::vector<const Delivery*> asked;
  for (const Delivery& place : places) {
    asked.push_back(&place);
    vault().WriteAsOther(place, "x");
  }
  vault().next_host = "evil.example";
  for (const HeldRecord& held : sink_->ReadAll(asked, Soon())) {
    ASSERT_EQ(held.state, HeldRecord::State::kUnknown);
    EXPECT_EQ(held.why.ToString(),
              "DATA_LOSS: sink \"vault\": listing the secrets of the vault: "
              "contoso.vault.azure.net answered with something else than "
              "expected: its list goes on at another address than the vault's");
  }
}

// Dates have whole seconds; the list of secrets knows the current one.
TEST_F(KeyVaultSinkTest, TwoVersionsOfOneSecond) {
  const auto first = Put(1, "");
  ASSERT_TRUE(first.ok());
  const auto second = Put(2, *first);
  ASSERT_TRUE(second.ok()) << second.status();
  Lines();
  const HeldRecord held = sink_->Read(Place("ci"), Soon());
  EXPECT_EQ(held.record->generation, 2);
  EXPECT_EQ(Lines(),
            "GET /secrets/ci/versions?api-version=7.4&maxresults=25\n"
            "GET /secrets?api-version=7.4&maxresults=25");
}

TEST_F(KeyVaultSinkTest, DoesNotWriteOverWhatCameMeanwhile) {
  const auto first = Put(1, "");
  ASSERT_TRUE(first.ok());
  line_->clock().Tick(absl::Minutes(1));
  vault().WriteAsOther(Place("ci"), "somebody's");
  EXPECT_EQ(Put(2, *first).status().ToString(),
            "ABORTED: \"ci\" has got another version in the meantime");
  EXPECT_EQ(vault().Served(Place("ci")), "somebody's");
}

// An edit of attributes changes no value.
TEST_F(KeyVaultSinkTest, EditedAttributesAreNoDrift) {
  ASSERT_TRUE(Put(1, "").ok());
  line_->clock().Tick(absl::Hours(1));
  auto& attributes = vault().secrets["ci"].versions[0].attributes;
  attributes["updated"] = absl::ToUnixSeconds(line_->clock().Now());
  attributes["exp"] = 1;
  EXPECT_EQ(sink_->Read(Place("ci"), Soon()).state,
            HeldRecord::State::kPresent);
  // Nobody gets the value of a disabled one.
  attributes["enabled"] = false;
  EXPECT_EQ(sink_->Read(Place("ci"), Soon()).state, HeldRecord::State::kAbsent);
}

TEST_F(KeyVaultSinkTest, RemoveDisablesEveryVersionOfOurs) {
  const auto first = Put(1, "");
  line_->clock().Tick(absl::Minutes(1));
  vault().WriteAsOther(Place("ci"), "x");
  line_->clock().Tick(absl::Minutes(1));
  HeldRecord held = sink_->Read(Place("ci"), Soon());
  const auto second = Put(2, held.version);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(sink_->Remove(Place("ci"), *second, Soon()), absl::OkStatus());
  EXPECT_EQ(Versions(), "1 off, other on, 2 off");
}

TEST_F(KeyVaultSinkTest, OldVersionsAreDisabled) {
  case_.config.settings["keep_versions"] = std::string("24h");
  Open();
  std::string version;
  for (int n : {1, 2, 3}) {
    version = *Put(n, version);
    line_->clock().Tick(absl::Hours(10));
  }
  // 1 was superseded 20 hours ago.
  EXPECT_EQ(Versions(), "1 on, 2 on, 3 on");
  sink_->Tidy({}, Soon());
  EXPECT_EQ(Versions(), "1 on, 2 on, 3 on");
  line_->clock().Tick(absl::Hours(15));
  sink_->Tidy({}, Soon());
  EXPECT_EQ(Versions(), "1 off, 2 off, 3 on");
  // What was left for longer than Tidy() looks back, the next delivery takes.
  version = *Put(4, version);
  EXPECT_EQ(Versions(), "1 off, 2 off, 3 on, 4 on");
  line_->clock().Tick(absl::Hours(24 * 30));
  sink_->Tidy({}, Soon());
  EXPECT_EQ(Versions(), "1 off, 2 off, 3 on, 4 on");
  version = *Put(5, version);
  EXPECT_EQ(Versions(), "1 off, 2 off, 3 off, 4 on, 5 on");
}

TEST_F(KeyVaultSinkTest, WithoutTheSettingVersionsStay) {
  const std::string version = *Put(1, "");
  line_->clock().Tick(absl::Hours(24 * 365));
  ASSERT_TRUE(Put(2, version).ok());
  sink_->Tidy({}, Soon());
  EXPECT_EQ(Versions(), "1 on, 2 on");
}

TEST_F(KeyVaultSinkTest, Settings) {
  for (const SettingKey& key : KeyVaultRow().type.keys) {
    if (key.name != "keep_versions") continue;
    for (const char* good : {"0s", "24h", "7d", "1d12h"}) {
      EXPECT_EQ(key.fault(good), "") << good;
    }
    for (const char* bad : {"", "h", "24", "soon", "-1h", "24 h"}) {
      EXPECT_EQ(key.fault(bad), "a span such as \"24h\" or \"7d\"") << bad;
    }
  }
  case_.config.settings["keep_versions"] = std::string("soon");
  EXPECT_EQ(
      KeyVaultRow().open({case_.config, &auth_, machine_}).status().ToString(),
      "INVALID_ARGUMENT: sink \"vault\": keep_versions \"soon\": expected a "
      "span such as \"24h\" or \"7d\"");
}

// Well-known hosts, and the operator's.
TEST_F(KeyVaultSinkTest, Hosts) {
  for (const char* known :
       {"https://a.vault.azure.net", "https://a.vault.azure.cn/",
        "https://a.vault.usgovcloudapi.net"}) {
    case_.config.settings["vault"] = std::string(known);
    EXPECT_TRUE(KeyVaultRow().open({case_.config, &auth_, machine_}).ok())
        << known;
  }
  for (const char* unknown :
       {"https://vault.azure.net", "https://a.vault.azure.net.evil.example",
        "https://a.vault.azure.net:444"}) {
    case_.config.settings["vault"] = std::string(unknown);
    EXPECT_EQ(
        KeyVaultRow().open({case_.config, &auth_, machine_}).status().code(),
        absl::StatusCode::kPermissionDenied)
        << unknown;
  }
}

}  // namespace
}  // namespace patform::sinks
