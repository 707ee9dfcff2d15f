#include "engine/report/json.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "engine/base/clock.h"
#include "engine/report/json_line.h"

namespace patform {
namespace {

namespace json = boost::json;

json::value Instant(const std::optional<absl::Time>& time) {
  if (!time || *time == absl::InfiniteFuture()) return nullptr;
  return json::string(FormatInstant(*time));
}

json::value Facts(const std::optional<TokenFacts>& facts) {
  if (!facts) return nullptr;
  json::object object;
  object["authorization_id"] =
      facts->id ? json::value(json::string(facts->id->ToString()))
                : json::value(nullptr);
  object["display_name"] = facts->display_name;
  json::array scopes;
  for (std::string_view scope : facts->scopes.items()) {
    scopes.push_back(json::string(scope.data(), scope.size()));
  }
  object["scopes"] = std::move(scopes);
  object["valid_from"] = Instant(facts->valid_from);
  object["valid_to"] = Instant(facts->valid_to);
  object["all_organizations"] = facts->all_organizations;
  object["generation"] = facts->generation;
  return object;
}

// Terraform's words: a rotation makes the new one before the old one ends.
json::array Actions(Action action) {
  switch (action) {
    case Action::kNoOp:
      return {"no-op"};
    case Action::kCreate:
      return {"create"};
    case Action::kUpdate:
      return {"update"};
    case Action::kRotate:
      return {"create", "delete"};
    case Action::kRevoke:
      return {"delete"};
    case Action::kFinish:
      return {"delete"};
    case Action::kRelease:
      return {"forget"};
  }
  return {};
}

json::array Ends(const std::vector<Collect>& collects) {
  json::array array;
  for (const Collect& collect : collects) {
    json::object object;
    object["authorization_id"] = collect.id.ToString();
    object["generation"] = collect.generation;
    object["reason"] = Name(collect.reason);
    object["how"] = collect.retire_at ? "retire" : "revoke";
    object["at"] = Instant(collect.retire_at);
    array.push_back(std::move(object));
  }
  return array;
}

json::value Where(const SourceLocation& where) {
  if (where.file.empty()) return nullptr;
  json::object object;
  object["file"] = where.file;
  object["line"] = where.line;
  object["column"] = where.column;
  return object;
}

// What ends by finishing what a run left: Terraform's word for it is deposed.
// The plan knows its id and end; the rest is null.
json::object Deposed(const Collect& end) {
  return {{"authorization_id", end.id.ToString()},
          {"display_name", nullptr},
          {"scopes", nullptr},
          {"valid_from", nullptr},
          {"valid_to", Instant(end.valid_to)},
          {"all_organizations", nullptr},
          {"generation", end.generation}};
}

// Terraform's maps of what is known after apply alone, and of what is never
// shown: the secret, which is no member of `before` and `after` at all.
json::object Unknown(const Change& change) {
  if (change.action != Action::kCreate && change.action != Action::kRotate) {
    return {};
  }
  return {{"authorization_id", true}, {"valid_from", true}, {"token", true}};
}

json::value Sensitive(const json::value& facts) {
  if (facts.is_null()) return false;
  return json::object{{"token", true}};
}

json::object ChangeJson(const Change& change) {
  json::object object;
  object["address"] = change.address;
  object["mode"] = "managed";
  object["type"] = "azuredevops_pat";
  object["name"] = change.name;
  object["provider_name"] = "patform";
  object["organization"] = change.organization;
  object["action"] = Name(change.action);
  object["action_reason"] = Name(change.reason);
  object["class"] = Name(change.change_class);
  if (change.action == Action::kFinish && !change.decision.collect.empty()) {
    object["deposed"] = change.decision.collect[0].id.Short();
  }
  json::object inner;
  inner["actions"] = Actions(change.action);
  const bool ends_others = change.action == Action::kFinish;
  inner["before"] = ends_others && !change.decision.collect.empty()
                        ? Deposed(change.decision.collect[0])
                        : Facts(change.before);
  inner["after"] = change.action == Action::kRevoke || ends_others
                       ? json::value(nullptr)
                       : Facts(change.after);
  inner["after_unknown"] = Unknown(change);
  inner["before_sensitive"] = Sensitive(inner["before"]);
  inner["after_sensitive"] = Sensitive(inner["after"]);
  json::array fields;
  for (const FieldChange& field : change.fields) {
    fields.push_back(json::object{{"field", field.field},
                                  {"before", field.before},
                                  {"after", field.after}});
  }
  inner["differing"] = std::move(fields);
  object["change"] = std::move(inner);
  json::array deliver;
  for (const Delivery& place : change.deliver) {
    deliver.push_back(json::object{{"address", place.Address()},
                                   {"sink", place.sink},
                                   {"encoding", Name(place.encoding)}});
  }
  object["deliver"] = std::move(deliver);
  std::vector<Collect> ends = change.decision.collect_first;
  ends.insert(ends.end(), change.decision.collect.begin(),
              change.decision.collect.end());
  ends.insert(ends.end(), change.revoke.begin(), change.revoke.end());
  object["ends"] = Ends(ends);
  object["location"] = Where(change.where);
  return object;
}

json::array Lines(const std::vector<std::string>& lines) {
  json::array array;
  for (const std::string& line : lines) array.push_back(json::string(line));
  return array;
}

}  // namespace

std::string RenderPlanJson(const Plan& plan) {
  json::object root;
  root["format_version"] = "1.1";
  root["patform_version"] = PATFORM_VERSION;
  root["workspace"] = plan.workspace;
  root["organizations"] = Lines(plan.organizations);
  root["owner"] = plan.owner.empty() ? json::value(nullptr)
                                     : json::value(json::string(plan.owner));
  root["digest"] = plan.digest;
  root["as_of"] = FormatInstant(plan.as_of);
  root["timestamp"] = FormatInstant(plan.as_of);
  root["snapshot_taken_at"] = Instant(plan.snapshot_taken_at);
  root["stable_until"] = Instant(plan.stable_until);
  root["complete"] = plan.complete();
  root["applyable"] = !plan.empty() && !HasErrors(plan.findings);
  root["errored"] = false;
  root["summary"] = json::object{
      {"create", plan.counts.create},        {"update", plan.counts.update},
      {"rotate", plan.counts.rotate},        {"revoke", plan.counts.revoke},
      {"finish", plan.counts.finish},        {"release", plan.counts.release},
      {"unchanged", plan.changes.unchanged}, {"left_out", plan.left_out.size()},
  };
  json::array changes;
  for (const Change& change : plan.changes.changes) {
    changes.push_back(ChangeJson(change));
  }
  root["resource_changes"] = std::move(changes);
  json::array left_out;
  for (const Change& change : plan.left_out) {
    left_out.push_back(json::object{{"address", change.address},
                                    {"organization", change.organization},
                                    {"action", Name(change.action)},
                                    {"action_reason", Name(change.reason)}});
  }
  root["left_out_changes"] = std::move(left_out);
  json::array deferred;
  for (const Deferred& d : plan.changes.deferred) {
    deferred.push_back(json::object{{"address", d.address},
                                    {"organization", d.organization},
                                    {"explanation", d.explanation},
                                    {"contention", d.contention},
                                    {"location", Where(d.where)}});
  }
  root["deferred_changes"] = std::move(deferred);
  json::array checks;
  for (const Finding& finding : plan.findings) {
    checks.push_back(json::object{
        {"rule", finding.rule},
        {"severity", Name(finding.severity)},
        {"address", finding.address.empty()
                        ? json::value(nullptr)
                        : json::value(json::string(finding.address))},
        {"what", finding.what},
        {"why", std::string(WhyOf(finding.rule))},
        {"fix", finding.fix},
        {"location", Where(finding.where)}});
  }
  root["checks"] = std::move(checks);
  json::array notes;
  for (const Note& note : plan.changes.notes) {
    notes.push_back(
        json::object{{"address", note.address}, {"text", note.text}});
  }
  root["notes"] = std::move(notes);
  json::array unmanaged;
  for (const ActualToken& token : plan.changes.unmanaged) {
    unmanaged.push_back(
        json::object{{"authorization_id", token.id.ToString()},
                     {"display_name", token.display_name},
                     {"valid_to", FormatInstant(token.valid_to)}});
  }
  root["unmanaged"] = std::move(unmanaged);
  return JsonLine(root);
}

}  // namespace patform
