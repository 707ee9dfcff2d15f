#include <boost/json/array.hpp>
#include <utility>

#include "engine/base/clock.h"
#include "engine/plan/configuration.h"

namespace patform {
namespace {

// Everything here is written and read by structured bindings over all members,
// so that a new one does not compile until somebody has decided what becomes of
// it: a rule that a saved plan forgets is a rule that an apply does not ask.
namespace json = boost::json;

// Null is not zero: a rule that is not set forbids nothing.
json::value SpanOrNull(const std::optional<absl::Duration>& span) {
  if (!span) return nullptr;
  return SpanJson(*span);
}

json::value CountOrNull(const std::optional<int>& count) {
  if (!count) return nullptr;
  return *count;
}

std::optional<int> ReadCount(const JsonFields& fields, const char* key) {
  if (fields.IsNull(key)) return std::nullopt;
  return static_cast<int>(fields.Integer(key));
}

// Lists of lists, because each source of a policy keeps its own: a scope has to
// be in all of them.
json::array ListsJson(const std::vector<std::vector<std::string>>& lists) {
  json::array array;
  for (const std::vector<std::string>& list : lists) {
    array.push_back(json::object{{"globs", TextsJson(list)}});
  }
  return array;
}

json::array SinkRulesJson(const std::vector<SinkRule>& rules, Places places) {
  json::array array;
  for (const SinkRule& rule : rules) {
    const auto& [scopes, sinks, types, where] = rule;
    json::object object = {{"scopes", TextsJson(scopes)},
                           {"sinks", TextsJson(sinks)},
                           {"types", TextsJson(types)}};
    if (places == Places::kWith) object["location"] = WhereJson(where);
    array.push_back(std::move(object));
  }
  return array;
}

json::array AllowedPlacesJson(
    const std::vector<std::vector<AllowedPlaces>>& lists, Places places) {
  json::array array;
  for (const std::vector<AllowedPlaces>& list : lists) {
    json::array items;
    for (const AllowedPlaces& allowed : list) {
      const auto& [scopes, types, addresses, where] = allowed;
      json::object object = {{"scopes", TextsJson(scopes)},
                             {"types", TextsJson(types)},
                             {"addresses", TextsJson(addresses)}};
      if (places == Places::kWith) object["location"] = WhereJson(where);
      items.push_back(std::move(object));
    }
    array.push_back(json::object{{"places", std::move(items)}});
  }
  return array;
}

// With their reasons: a reviewer of the saved plan reads them there.
json::array ExceptionsJson(const std::vector<PolicyException>& exceptions,
                           Places places) {
  json::array array;
  for (const PolicyException& exception : exceptions) {
    const auto& [rule, token, until, reason, where] = exception;
    json::object object = {{"rule", rule},
                           {"token", token},
                           {"until", InstantJson(until)},
                           {"reason", reason}};
    if (places == Places::kWith) object["location"] = WhereJson(where);
    array.push_back(std::move(object));
  }
  return array;
}

json::object SeverityJson(const std::map<std::string, Severity>& severity) {
  json::object object;
  for (const auto& [rule, grave] : severity) object[rule] = Word(grave);
  return object;
}

// That a rule is set at all means something, too: PolicyConfig::Says.
json::array SetJson(const std::map<std::string, SourceLocation>& set_at,
                    Places places) {
  json::array array;
  for (const auto& [rule, where] : set_at) {
    json::object object = {{"rule", rule}};
    if (places == Places::kWith) object["location"] = WhereJson(where);
    array.push_back(std::move(object));
  }
  return array;
}

}  // namespace

json::object PolicyJson(const PolicyConfig& policy, Places places) {
  const auto& [max_lifetime, min_lifetime, min_rotate_before, forbidden_scopes,
               allowed_scopes, high_privilege_scopes, deny_full_scope,
               deny_all_organizations, name_patterns, required_fields,
               sinks_for_scopes, allowed_places, max_tokens, unmanaged,
               unmanaged_except, existing, max_revocations,
               max_revocations_share, prevent_revoke, allow_unknown_scopes,
               exceptions, severity, set_at, where] = policy;
  json::object object = {
      {"max_lifetime", SpanOrNull(max_lifetime)},
      {"min_lifetime", SpanOrNull(min_lifetime)},
      {"min_rotate_before", SpanOrNull(min_rotate_before)},
      {"forbidden_scopes", TextsJson(forbidden_scopes)},
      {"allowed_scopes", ListsJson(allowed_scopes)},
      {"high_privilege_scopes", TextsJson(high_privilege_scopes)},
      {"deny_full_scope", deny_full_scope},
      {"deny_all_organizations", deny_all_organizations},
      {"name_patterns", TextsJson(name_patterns)},
      {"required_fields", TextsJson(required_fields)},
      {"sinks_for_scopes", SinkRulesJson(sinks_for_scopes, places)},
      {"allowed_places", AllowedPlacesJson(allowed_places, places)},
      {"max_tokens", CountOrNull(max_tokens)},
      {"unmanaged", Word(unmanaged)},
      {"unmanaged_except", TextsJson(unmanaged_except)},
      {"existing",
       existing ? json::value(Word(*existing)) : json::value(nullptr)},
      {"max_revocations", CountOrNull(max_revocations)},
      {"max_revocations_share",
       max_revocations_share ? json::value(NumberJson(*max_revocations_share))
                             : json::value(nullptr)},
      {"prevent_revoke", TextsJson(prevent_revoke)},
      {"allow_unknown_scopes", allow_unknown_scopes},
      {"exceptions", ExceptionsJson(exceptions, places)},
      {"severity", SeverityJson(severity)},
      {"set", SetJson(set_at, places)}};
  if (places == Places::kWith) object["location"] = WhereJson(where);
  return object;
}

PolicyConfig ReadPolicy(const JsonFields& fields) {
  PolicyConfig policy;
  // In the order in which PolicyJson() writes, for whoever compares the two.
  const auto span = [&](const char* key, std::optional<absl::Duration>& into) {
    if (!fields.IsNull(key)) into = fields.Span(key);
  };
  span("max_lifetime", policy.max_lifetime);
  span("min_lifetime", policy.min_lifetime);
  span("min_rotate_before", policy.min_rotate_before);
  policy.forbidden_scopes = fields.Texts("forbidden_scopes");
  fields.Each("allowed_scopes", [&](const JsonFields& each) {
    policy.allowed_scopes.push_back(each.Texts("globs"));
  });
  policy.high_privilege_scopes = fields.Texts("high_privilege_scopes");
  policy.deny_full_scope = fields.Flag("deny_full_scope");
  policy.deny_all_organizations = fields.Flag("deny_all_organizations");
  policy.name_patterns = fields.Texts("name_patterns");
  policy.required_fields = fields.Texts("required_fields");
  fields.Each("sinks_for_scopes", [&](const JsonFields& each) {
    policy.sinks_for_scopes.push_back({each.Texts("scopes"),
                                       each.Texts("sinks"), each.Texts("types"),
                                       ReadWhere(each, "location")});
  });
  fields.Each("allowed_places", [&](const JsonFields& list) {
    std::vector<AllowedPlaces>& places = policy.allowed_places.emplace_back();
    list.Each("places", [&](const JsonFields& each) {
      places.push_back({each.Texts("scopes"), each.Texts("types"),
                        each.Texts("addresses"), ReadWhere(each, "location")});
    });
  });
  policy.max_tokens = ReadCount(fields, "max_tokens");
  policy.unmanaged = fields.Word<Unmanaged>("unmanaged");
  policy.unmanaged_except = fields.Texts("unmanaged_except");
  if (!fields.IsNull("existing")) {
    policy.existing = fields.Word<Existing>("existing");
  }
  policy.max_revocations = ReadCount(fields, "max_revocations");
  if (!fields.IsNull("max_revocations_share")) {
    policy.max_revocations_share = fields.Number("max_revocations_share");
  }
  policy.prevent_revoke = fields.Texts("prevent_revoke");
  policy.allow_unknown_scopes = fields.Flag("allow_unknown_scopes");
  fields.Each("exceptions", [&](const JsonFields& each) {
    policy.exceptions.push_back({each.Text("rule"), each.Text("token"),
                                 each.Instant("until"), each.Text("reason"),
                                 ReadWhere(each, "location")});
  });
  const JsonFields severity = fields.Object("severity");
  for (const std::string& rule : severity.Keys()) {
    policy.severity[rule] = severity.Word<Severity>(rule.c_str());
  }
  fields.Each("set", [&](const JsonFields& each) {
    policy.set_at[each.Text("rule")] = ReadWhere(each, "location");
  });
  policy.where = ReadWhere(fields, "location");
  return policy;
}

}  // namespace patform
