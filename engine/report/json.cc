#include "engine/report/json.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/likeness.h"
#include "engine/base/version.h"
#include "engine/model/json_fields.h"
#include "engine/model/mark.h"
#include "engine/model/token.h"
#include "engine/plan/change_json.h"
#include "engine/report/attention.h"
#include "engine/report/ending.h"
#include "engine/report/json_line.h"

namespace patform {
namespace {

namespace json = boost::json;

// What it may do, too: the reader of an output has no catalogue of scopes.
json::value IdentityMembers(const std::optional<Identity>& identity) {
  json::value value = IdentityJson(identity);
  if (!identity) return value;
  value.get_object()["may_mint"] = nullptr;
  if (identity->scopes) value.get_object()["may_mint"] = *identity->MayMint();
  return value;
}

json::array Actions(Action action) {
  json::array array;
  for (const char* word : RowOf(action).terraform) {
    if (word != nullptr) array.push_back(json::string(word));
  }
  return array;
}

json::array Ends(const Change& change) {
  json::array array;
  for (const Ending& ending : EndingsOf(change)) {
    json::object object;
    object["authorization_id"] = ending.id.ToString();
    object["display_name"] = ending.display_name;
    object["generation"] = ending.generation;
    object["whose"] = Word(ending.whose);
    object["owner"] = TextOrNull(ending.owner);
    object["revocation"] = ending.revocation;
    object["reason"] = Word(ending.reason);
    object["how"] = ending.at ? "retire" : "revoke";
    object["at"] = InstantJson(ending.at);
    array.push_back(std::move(object));
  }
  return array;
}

// What ends by finishing what a run left: Terraform's word for it is deposed.
// The plan knows its id and end; the rest is null.
json::object Deposed(const Collect& end) {
  return {{"authorization_id", end.id.ToString()},
          {"display_name", nullptr},
          {"scopes", nullptr},
          {"valid_from", nullptr},
          {"valid_to", InstantJson(end.valid_to)},
          {"all_organizations", nullptr},
          {"generation", end.generation}};
}

// Terraform's maps of what is only known after apply, and of what is never
// shown: the secret, which is not a member of `before` and `after` at all.
json::object Unknown(const Change& change) {
  if (change.action != Action::kCreate && change.action != Action::kRotate) {
    return {};
  }
  return {{"authorization_id", true}, {"valid_from", true}, {"token", true}};
}

// The member of `before` and `after` whose value is why the secret cannot
// stay, as Terraform's replace_paths; none where somebody asked for a new one,
// or the sink did.
json::array ReplacePaths(const Change& change) {
  const auto path = [](const char* member) {
    // Braces around one array are a copy of it to clang, a list of it to g++.
    json::array paths;
    paths.push_back(json::array({member}));
    return paths;
  };
  if (change.action != Action::kRotate) return {};
  switch (change.reason) {
    case Reason::kExpired:
    case Reason::kInRotationWindow:
    case Reason::kLifetimeTooLong:
    case Reason::kExpiresChanged:
      return path("valid_to");
    case Reason::kGone:
    case Reason::kRecordNotOurs:
      return path("authorization_id");
    case Reason::kScopeChanged:
      return path("scopes");
    case Reason::kAllOrganizationsChanged:
      return path("all_organizations");
    default:
      return {};
  }
}

// The address before a rename: Terraform's word for it is the same.
json::value PreviousAddress(const Change& change) {
  if (!change.before || !change.after) return nullptr;
  const std::string before(HumanName(change.before->display_name));
  const std::string after(HumanName(change.after->display_name));
  if (SameDecoded(before, after) || after != change.name) return nullptr;
  // As the address of today, with the other name: an organization in front of
  // it stays.
  const std::string today = TokenAddress(after);
  const std::string prefix =
      change.address.substr(0, change.address.size() - today.size());
  return json::string(absl::StrCat(prefix, TokenAddress(before)));
}

json::value Sensitive(const json::value& facts) {
  if (facts.is_null()) return false;
  return json::object{{"token", true}};
}

// The token of `change` after it, with what the configuration alone knows. What
// is not declared is absent: to a rule that asks for it, null would be there.
json::value AfterJson(const Change& change) {
  json::value value = FactsJson(change.after);
  if (!change.after) return value;
  json::object& after = value.get_object();
  if (!change.owner.empty()) after["owner"] = change.owner;
  if (!change.purpose.empty()) after["purpose"] = change.purpose;
  after["labels"] = TextMapJson(change.labels);
  return value;
}

json::object ChangeJson(const Change& change) {
  json::object object;
  object["address"] = change.address;
  object["mode"] = "managed";
  object["type"] = "azuredevops_pat";
  object["name"] = change.name;
  object["provider_name"] = "patform";
  object["organization"] = change.organization;
  if (!change.identity.empty()) object["identity"] = change.identity;
  const json::value previous = PreviousAddress(change);
  if (!previous.is_null()) object["previous_address"] = previous;
  object["action"] = Word(change.action);
  object["action_reason"] = Word(change.reason);
  object["class"] = Word(change.change_class);
  if (change.action == Action::kFinish && !change.decision->collect.empty()) {
    object["deposed"] = change.decision->collect[0].id.Short();
  }
  json::object inner;
  inner["actions"] = Actions(change.action);
  const bool ends_others = change.action == Action::kFinish;
  inner["before"] = ends_others && !change.decision->collect.empty()
                        ? Deposed(change.decision->collect[0])
                        : FactsJson(change.before);
  inner["after"] = change.action == Action::kRevoke || ends_others
                       ? json::value(nullptr)
                       : AfterJson(change);
  inner["after_unknown"] = Unknown(change);
  inner["before_sensitive"] = Sensitive(inner["before"]);
  inner["after_sensitive"] = Sensitive(inner["after"]);
  inner["replace_paths"] = ReplacePaths(change);
  inner["differing"] = FieldsJson(FieldChangesOf(change));
  object["change"] = std::move(inner);
  json::array deliver;
  for (size_t i = 0; i < change.deliver.size(); ++i) {
    const Delivery& place = change.deliver[i];
    const bool known = i < change.places.size();
    const PlaceFacts facts = known ? change.places[i] : PlaceFacts();
    deliver.push_back(json::object{{"address", place.Address()},
                                   {"sink", place.sink},
                                   {"encoding", Word(place.encoding)},
                                   {"adopt", place.adopt},
                                   {"settings", facts.sink},
                                   {"holds", facts.holds},
                                   {"new", known && !facts.known}});
  }
  object["deliver"] = std::move(deliver);
  object["ends"] = Ends(change);
  if (!change.remove.empty()) {
    json::array removes;
    for (const Removal& removal : change.remove) {
      removes.push_back(json::string(removal.place.Address()));
    }
    object["removes"] = std::move(removes);
  }
  object["location"] = LocationJson(change.where);
  return object;
}

// What Terraform calls the planned values: the tokens of `changes` that live
// after them. Those that stay as they are the plan only counts.
json::object PlannedValues(const json::array& changes) {
  json::array resources;
  for (const json::value& change : changes) {
    const json::object& from = change.get_object();
    const json::object& inner = from.at("change").get_object();
    if (inner.at("after").is_null()) continue;
    json::object resource;
    for (const char* key :
         {"address", "mode", "type", "name", "provider_name"}) {
      resource[key] = from.at(key);
    }
    resource["schema_version"] = 0;
    resource["values"] = inner.at("after");
    resource["sensitive_values"] = inner.at("after_sensitive");
    resources.push_back(std::move(resource));
  }
  return {{"root_module", json::object{{"resources", std::move(resources)}}}};
}

json::array AttentionsJson(const Plan& plan) {
  json::array attention;
  for (const Change& change : plan.changes.changes) {
    for (const Attention& each : AttentionOf(change, plan.as_of)) {
      attention.push_back(json::object{{"kind", Word(each.kind)},
                                       {"address", change.address},
                                       {"organization", change.organization},
                                       {"what", each.what}});
    }
  }
  return attention;
}

json::array LeftOutJson(const Plan& plan) {
  json::array left_out;
  for (const Change& change : plan.left_out) {
    json::object object = {{"address", change.address},
                           {"organization", change.organization},
                           {"action", Word(change.action)},
                           {"action_reason", Word(change.reason)}};
    if (!change.identity.empty()) object["identity"] = change.identity;
    left_out.push_back(std::move(object));
  }
  return left_out;
}

json::array DeferredJson(const Plan& plan) {
  json::array deferred;
  for (const Deferred& d : plan.changes.deferred) {
    json::object object = {{"address", d.address},
                           {"organization", d.organization},
                           {"explanation", d.explanation},
                           {"contention", d.contention},
                           {"location", LocationJson(d.where)}};
    if (!d.identity.empty()) object["identity"] = d.identity;
    deferred.push_back(std::move(object));
  }
  return deferred;
}

json::array EndingJson(const Plan& plan) {
  json::array ending;
  for (const Unrenewed& token : plan.changes.unrenewed) {
    if (token.IsShown(plan.as_of)) ending.push_back(UnrenewedJson(token));
  }
  return ending;
}

json::array UnmanagedJson(const Plan& plan) {
  json::array unmanaged;
  for (const ActualToken& token : plan.changes.unmanaged) {
    unmanaged.push_back(
        json::object{{"authorization_id", token.id.ToString()},
                     {"display_name", token.display_name},
                     {"valid_to", FormatInstant(token.valid_to)}});
  }
  return unmanaged;
}

}  // namespace

std::string RenderPlanJson(const Plan& plan) {
  json::object root;
  root["format_version"] = "1.3";
  root["patform_version"] = kVersion;
  root["workspace"] = plan.workspace;
  root["organizations"] = TextsJson(plan.organizations);
  root["owner"] = TextOrNull(plan.user_oid);
  if (!plan.users.empty()) root["users"] = UsersJson(plan.users);
  root["identity"] = IdentityMembers(plan.identity);
  root["digest"] = plan.digest;
  root["signed"] = plan.signature == Plan::Signature::kNoFile
                       ? json::value(nullptr)
                       : json::value(plan.signature == Plan::Signature::kGood);
  root["as_of"] = FormatInstant(plan.as_of);
  root["timestamp"] = FormatInstant(plan.as_of);
  root["snapshot_taken_at"] = InstantJson(plan.snapshot_taken_at);
  root["stable_until"] = InstantJson(plan.stable_until);
  root["complete"] = plan.complete();
  root["applyable"] = !plan.empty() && !Forbids(plan.findings);
  root["errored"] = false;
  json::object summary = CountsJson(plan.counts);
  summary["unchanged"] = plan.changes.unchanged;
  summary["left_out"] = plan.left_out.size();
  root["summary"] = std::move(summary);
  json::array changes;
  for (const Change& change : plan.changes.changes) {
    changes.push_back(ChangeJson(change));
  }
  root["attention"] = AttentionsJson(plan);
  root["planned_values"] = PlannedValues(changes);
  root["resource_changes"] = std::move(changes);
  root["left_out_changes"] = LeftOutJson(plan);
  root["deferred_changes"] = DeferredJson(plan);
  root["checks"] = ChecksJson(plan.findings);
  root["rules"] = TextsJson(plan.rules);
  root["notes"] = NotesJson(plan.changes.notes);
  root["ends_unrenewed"] = EndingJson(plan);
  root["unmanaged"] = UnmanagedJson(plan);
  return JsonLine(root);
}

}  // namespace patform
