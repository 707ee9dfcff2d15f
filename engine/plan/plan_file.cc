#include "engine/plan/plan_file.h"

#include <set>
#include <utility>

#include "engine/base/clock.h"
#include "engine/base/sha256.h"
#include "engine/base/status.h"
#include "engine/plan/canonical_json.h"
#include "engine/plan/plan_json.h"
#include "engine/plan/sealed_json.h"
#include "engine/plan/snapshot_file.h"

namespace patform {
namespace {

namespace json = boost::json;

constexpr SealedKind kKind = {"patform-plan", 1, "saved plan",
                              "patform plan --out FILE"};

json::object OptionsJson(const PlanOptions& options) {
  return {{"rotate",
           TextsJson({options.diff.rotate.begin(), options.diff.rotate.end()})},
          {"targets", TextsJson(options.targets)}};
}

PlanOptions ReadOptions(const JsonFields& fields) {
  PlanOptions options;
  for (std::string& name : fields.Texts("rotate")) {
    options.diff.rotate.insert(std::move(name));
  }
  options.targets = fields.Texts("targets");
  return options;
}

json::array ConfigurationJson(const std::vector<ConfigurationEntry>& entries) {
  json::array array;
  for (const ConfigurationEntry& entry : entries) {
    array.push_back(json::object{{"subject", entry.subject},
                                 {"organization", entry.organization},
                                 {"fields", TextMapJson(entry.fields)},
                                 {"location", WhereJson(entry.where)}});
  }
  return array;
}

// A short way to see that two plans rest on the same: of each part, the
// SHA-256 of its canonical JSON.
json::object Fingerprints(const json::object& body) {
  const json::object& world = body.at("world").as_object();
  json::array tokens;
  for (const json::value& each : world.at("organizations").as_array()) {
    tokens.push_back(
        json::object{{"organization", each.at("organization")},
                     {"sha256", Sha256(Canonical(each.at("tokens")))}});
  }
  // Without the places in the files: an edit that moves a table means nothing.
  json::array configuration;
  for (const json::value& each : body.at("configuration").as_array()) {
    json::object entry = each.as_object();
    entry.erase("location");
    configuration.push_back(std::move(entry));
  }
  return {{"configuration", Sha256(Canonical(configuration))},
          {"tokens", std::move(tokens)},
          {"records", Sha256(Canonical(world.at("records")))}};
}

}  // namespace

ActualState Relevant(const ActualState& actual) {
  ActualState relevant = actual;
  std::set<AuthorizationId> recorded;
  for (const auto& [address, held] : actual.records) {
    if (held.record) recorded.insert(held.record->id);
  }
  for (auto& [name, snapshot] : relevant.organizations) {
    std::erase_if(snapshot.tokens, [&](const ActualToken& token) {
      return token.state != TokenState::kActive &&
             recorded.count(token.id) == 0;
    });
    snapshot.has_history = false;
  }
  return relevant;
}

SavedPlan SavePlan(const Plan& plan, const PlanOptions& options,
                   const DesiredState& desired, const ActualState& actual) {
  SavedPlan saved;
  saved.plan = plan;
  saved.options = options;
  saved.configuration = DescribeConfiguration(desired);
  saved.world = Relevant(actual);
  return saved;
}

std::string WritePlan(const SavedPlan& saved, std::string_view key) {
  json::object body;
  body["digest"] = saved.plan.digest;
  body["request"] = OptionsJson(saved.options);
  body["plan"] = PlanJson(saved.plan);
  body["approval"] = ToJson(saved.plan.approval);
  body["configuration"] = ConfigurationJson(saved.configuration);
  body["world"] = WorldJson(saved.world);
  body["fingerprints"] = Fingerprints(body);
  return Seal(kKind, std::move(body), key);
}

absl::StatusOr<SavedPlan> ReadPlan(std::string_view text,
                                   std::string_view key) {
  PATFORM_ASSIGN_OR_RETURN(json::object document, Unseal(kKind, text, key));
  SavedPlan saved;
  saved.is_signed = IsSigned(document);
  absl::Status status;
  const json::value value(std::move(document));
  const JsonFields fields(value, "", status);
  saved.options = ReadOptions(fields.Object("request"));
  saved.plan = ReadPlanJson(fields.Object("plan"));
  saved.plan.approval = ReadApproval(fields.Object("approval"));
  saved.plan.targets = saved.options.targets;
  saved.plan.digest = Digest(saved.plan.approval);
  fields.Each("configuration", [&](const JsonFields& each) {
    saved.configuration.push_back(
        {each.Text("subject"), each.Text("organization"),
         each.TextMap("fields"), ReadWhere(each, "location")});
  });
  saved.world = ReadWorld(fields.Object("world"));
  if (status.ok() && saved.plan.digest != fields.Text("digest")) {
    fields.Fail("digest", saved.plan.digest);
  }
  if (!status.ok()) return status;
  return saved;
}

}  // namespace patform
