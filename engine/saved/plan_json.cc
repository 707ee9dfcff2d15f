#include "engine/saved/plan_json.h"

#include <boost/json/array.hpp>
#include <utility>

#include "engine/base/clock.h"
#include "engine/plan/change_json.h"
#include "engine/plan/configuration.h"

// The words of a plan's JSON. They are read by people's scripts, so names stay.
namespace patform {
namespace {

namespace json = boost::json;

// In the plan's order, which is deterministic.
json::array EndsJson(const std::vector<Collect>& ends) {
  json::array array;
  for (const Collect& end : ends) {
    array.push_back(json::object{{"authorization_id", end.id.ToString()},
                                 {"generation", end.generation},
                                 {"reason", Word(end.reason)},
                                 {"retire_at", InstantJson(end.retire_at)},
                                 {"valid_to", InstantJson(end.valid_to)}});
  }
  return array;
}

json::array DeliverJson(const std::vector<Delivery>& deliver) {
  json::array array;
  for (const Delivery& place : deliver) {
    array.push_back(json::object{{"sink", place.sink},
                                 {"at", place.at},
                                 {"key", place.key},
                                 {"encoding", Word(place.encoding)},
                                 {"adopt", place.adopt}});
  }
  return array;
}

// Everything that a reviewer is shown and a run acts on. `fields` repeats what
// differs between before and after, for scripts that only report it.
json::object ChangeJson(const Change& change) {
  json::array remove;
  for (const Removal& removal : change.remove) {
    remove.push_back(json::object{{"place", removal.place.Address()},
                                  {"token", removal.id.ToString()}});
  }
  json::object object = {
      {"action", Word(change.action)},
      {"reason", Word(change.reason)},
      {"class", Word(change.change_class)},
      {"name", change.name},
      {"address", change.address},
      {"organization", change.organization},
      {"before", FactsJson(change.before)},
      {"after", FactsJson(change.after)},
      {"fields", FieldsJson(FieldChangesOf(change))},
      {"deliver", DeliverJson(change.deliver)},
      {"decision", Word(change.decision->kind)},
      {"generation", change.decision->generation},
      {"collect_first", EndsJson(change.decision->collect_first)},
      {"collect", EndsJson(change.decision->collect)},
      {"revoke", EndsJson(change.revoke)},
      {"location", WhereJson(change.where)}};
  if (!change.identity.empty()) object["identity"] = change.identity;
  // Earlier versions did not write it.
  if (!remove.empty()) object["remove"] = std::move(remove);
  return object;
}

json::array ChangesJson(const std::vector<Change>& changes) {
  json::array array;
  for (const Change& change : changes) array.push_back(ChangeJson(change));
  return array;
}

// What could not be decided is a part of the plan: it makes it incomplete.
json::array DeferredJson(const std::vector<Deferred>& deferred) {
  json::array array;
  for (const Deferred& each : deferred) {
    json::object object = {{"name", each.name},
                           {"address", each.address},
                           {"organization", each.organization},
                           {"explanation", each.explanation},
                           {"contention", each.contention},
                           {"location", WhereJson(each.where)}};
    if (!each.identity.empty()) object["identity"] = each.identity;
    array.push_back(std::move(object));
  }
  return array;
}

json::array FindingsJson(const std::vector<Finding>& findings) {
  json::array array;
  for (const Finding& finding : findings) {
    array.push_back(json::object{{"rule", finding.rule},
                                 {"severity", Word(finding.severity)},
                                 {"address", finding.address},
                                 {"what", finding.what},
                                 {"fix", finding.fix},
                                 {"location", WhereJson(finding.where)}});
  }
  return array;
}

// Reported only: nothing in a plan changes them.
json::array UnmanagedJson(const std::vector<ActualToken>& tokens) {
  json::array array;
  for (const ActualToken& token : tokens) {
    array.push_back(
        json::object{{"authorization_id", token.id.ToString()},
                     {"display_name", token.display_name},
                     {"scopes", ScopesJson(token.scopes)},
                     {"valid_from", InstantJson(token.valid_from)},
                     {"valid_to", InstantJson(token.valid_to)},
                     {"all_organizations", token.all_organizations}});
  }
  return array;
}

}  // namespace

// `plan` alone, without the configuration and the world beside it.
json::object PlanJson(const Plan& plan) {
  json::object object = {
      {"workspace", plan.workspace},
      {"organizations", TextsJson(plan.organizations)},
      {"owner", plan.user_oid},
      {"as_of", FormatInstant(plan.as_of)},
      {"stable_until", InstantJson(plan.stable_until)},
      {"snapshot_taken_at", InstantJson(plan.snapshot_taken_at)},
      {"assumed_empty", TextsJson(plan.assumed_empty)},
      {"identity", IdentityJson(plan.identity)},
      {"changes", ChangesJson(plan.changes.changes)},
      {"left_out", ChangesJson(plan.left_out)},
      {"deferred", DeferredJson(plan.changes.deferred)},
      {"findings", FindingsJson(plan.findings)},
      {"rules", TextsJson(plan.rules)},
      {"notes", NotesJson(plan.changes.notes)},
      {"unmanaged", UnmanagedJson(plan.changes.unmanaged)},
      {"unmanaged_excepted", plan.changes.unmanaged_excepted},
      {"unchanged", plan.changes.unchanged}};
  // Only where there are some, as in all formats.
  if (!plan.users.empty()) object["users"] = TextMapJson(plan.users);
  return object;
}

// The members that cannot be derived from the rest of the file; plan_file.cc
// makes everything else again.
Plan ReadPlanInputs(const JsonFields& fields) {
  Plan plan;
  plan.as_of = fields.Instant("as_of");
  plan.snapshot_taken_at = fields.InstantOrNull("snapshot_taken_at");
  // Places that the plan took for empty, because its snapshot did not know
  // them.
  plan.assumed_empty = fields.Texts("assumed_empty");
  if (!fields.IsNull("identity")) {
    const JsonFields of = fields.Object("identity");
    plan.identity.emplace();
    if (!of.IsNull("scopes")) plan.identity->scopes = of.Scopes("scopes");
    if (!of.IsNull("rests_until")) {
      plan.identity->rests_until = of.Instant("rests_until");
      plan.identity->rests_why = of.Text("rests_why");
    }
    if (!of.IsNull("trouble")) plan.identity->trouble = of.Text("trouble");
  }
  return plan;
}

}  // namespace patform
