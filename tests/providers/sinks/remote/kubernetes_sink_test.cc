#include "providers/sinks/remote/kubernetes_sink.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/providers/sinks/remote/contract.h"
#include "tests/providers/sinks/remote/kube_fake.h"

namespace patform::sinks {
namespace {

using State = HeldRecord::State;

constexpr char kConfig[] =
    "current-context: dev\n"
    "contexts: [{name: dev, context: {cluster: c, user: u, namespace: ado}}]\n"
    "clusters: [{name: c, cluster: {server: 'https://k.example:6443'}}]\n"
    "users: [{name: u, user: {token: b3arer}}]\n";

Delivery At(const std::string& at, const std::string& key = "token") {
  Delivery place;
  place.sink = "prod";
  place.at = at;
  place.key = key;
  return place;
}

void Furnish(Machine& machine) {
  machine.read_secret = [](const std::string&) -> absl::StatusOr<Secret> {
    return Secret(kConfig);
  };
  machine.new_transports_with = [&machine](const http::TlsOptions&)
      -> absl::StatusOr<std::function<std::unique_ptr<http::Transport>()>> {
    return [&machine] { return machine.new_transport(); };
  };
}

ContractCase KubernetesCase() {
  ContractCase made;
  made.row = KubernetesRow();
  made.config.name = "prod";
  made.config.type = "kubernetes";
  made.config.settings["kubeconfig"] = std::string("/repo/kubeconfig");
  made.grants.hosts = {"k.example:6443"};
  made.place = At("ci-feed");
  made.limits = {
      At(absl::StrCat(std::string(63, 'n'), "/", std::string(253, 's')),
         std::string(253, 'k')),
      At("a", ".npmrc"), At("a.b-c", "_"), At("team/ci", ""),
      At("ci", std::string(64, 'k'))};
  made.largest = 1 << 20;
  made.store = [] {
    auto store = std::make_unique<KubeFake>();
    store->bearer = "b3arer";
    return store;
  };
  made.furnish = Furnish;
  return made;
}

INSTANTIATE_TEST_SUITE_P(Kubernetes, SinkContract,
                         testing::Values(&KubernetesCase));

class KubernetesSinkTest : public testing::Test {
 protected:
  KubernetesSinkTest() {
    auto made = std::make_unique<KubeFake>();
    fake_ = made.get();
    line_ = std::make_unique<BadLine>(std::move(made));
    machine_.environment = [](const std::string&) { return std::nullopt; };
    machine_.clock = &line_->clock();
    machine_.grants = &grants_;
    machine_.new_transport = [this] { return line_->NewTransport(); };
    machine_.random = [] { return uint64_t{7}; };
    grants_.hosts = {"k.example:6443"};
    Furnish(machine_);
    config_ = KubernetesCase().config;
    Open();
  }
  void Open() {
    const Opening opening{config_, nullptr, machine_};
    auto sink = KubernetesRow().open(opening);
    ASSERT_TRUE(sink.ok()) << sink.status();
    sink_ = *std::move(sink);
  }
  SinkRecord RecordOf(const Delivery& place, int n = 1) {
    SinkRecord record;
    record.id = *AuthorizationId::Parse(
        absl::StrCat("00000000-0000-4000-8000-00000000000", n));
    record.generation = n;
    record.organization = "contoso";
    record.address = place.Address();
    record.valid_to = record.written_at = absl::FromUnixSeconds(1796000000);
    return record;
  }
  // The new version, or the error.
  absl::StatusOr<std::string> Put(const Delivery& place,
                                  const std::string& value,
                                  const std::string& expected = "") {
    return sink_->Put(place, Secret(value), RecordOf(place), expected, Soon());
  }
  std::string Version(const Delivery& place) {
    return sink_->Read(place, Soon()).version;
  }
  // `data/token=a type=Opaque …`, without what is ours to say.
  std::string Fields(const std::string& object) {
    std::vector<std::string> fields;
    for (const auto& [field, value] : fake_->objects.at(object).fields) {
      fields.push_back(field.rfind("annotations/patform.dev", 0) == 0
                           ? field
                           : absl::StrCat(field, "=", value));
    }
    return absl::StrJoin(fields, " ");
  }
  Deadline Soon() { return After(line_->clock(), absl::Seconds(60)); }

  Grants grants_;
  KubeFake* fake_ = nullptr;
  std::unique_ptr<BadLine> line_;
  Machine machine_;
  SinkConfig config_;
  std::unique_ptr<SecretSink> sink_;
};

// An apply takes back what its manager does not send again.
TEST_F(KubernetesSinkTest, EntriesOfOneSecretAreSeparatePlaces) {
  ASSERT_TRUE(Put(At("ci", "token"), "a").ok());
  ASSERT_TRUE(Put(At("ci", "user"), "b").ok());
  ASSERT_TRUE(Put(At("ci", "token"), "c", Version(At("ci", "token"))).ok());
  EXPECT_EQ(Fields("ado/ci"),
            "annotations/patform.dev/token annotations/patform.dev/user "
            "data/token=c data/user=b labels/patform.dev/managed=true "
            "type=Opaque");
  const std::string token = Version(At("ci", "token"));
  const std::string user = Version(At("ci", "user"));
  EXPECT_EQ(sink_->Remove(At("ci", "token"), token, Soon()), absl::OkStatus());
  EXPECT_EQ(Fields("ado/ci"),
            "annotations/patform.dev/user data/user=b "
            "labels/patform.dev/managed=true type=Opaque");
  EXPECT_EQ(Version(At("ci", "user")), user);
  EXPECT_EQ(sink_->Remove(At("ci", "user"), user, Soon()), absl::OkStatus());
  EXPECT_TRUE(fake_->objects.empty());
}

TEST_F(KubernetesSinkTest, WhatTheOwnerMadeStays) {
  fake_->Set("ado/ci", "data/url", "https://x");
  fake_->Set("ado/ci", "labels/team", "web");
  fake_->Set("ado/ci", "annotations/note", "ours");
  fake_->Set("ado/ci", "type", "kubernetes.io/basic-auth");
  ASSERT_TRUE(Put(At("ci"), "a").ok());
  ASSERT_TRUE(Put(At("ci"), "b", Version(At("ci"))).ok());
  EXPECT_EQ(Fields("ado/ci"),
            "annotations/note=ours annotations/patform.dev/token "
            "data/token=b data/url=https://x labels/patform.dev/managed=true "
            "labels/team=web type=kubernetes.io/basic-auth");
  EXPECT_EQ(sink_->Remove(At("ci"), Version(At("ci")), Soon()),
            absl::OkStatus());
  EXPECT_EQ(Fields("ado/ci"),
            "annotations/note=ours data/url=https://x labels/team=web "
            "type=kubernetes.io/basic-auth");
}

TEST_F(KubernetesSinkTest, TheTypeOfASecretThatPatformMakes) {
  config_.settings["secret_type"] = std::string("kubernetes.io/basic-auth");
  Open();
  const Delivery place = At("ci", "password");
  EXPECT_EQ(sink_->Check(place, Soon()), absl::OkStatus());
  ASSERT_TRUE(Put(place, "a").ok());
  EXPECT_EQ(sink_->Check(place, Soon()), absl::OkStatus());
  ASSERT_TRUE(Put(place, "b", Version(place)).ok());
  EXPECT_EQ(fake_->objects.at("ado/ci").fields.at("type"),
            "kubernetes.io/basic-auth");
  // A type never changes, which is found before anything is minted.
  config_.settings["secret_type"] = std::string("Opaque");
  Open();
  EXPECT_EQ(sink_->Check(place, Soon()).ToString(),
            "FAILED_PRECONDITION: sink \"prod\": checking ado/ci, entry "
            "password: k.example:6443 answered 422: Secret \"ci\" is invalid: "
            "type: Invalid value: field is immutable");
}

TEST_F(KubernetesSinkTest, AConflictNamesTheOtherManager) {
  ASSERT_TRUE(Put(At("ci"), "a").ok());
  fake_->Set("ado/ci", "data/token", "a", "argocd", /*applies=*/true);
  const std::string version = Version(At("ci"));
  const std::string why =
      "conflict with \"argocd\": .data.token. Leave the entry to one "
      "of the two, or set adopt = true on this delivery to take it over";
  EXPECT_EQ(sink_->Check(At("ci"), Soon()).ToString(),
            absl::StrCat("FAILED_PRECONDITION: sink \"prod\": checking "
                         "ado/ci, entry token: ",
                         why));
  EXPECT_EQ(Put(At("ci"), "b", version).status().ToString(),
            absl::StrCat("FAILED_PRECONDITION: sink \"prod\": writing ado/ci, "
                         "entry token: ",
                         why));
  EXPECT_EQ(fake_->Served(At("ci")), "a");
  Delivery adopted = At("ci");
  adopted.adopt = true;
  EXPECT_EQ(sink_->Check(adopted, Soon()), absl::OkStatus());
  EXPECT_TRUE(Put(adopted, "b", version).ok());
  EXPECT_EQ(fake_->Served(At("ci")), "b");
}

TEST_F(KubernetesSinkTest, WhatCannotBeWrittenIsFoundByCheck) {
  fake_->Set("ado/fixed", "data/token", "a");
  fake_->objects.at("ado/fixed").immutable = true;
  EXPECT_EQ(sink_->Check(At("fixed"), Soon()).ToString(),
            "FAILED_PRECONDITION: sink \"prod\": checking ado/fixed, entry "
            "token: k.example:6443 answered 422: Secret \"fixed\" is invalid: "
            "data: Forbidden: field is immutable when `immutable` is set");
  EXPECT_EQ(sink_->Check(At("missing/ci"), Soon()).ToString(),
            "FAILED_PRECONDITION: sink \"prod\": checking missing/ci, entry "
            "token: k.example:6443 answered 404: namespaces \"missing\" not "
            "found");
  fake_->forbidden = {"patch"};
  EXPECT_EQ(sink_->Check(At("ci"), Soon()).ToString(),
            "PERMISSION_DENIED: sink \"prod\": checking ado/ci, entry token: "
            "k.example:6443 answered 403: secrets is forbidden: User \"ci\" "
            "cannot patch resource \"secrets\"");
  EXPECT_EQ(fake_->lines.back(), "PATCH ado/ci dry force");
  EXPECT_EQ(fake_->objects.count("ado/ci"), 0u);
}

// Other clients change labels and other entries all the time.
TEST_F(KubernetesSinkTest, OnlyItsOwnFieldsStopAWrite) {
  ASSERT_TRUE(Put(At("ci"), "a").ok());
  const auto meanwhile = [this](int times, std::function<void(int)> change) {
    fake_->before = [times, change,
                     done = 0](const http::Request& request) mutable {
      if (request.method == "PATCH" && done < times) change(++done);
    };
  };
  meanwhile(
      2, [this](int n) { fake_->Set("ado/ci", "labels/n", absl::StrCat(n)); });
  EXPECT_TRUE(Put(At("ci"), "b", Version(At("ci"))).ok());
  EXPECT_EQ(fake_->Served(At("ci")), "b");
  // For ever: nothing was written.
  meanwhile(100, [this](int n) {
    fake_->Set("ado/ci", "labels/n", absl::StrCat("x", n));
  });
  EXPECT_EQ(Put(At("ci"), "c", Version(At("ci"))).status().ToString(),
            "UNAVAILABLE: sink \"prod\": writing ado/ci, entry token: other "
            "clients kept changing the Secret; try again");
  EXPECT_EQ(fake_->Served(At("ci")), "b");
  // The place itself, and the whole object.
  const std::string version = Version(At("ci"));
  meanwhile(1, [this](int) { fake_->Set("ado/ci", "data/token", "human's"); });
  EXPECT_EQ(Put(At("ci"), "c", version).status().ToString(),
            "ABORTED: sink \"prod\": writing ado/ci, entry token: something "
            "else is there now");
  EXPECT_EQ(fake_->Served(At("ci")), "human's");
  meanwhile(1, [this](int) { fake_->objects.clear(); });
  EXPECT_EQ(Put(At("ci"), "c", Version(At("ci"))).status().code(),
            absl::StatusCode::kAborted);
  EXPECT_TRUE(fake_->objects.empty());
  // Nothing was there, and now there is.
  meanwhile(1, [this](int) {
    fake_->Set("ado/ci", "data/token", "first", "patform-token", true);
  });
  EXPECT_EQ(Put(At("ci"), "c").status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(fake_->Served(At("ci")), "first");
}

TEST_F(KubernetesSinkTest, ARoleThatMayNotDeleteEmptiesTheSecret) {
  ASSERT_TRUE(Put(At("ci"), "a").ok());
  fake_->forbidden = {"delete"};
  EXPECT_EQ(sink_->Remove(At("ci"), Version(At("ci")), Soon()),
            absl::OkStatus());
  EXPECT_EQ(Fields("ado/ci"), "labels/patform.dev/managed=true type=Opaque");
  EXPECT_EQ(sink_->Read(At("ci"), Soon()).state, State::kAbsent);
  EXPECT_TRUE(Put(At("ci"), "b").ok());
}

// As `kubectl rollout restart` does it, and none of the others is kept from it.
TEST_F(KubernetesSinkTest, RestartsWhatReadsTheSecret) {
  config_.settings["restart"] =
      std::vector<std::string>{"deployment/agents", "statefulset/db"};
  Open();
  const auto done = sink_->After({At("ci")}, Soon());
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(absl::StrJoin(*done, "; "),
            "restarted deployment/agents; restarted statefulset/db");
  ASSERT_EQ(fake_->restarts.size(), 2u);
  const auto& [path, body] = *fake_->restarts.begin();
  EXPECT_EQ(path, "ado/deployments/agents");
  EXPECT_EQ(body,
            R"(application/merge-patch+json {"spec":{"template":{"metadata":)"
            R"({"annotations":{"patform.dev/restarted-at":)"
            R"("2026-11-30T00:53:20Z"}}}}})");
  fake_->forbidden = {"restart"};
  EXPECT_EQ(sink_->After({At("ci")}, Soon()).status().message(),
            "sink \"prod\": restarting deployment/agents: k.example:6443 "
            "answered 403: deployments.apps is forbidden");
}

TEST(KubernetesRowTest, WhatCanBeRestarted) {
  const Row row = KubernetesRow();
  std::string dump;
  for (const char* text :
       {"deployment/a", "statefulset/a", "daemonset/a", "deployment/",
        "deployment", "job/a", "deployment/a/b"}) {
    std::map<std::string, SettingValue> settings;
    settings["restart"] = std::vector<std::string>{text};
    absl::StrAppend(&dump, text,
                    row.type.fault(settings).empty() ? " yes\n" : " no\n");
  }
  EXPECT_EQ(dump,
            "deployment/a yes\nstatefulset/a yes\ndaemonset/a yes\n"
            "deployment/ no\ndeployment no\njob/a no\ndeployment/a/b no\n");
}

TEST_F(KubernetesSinkTest, ManyPlacesAreOneList) {
  std::vector<Delivery> places;
  for (int i = 0; i < 7; ++i) places.push_back(At(absl::StrCat("ci-", i)));
  for (const Delivery& place : places) ASSERT_TRUE(Put(place, "a").ok());
  places.push_back(At("absent"));
  fake_->Set("ado/bare", "data/token", "x");
  places.push_back(At("bare"));
  places.push_back(At("team/one"));
  std::vector<const Delivery*> all;
  for (const Delivery& place : places) all.push_back(&place);
  const auto states = [&] {
    std::vector<std::string> words;
    for (const HeldRecord& held : sink_->ReadAll(all, Soon())) {
      words.emplace_back(Word(held.state));
    }
    return absl::StrJoin(words, " ");
  };
  const std::string want =
      "present present present present present present present absent foreign "
      "absent";
  const struct {
    size_t page;
    std::set<std::string> forbidden;
    size_t requests;  // one for each of the three that no list has
  } rows[] = {{500, {}, 1 + 3}, {3, {}, 3 + 3}, {500, {"list"}, 1 + 10}};
  for (const auto& row : rows) {
    fake_->page = row.page;
    fake_->forbidden = row.forbidden;
    fake_->lines.clear();
    EXPECT_EQ(states(), want);
    EXPECT_EQ(fake_->lines.size(), row.requests)
        << absl::StrJoin(fake_->lines, "\n");
  }
}

TEST_F(KubernetesSinkTest, RecordsOfPlacesThatNobodyNamesAnyMore) {
  ASSERT_TRUE(Put(At("ci", "token"), "a").ok());
  ASSERT_TRUE(Put(At("ci", "user"), "a").ok());
  ASSERT_TRUE(Put(At("team/ci"), "a").ok());
  ASSERT_TRUE(Put(At("elsewhere/ci"), "a").ok());
  fake_->Set("ado/human", "data/token", "x");
  fake_->Set("ado/ci", "data/url", "x");
  const auto found = [this](const std::set<std::string>& ats) {
    std::string all;
    for (const StrayPlace& stray : sink_->Recorded(ats, Soon())) {
      EXPECT_EQ(stray.held.state, State::kPresent);
      absl::StrAppend(&all, stray.place.at, "#", stray.place.key, " ");
    }
    return all;
  };
  // As they were written: a key or a namespace may be left out.
  ASSERT_TRUE(Put(At("bare", ""), "a").ok());
  ASSERT_TRUE(Put(At("ado/whole", ""), "a").ok());
  EXPECT_EQ(found({}), "bare# ci#token ci#user ado/whole# ");
  EXPECT_EQ(found({"team/x"}),
            "bare# ci#token ci#user ado/whole# team/ci#token ");
  fake_->forbidden = {"list"};
  EXPECT_EQ(found({}), "");
}

TEST_F(KubernetesSinkTest, AnotherServersNotFoundIsNotAbsence) {
  config_.settings["kubeconfig"] = std::string("/repo/other");
  machine_.read_secret = [](const std::string&) -> absl::StatusOr<Secret> {
    return Secret(
        "current-context: dev\n"
        "contexts: [{name: dev, context: {cluster: c, user: u}}]\n"
        "clusters: [{name: c, cluster: {server: "
        "'https://k.example:6443/wrong'}}]\n"
        "users: [{name: u, user: {token: b3arer}}]\n");
  };
  Open();
  const HeldRecord held = sink_->Read(At("ci"), Soon());
  EXPECT_EQ(held.state, State::kUnknown);
  EXPECT_EQ(held.why.message(),
            "sink \"prod\": reading the record of default/ci, entry token: "
            "k.example:6443 answered 404");
}

TEST_F(KubernetesSinkTest, ATokenThatIsNotTaken) {
  fake_->bearer = "another";
  EXPECT_EQ(sink_->Read(At("ci"), Soon()).why.ToString(),
            "UNAUTHENTICATED: sink \"prod\": reading the record of ado/ci, "
            "entry token: k.example:6443 answered 401: Unauthorized");
  EXPECT_EQ(line_->requests(), 1);
}

TEST(KubernetesRowTest, NamesOfPlaces) {
  const PlaceRules rules = KubernetesRow().type.place;
  const struct {
    std::string at;
    bool good;
  } ats[] = {{"ci", true},
             {"a.b-c.9", true},
             {"ado/ci", true},
             {std::string(253, 'a'), true},
             {std::string(63, 'a') + "/b", true},
             {"", false},
             {"Ci", false},
             {"a_b", false},
             {"-a", false},
             {"a-", false},
             {"a..b", false},
             {"a.-b", false},
             {"/ci", false},
             {"ado/", false},
             {"a/b/c", false},
             {"a.b/ci", false},
             {std::string(254, 'a'), false},
             {std::string(64, 'a') + "/b", false}};
  for (const auto& row : ats) {
    EXPECT_EQ(rules.at_fault(row.at).empty(), row.good) << row.at;
  }
  const struct {
    std::string key;
    bool good;
  } keys[] = {{"token", true},
              {".npmrc", true},
              {"A_b-c.9", true},
              {"-", true},
              {"", false},
              {".", false},
              {"..", false},
              {"..a", false},
              {"a/b", false},
              {"a b", false},
              {std::string(253, 'k'), true},
              {std::string(254, 'k'), false}};
  for (const auto& row : keys) {
    EXPECT_EQ(rules.key_fault(row.key).empty(), row.good) << row.key;
  }
}

TEST(KubernetesRowTest, TwoNamesOfOneStore) {
  SinkConfig config;
  config.settings["context"] = std::string("dev");
  EXPECT_EQ(KubernetesRow().canonical(config).value_or("?"),
            "kubeconfig= context=dev namespace=");
}

}  // namespace
}  // namespace patform::sinks
