#include "providers/sinks/remote/variable_group_sink.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "tests/providers/sinks/remote/contract.h"

namespace patform::sinks {
namespace {

namespace json = boost::json;

http::Response Json(int status, const json::value& body) {
  http::Response response;
  response.status = status;
  response.headers = {{"Content-Type", "application/json"}};
  response.body = Secret(json::serialize(body));
  return response;
}

// One project of the service, with groups that exist already.
class FakeGroups : public StoreFake {
 public:
  http::Response Answer(const http::Request& request) override {
    if (request.bearer == nullptr || request.bearer->Reveal() != "bearer") {
      return Json(401, json::object{{"message", "TF400813"}});
    }
    const std::string& target = request.url.target;
    if (!absl::StrContains(target, "api-version=7.1")) return Json(400, {});
    if (request.method == "GET") return List(target);
    if (request.method != "PUT") return Json(405, {});
    return Put(request);
  }

  std::optional<std::string> Served(const Delivery& place) const override {
    const auto group = groups.find(place.at);
    if (group == groups.end()) return std::nullopt;
    const json::value* variable =
        group->second.at("variables").as_object().if_contains(place.key);
    if (variable == nullptr) return std::nullopt;
    return std::string(variable->at("value").as_string());
  }

  void WriteAsOther(const Delivery& place, const std::string& value) override {
    json::object& group = Group(place.at);
    group["variables"].as_object()[place.key] =
        json::object{{"value", value}, {"isSecret", true}};
    group["modifiedOn"] = FormatInstant(clock->Now());
  }

  json::object& Group(const std::string& name) {
    json::object& group = groups[name];
    if (group.empty()) {
      group = {{"id", static_cast<int64_t>(groups.size())},
               {"name", name},
               {"type", "Vsts"},
               {"description", "of the \"build\" team"},
               {"variables", json::object()},
               {"variableGroupProjectReferences",
                {{{"name", name},
                  {"projectReference", {{"id", "p"}, {"name", "web"}}}}}},
               {"modifiedOn", FormatInstant(clock->Now())}};
    }
    return group;
  }

  std::map<std::string, json::object> groups;
  bool manages = true;

 private:
  http::Response List(const std::string& target) {
    json::array found;
    const bool hidden =
        !manages && absl::StrContains(target, "actionFilter=manage");
    const size_t at = target.find("groupName=");
    std::vector<std::string> names;
    if (at != std::string::npos) {
      names.push_back(http::PercentDecode(std::string_view(target).substr(
          at + 10, target.find('&', at) - at - 10)));
    } else {
      for (const auto& [name, group] : groups) names.push_back(name);
    }
    for (const std::string& name : names) {
      // Every group that the tests name exists.
      json::object shown = Group(name);
      for (auto& variable : shown["variables"].as_object()) {
        json::object& fields = variable.value().as_object();
        if (fields["isSecret"].as_bool()) fields["value"] = nullptr;
      }
      if (!hidden && name != "unseen") found.push_back(std::move(shown));
    }
    return Json(200, json::object{{"count", found.size()}, {"value", found}});
  }

  http::Response Put(const http::Request& request) {
    json::object body =
        json::parse(std::string(request.body.Reveal())).as_object();
    if (!body.contains("variableGroupProjectReferences")) return Json(400, {});
    json::object& group = Group(std::string(body.at("name").as_string()));
    for (auto& variable : body["variables"].as_object()) {
      json::object& fields = variable.value().as_object();
      if (fields["value"].is_null()) {
        fields["value"] =
            group["variables"].at(variable.key()).at("value").as_string();
      }
    }
    body["modifiedOn"] = FormatInstant(clock->Now());
    group = std::move(body);
    // The real one leaves secrets out of this answer as well.
    return Json(200, json::object{{"id", group["id"]}});
  }
};

Delivery At(std::string group, std::string variable) {
  Delivery place;
  place.sink = "library";
  place.at = std::move(group);
  place.key = std::move(variable);
  return place;
}

ContractCase VariableGroupCase() {
  ContractCase it;
  it.row = VariableGroupRow();
  it.config.name = "library";
  it.config.type = "variable-group";
  it.config.settings["organization"] = std::string("contoso");
  it.config.settings["project"] = std::string("web shop");
  it.config.settings["address"] = std::string("https://devops.example");
  it.grants.hosts = {"devops.example"};
  it.place = At("agents", "NUGET_PAT");
  it.limits = {At("a group with & and #", "A"),
               At("agents", std::string(255, 'V'))};
  it.largest = 4096;
  it.store = [] { return std::make_unique<FakeGroups>(); };
  it.furnish = [](Machine& machine) {
    machine.bearer = [](const AuthConfig&, const std::string& resource,
                        Deadline) -> absl::StatusOr<Secret> {
      EXPECT_EQ(resource, "499b84ac-1321-427f-aa17-267ca6975798");
      return Secret("bearer");
    };
  };
  return it;
}

INSTANTIATE_TEST_SUITE_P(VariableGroup, SinkContract,
                         testing::Values(&VariableGroupCase));

// What a whole PUT could take away.
class VariableGroupTest : public testing::Test {
 protected:
  VariableGroupTest() : case_(VariableGroupCase()) { Open(); }

  void Open() {
    auto fake = std::make_unique<FakeGroups>();
    line_ = std::make_unique<BadLine>(std::move(fake));
    machine_.clock = &line_->clock();
    machine_.grants = &case_.grants;
    machine_.new_transport = [this] { return line_->NewTransport(); };
    machine_.random = [] { return uint64_t{1}; };
    case_.furnish(machine_);
    sink_ = case_.row.open({case_.config, &auth_, machine_}).value();
  }
  FakeGroups& service() { return static_cast<FakeGroups&>(line_->store()); }
  Deadline Soon() { return After(line_->clock(), absl::Seconds(60)); }
  absl::Status Put(const std::string& expected = "") {
    SinkRecord record;
    record.id = *AuthorizationId::Parse("27e59f42-0000-4000-8000-000000000001");
    record.generation = 1;
    record.written_at = record.valid_to = line_->clock().Now();
    return sink_->Put(case_.place, Secret("s3cret"), record, expected, Soon())
        .status();
  }
  std::string Names(const std::string& group) {
    std::string names;
    for (const auto& variable :
         service().Group(group)["variables"].as_object()) {
      absl::StrAppend(&names, std::string(variable.key()), "=",
                      json::serialize(variable.value()), "\n");
    }
    return names;
  }

  ContractCase case_;
  AuthConfig auth_;
  Machine machine_;
  std::unique_ptr<BadLine> line_;
  std::unique_ptr<SecretSink> sink_;
};

TEST_F(VariableGroupTest, WhatOthersWroteStays) {
  case_.config.settings["shared"] = true;
  Open();
  service().WriteAsOther(At("agents", "THEIRS"), "keep me");
  service().Group("agents")["variables"].as_object()["plain"] = {
      {"value", "v\"1"}, {"isSecret", false}, {"isReadOnly", true}};
  ASSERT_EQ(Put(), absl::OkStatus());
  EXPECT_EQ(Names("agents").substr(Names("agents").find("THEIRS")),
            "THEIRS={\"value\":\"keep me\",\"isSecret\":true}\n"
            "plain={\"value\":\"v\\\"1\",\"isSecret\":false,\"isReadOnly\":"
            "true}\n" +
                Names("agents").substr(Names("agents").find("NUGET_PAT.")));
  EXPECT_EQ(service().Group("agents")["description"], "of the \"build\" team");
  const HeldRecord held = sink_->Read(case_.place, Soon());
  ASSERT_EQ(sink_->Remove(case_.place, held.version, Soon()), absl::OkStatus());
  EXPECT_EQ(service().Served(At("agents", "THEIRS")), "keep me");
  EXPECT_EQ(service().Served(case_.place), std::nullopt);
}

// In a shared group others edit every day, and nobody can tell what.
TEST_F(VariableGroupTest, ASharedGroupMayChange) {
  case_.config.settings["shared"] = true;
  Open();
  ASSERT_EQ(Put(), absl::OkStatus());
  line_->clock().Tick(absl::Hours(2));
  service().WriteAsOther(At("agents", "THEIRS"), "new");
  EXPECT_EQ(sink_->Read(case_.place, Soon()).state,
            HeldRecord::State::kPresent);
}

TEST_F(VariableGroupTest, AGroupOfOthersIsLeftAlone) {
  service().WriteAsOther(At("agents", "THEIRS"), "keep me");
  const char* kWhy =
      "sink \"library\": writing to the group agents: it has the variable "
      "THEIRS, which patform did not put there, and whoever edits the group at "
      "the same moment would lose what they write. Deliver to a group of its "
      "own, or set shared = true on the sink";
  EXPECT_EQ(sink_->Check(case_.place, Soon()).message(), kWhy);
  EXPECT_EQ(Put().message(), kWhy);
  EXPECT_EQ(service().Served(case_.place), std::nullopt);
}

TEST_F(VariableGroupTest, WhatIsInTheWayIsFoundBeforeTheMint) {
  service().manages = false;
  EXPECT_EQ(sink_->Check(case_.place, Soon()),
            absl::FailedPreconditionError(
                "sink \"library\": reading the group agents: this user may "
                "not change it. Make the user an administrator of the group: "
                "Pipelines, Library, the group, Security"));
  service().manages = true;
  service().Group("agents")["type"] = "AzureKeyVault";
  EXPECT_EQ(sink_->Check(case_.place, Soon()).message(),
            "sink \"library\": writing to the group agents: its secrets come "
            "from a key vault. Deliver there instead: a sink of type "
            "\"key-vault\"");
}

// The service hides what a user may not see.
TEST_F(VariableGroupTest, AGroupThatIsNotSeenIsUnknown) {
  const HeldRecord held = sink_->Read(At("unseen", "A"), Soon());
  EXPECT_EQ(held.state, HeldRecord::State::kUnknown);
  EXPECT_EQ(held.why.message(),
            "sink \"library\": reading the group unseen: there is none of "
            "that name that this user may see. Make it, and give the user a "
            "role in it: Pipelines, Library");
}

// A PUT that comes late would undo what others wrote meanwhile.
TEST_F(VariableGroupTest, APutIsSentOnce) {
  line_->Break(1, Mishap::kLostAnswer, /*lasting=*/true);
  EXPECT_EQ(Put().code(), absl::StatusCode::kUnknown);
  EXPECT_EQ(line_->methods, (std::vector<std::string>{"GET", "PUT"}));
}

TEST_F(VariableGroupTest, OneLookForAllPlacesOfAGroup) {
  ASSERT_EQ(Put(), absl::OkStatus());
  line_->methods.clear();
  const Delivery other = At("agents", "OTHER");
  const std::vector<HeldRecord> held =
      sink_->ReadAll({&case_.place, &other}, Soon());
  EXPECT_EQ(held[0].state, HeldRecord::State::kPresent);
  EXPECT_EQ(held[1].state, HeldRecord::State::kAbsent);
  EXPECT_EQ(line_->methods, (std::vector<std::string>{"GET"}));
}

// What a table left behind is found in whatever group it is.
TEST_F(VariableGroupTest, FindsEveryRecordOfTheProject) {
  service().WriteAsOther(At("others", "THEIRS"), "x");
  ASSERT_EQ(Put(), absl::OkStatus());
  std::string dump;
  for (const StrayPlace& stray : sink_->Recorded({}, Soon())) {
    absl::StrAppend(&dump, stray.place.at, "#", stray.place.key, " ",
                    stray.held.record->id.Short(), "\n");
  }
  EXPECT_EQ(dump, "agents#NUGET_PAT 27e59f42\n");
}

TEST_F(VariableGroupTest, OneStoreHasOneName) {
  SinkConfig config = case_.config;
  EXPECT_EQ(case_.row.canonical(config).value_or("?"),
            "https://devops.example/contoso/web shop");
  config.settings["address"] = std::string("https://DEVOPS.example:443/");
  config.settings["project"] = std::string("Web Shop");
  EXPECT_EQ(case_.row.canonical(config).value_or("?"),
            "https://devops.example/contoso/web shop");
}

}  // namespace
}  // namespace patform::sinks
