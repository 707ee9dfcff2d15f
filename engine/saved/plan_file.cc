#include "engine/saved/plan_file.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/canonical_json.h"
#include "engine/base/clock.h"
#include "engine/base/digest.h"
#include "engine/base/status.h"
#include "engine/model/mark.h"
#include "engine/plan/configuration.h"
#include "engine/saved/plan_json.h"
#include "engine/saved/sealed_json.h"
#include "engine/saved/snapshot_file.h"

namespace patform {
namespace {

namespace json = boost::json;

// The version is raised when a member's meaning changes.
constexpr SealedKind kKind = {"patform-plan", 2, "saved plan",
                              "patform plan --out FILE"};

// Destructured, so that a new member cannot be forgotten: the same below.
json::value BaselineJson(const std::optional<Baseline>& baseline) {
  if (!baseline) return nullptr;
  const auto& [taken_at, user_oid, users, live] = *baseline;
  json::object counts;
  json::array others;
  for (const auto& [realm, count] : live) {
    if (realm.identity.empty()) {
      counts[realm.organization] = count;
    } else {
      others.push_back(json::object{{"identity", realm.identity},
                                    {"organization", realm.organization},
                                    {"count", count}});
    }
  }
  json::object object = {{"taken_at", FormatInstant(taken_at)},
                         {"owner", user_oid},
                         {"live", std::move(counts)}};
  if (!users.empty()) object["users"] = TextMapJson(users);
  if (!others.empty()) object["live_of_users"] = std::move(others);
  return object;
}

std::optional<Baseline> ReadBaseline(const JsonFields& request) {
  if (request.IsNull("baseline")) return std::nullopt;
  const JsonFields fields = request.Object("baseline");
  Baseline baseline;
  baseline.taken_at = fields.Instant("taken_at");
  baseline.user_oid = fields.Text("owner");
  const JsonFields live = fields.Object("live");
  for (const std::string& organization : live.Keys()) {
    baseline.live[organization] =
        static_cast<int>(live.Integer(organization.c_str()));
  }
  if (!fields.IsNull("users")) baseline.users = fields.TextMap("users");
  if (!fields.IsNull("live_of_users")) {
    fields.Each("live_of_users", [&](const JsonFields& each) {
      baseline.live[{each.Text("identity"), each.Text("organization")}] =
          static_cast<int>(each.Integer("count"));
    });
  }
  return baseline;
}

json::object OptionsJson(const PlanOptions& options) {
  const auto& [diff, targets, allowed_revocations, allow_empty_list, baseline] =
      options;
  const auto& [rotate] = diff;
  return {{"rotate", TextsJson({rotate.begin(), rotate.end()})},
          {"targets", TextsJson(targets)},
          {"allowed_revocations", allowed_revocations},
          {"allow_empty_list", allow_empty_list},
          {"baseline", BaselineJson(baseline)}};
}

PlanOptions ReadOptions(const JsonFields& fields) {
  PlanOptions options;
  for (std::string& name : fields.Texts("rotate")) {
    options.diff.rotate.insert(std::move(name));
  }
  options.targets = fields.Texts("targets");
  // -1: without a limit.
  options.allowed_revocations =
      static_cast<int>(fields.Integer("allowed_revocations", -1));
  options.allow_empty_list = fields.Flag("allow_empty_list");
  options.baseline = ReadBaseline(fields);
  return options;
}

// A short way to see that two plans rest on the same: of each part, the
// SHA-256 of its canonical JSON.
json::object Fingerprints(const json::object& meaning,
                          const json::object& body) {
  const json::object& world = body.at("world").as_object();
  json::array tokens;
  // The history is not in it: it may differ between two reads of one world.
  for (const json::value& each : world.at("organizations").as_array()) {
    json::object print = {{"organization", each.at("organization")},
                          {"sha256", Sha256(Canonical(each.at("tokens")))}};
    const json::value* const identity =
        each.as_object().if_contains("identity");
    if (identity != nullptr) print["identity"] = *identity;
    tokens.push_back(std::move(print));
  }
  json::object prints = {{"configuration", Sha256(Canonical(meaning))},
                         {"tokens", std::move(tokens)},
                         {"records", Sha256(Canonical(world.at("records")))}};
  // As in the world itself: seldom there.
  if (const json::value* const strays = world.if_contains("strays")) {
    prints["strays"] = Sha256(Canonical(*strays));
  }
  return prints;
}

// In any order: Canonical() sorts.
json::object Body(const SavedPlan& saved) {
  json::object body;
  body["digest"] = saved.plan.digest;
  body["request"] = OptionsJson(saved.options);
  body["plan"] = PlanJson(saved.plan);
  body["approval"] = json::parse(CanonicalApproval(ApprovalOf(saved)));
  body["configuration"] = ConfigurationJson(saved.desired, Places::kWith);
  body["world"] = WorldJson(saved.world);
  // Without the places in the files: an edit that moves a table means nothing.
  body["fingerprints"] =
      Fingerprints(ConfigurationJson(saved.desired, Places::kWithout), body);
  return body;
}

// What the file rests on, planned again.
SavedPlan Derive(const JsonFields& fields) {
  SavedPlan saved;
  saved.options = ReadOptions(fields.Object("request"));
  saved.desired = ReadConfiguration(fields.Object("configuration"));
  saved.world = ReadWorld(fields.Object("world"));
  Plan inputs = ReadPlanInputs(fields.Object("plan"));
  // No plan is made from what could not be read.
  if (!fields.ok()) return saved;
  // With the clock of then: a plan is a function of its inputs.
  saved.plan =
      MakePlan(saved.desired, saved.world, saved.options, inputs.as_of);
  // Who was signed in is an input as well; it cannot be derived.
  saved.plan.identity = std::move(inputs.identity);
  if (inputs.snapshot_taken_at) {
    SetSnapshot(saved.desired, saved.world, *inputs.snapshot_taken_at,
                {inputs.assumed_empty.begin(), inputs.assumed_empty.end()},
                saved.plan);
  }
  return saved;
}

}  // namespace

// What a plan rests on, without the hundred thousand tokens that have ended:
// live ones, recorded ones, and whoever shares a mark with a live one.
ActualState Relevant(const ActualState& actual) {
  ActualState relevant = actual;
  std::set<AuthorizationId> recorded;
  for (const auto& [address, held] : actual.records) {
    if (held.record) recorded.insert(held.record->id);
  }
  // Who bore a live token's mark first is the one who owns it.
  std::set<std::string> nonces;
  for (const auto& [name, snapshot] : actual.organizations) {
    for (const ActualToken& token : snapshot.tokens) {
      if (token.state != TokenState::kActive) continue;
      const auto marked = ParseDisplayName(token.display_name);
      if (marked) nonces.emplace(marked->nonce);
    }
  }
  for (auto& [name, snapshot] : relevant.organizations) {
    std::erase_if(snapshot.tokens, [&](const ActualToken& token) {
      if (token.state == TokenState::kActive || recorded.count(token.id) > 0) {
        return false;
      }
      const auto marked = ParseDisplayName(token.display_name);
      return !marked || nonces.count(std::string(marked->nonce)) == 0;
    });
    // It is not all of the history.
    snapshot.has_history = false;
  }
  return relevant;
}

SavedPlan SavePlan(const Plan& plan, const PlanOptions& options,
                   const DesiredState& desired, const ActualState& actual) {
  SavedPlan saved;
  saved.plan = plan;
  saved.options = options;
  saved.desired = desired;
  saved.world = Relevant(actual);
  return saved;
}

Approval ApprovalOf(const SavedPlan& saved) {
  return MakeApproval(saved.desired, saved.world, saved.options,
                      saved.plan.changes.changes);
}

std::string WritePlan(const SavedPlan& saved, std::string_view key) {
  return Seal(kKind, Body(saved), key);
}

absl::StatusOr<SavedPlan> ReadPlan(std::string_view text,
                                   std::string_view key) {
  PATFORM_ASSIGN_OR_RETURN(json::object document, Unseal(kKind, text, key));
  const bool is_signed = IsSigned(document);
  // For a message: parts that disagree are usually the work of another version.
  const std::string other_version = WrittenBy(document);
  absl::Status status;
  json::value value(std::move(document));
  SavedPlan saved = Derive(JsonFields(value, "", status));
  if (!status.ok()) return status;
  // Without the key a signature is only seen, not checked.
  saved.plan.signature = !is_signed    ? Plan::Signature::kNone
                         : key.empty() ? Plan::Signature::kUnchecked
                                       : Plan::Signature::kGood;
  // Every member, not only those that were read: nothing may be in the file
  // that somebody else would believe.
  const std::string disagreement =
      Disagreement(Inside(std::move(value.as_object())), Body(saved), "");
  if (!disagreement.empty()) {
    return StaleError(absl::StrCat("its parts disagree: ", disagreement, ".",
                                   other_version, " Write a new one: `",
                                   kKind.command, "`"));
  }
  return saved;
}

}  // namespace patform
