#include "engine/plan/configuration.h"

#include <boost/json/array.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"

namespace patform {
namespace {

namespace json = boost::json;

// Where something stands in a file takes part in messages, never in what two
// configurations mean.
void Locate(Places places, const char* key, const SourceLocation& where,
            json::object& object) {
  if (places == Places::kWith) object[key] = WhereJson(where);
}

// One of the two, never both: a share and a span say different things about a
// life that the tenant cuts short.
json::object RotateBeforeJson(const RotateBefore& before) {
  const auto& [span, share] = before;
  if (span) return {{"span", SpanJson(*span)}};
  return {{"share", NumberJson(share)}};
}

RotateBefore ReadRotateBefore(const JsonFields& fields) {
  RotateBefore before;
  if (!fields.IsNull("span")) {
    before.span = fields.Span("span");
  } else {
    before.share = fields.Number("share");
  }
  return before;
}

json::array DeliverJson(const std::vector<Delivery>& deliver, Places places) {
  json::array array;
  for (const Delivery& place : deliver) {
    const auto& [sink, at, key, encoding, adopt, where] = place;
    json::object object = {{"sink", sink},
                           {"at", at},
                           {"key", key},
                           {"encoding", Word(encoding)},
                           {"adopt", adopt}};
    Locate(places, "location", where, object);
    array.push_back(std::move(object));
  }
  return array;
}

std::vector<Delivery> ReadDeliver(const JsonFields& fields) {
  std::vector<Delivery> deliver;
  fields.Each("deliver", [&](const JsonFields& each) {
    Delivery place;
    place.sink = each.Text("sink");
    place.at = each.Text("at");
    place.key = each.Text("key");
    place.encoding = each.Word<Encoding>("encoding");
    place.adopt = each.Flag("adopt");
    place.where = ReadWhere(each, "location");
    deliver.push_back(std::move(place));
  });
  return deliver;
}

// The types of TOML that a setting can have are told apart by those of JSON.
json::object SettingsJson(const std::map<std::string, SettingValue>& settings) {
  json::object object;
  for (const auto& [key, value] : settings) {
    if (const auto* text = std::get_if<std::string>(&value)) {
      object[key] = *text;
    } else if (const auto* number = std::get_if<int64_t>(&value)) {
      object[key] = *number;
    } else if (const auto* flag = std::get_if<bool>(&value)) {
      object[key] = *flag;
    } else {
      object[key] = TextsJson(std::get<std::vector<std::string>>(value));
    }
  }
  return object;
}

std::map<std::string, SettingValue> ReadSettings(const JsonFields& fields) {
  std::map<std::string, SettingValue> settings;
  for (const std::string& key : fields.Keys()) {
    const char* name = key.c_str();
    switch (fields.KindOf(name)) {
      case json::kind::string:
        settings[key] = fields.Text(name);
        break;
      // A value of ours was written by SettingsJson(): no other kind of number
      // gets here from there, and from elsewhere it fails in Texts().
      case json::kind::int64:
        settings[key] = fields.Integer(name, INT64_MIN);
        break;
      case json::kind::bool_:
        settings[key] = fields.Flag(name);
        break;
      default:
        settings[key] = fields.Texts(name);
    }
  }
  return settings;
}

json::object ImpliedJson(
    const std::map<std::string, std::vector<std::string>>& implied) {
  json::object object;
  for (const auto& [scope, weaker] : implied) object[scope] = TextsJson(weaker);
  return object;
}

}  // namespace

// In the words of the configuration, which people read in a diff; 90d rather
// than 2160h.
json::string SpanJson(absl::Duration span) {
  constexpr absl::Duration kDay = absl::Hours(24);
  absl::Duration rest;
  const int64_t days = absl::IDivDuration(span, kDay, &rest);
  if (days > 0 && rest == absl::ZeroDuration()) {
    return json::string(absl::StrCat(days, "d"));
  }
  return json::string(absl::FormatDuration(span));
}

json::value WhereJson(const SourceLocation& where) {
  if (where.file.empty()) return nullptr;
  return json::object{{"file", where.file},
                      {"line", where.line},
                      {"column", where.column},
                      {"length", where.length}};
}

SourceLocation ReadWhere(const JsonFields& fields, const char* key) {
  SourceLocation where;
  if (fields.IsNull(key)) return where;
  const JsonFields object = fields.Object(key);
  where.file = object.Text("file");
  where.line = static_cast<int>(object.Integer("line"));
  where.column = static_cast<int>(object.Integer("column"));
  where.length = static_cast<int>(object.Integer("length"));
  return where;
}

json::object TokenJson(const DesiredToken& token, Places places) {
  const auto& [name, scopes, lifetime, expires, rotate_before, renewal, grace,
               deliver, owner, purpose, renamed_from, replaces, organization,
               identity, labels, prevent_revoke, all_organizations, verify,
               ensure, where, scopes_where] = token;
  json::array replaced;
  for (const AuthorizationId& id : replaces) {
    replaced.push_back(json::string(id.ToString()));
  }
  json::object object = {{"name", name},
                         {"scopes", ScopesJson(scopes)},
                         {"lifetime", SpanJson(lifetime)},
                         {"expires", InstantJson(expires)},
                         {"rotate_before", RotateBeforeJson(rotate_before)},
                         {"renewal", Word(renewal)},
                         {"grace", SpanJson(grace)},
                         {"deliver", DeliverJson(deliver, places)},
                         {"owner", owner},
                         {"purpose", purpose},
                         {"renamed_from", renamed_from},
                         {"replaces", std::move(replaced)},
                         {"organization", organization},
                         {"labels", TextMapJson(labels)},
                         {"prevent_revoke", prevent_revoke},
                         {"all_organizations", all_organizations},
                         {"ensure", Word(ensure)}};
  // Only where there is one: files of configurations that use neither stay the
  // same bytes.
  if (!identity.empty()) object["identity"] = identity;
  if (verify) object["verify"] = true;
  Locate(places, "location", where, object);
  Locate(places, "scopes_location", scopes_where, object);
  return object;
}

DesiredToken ReadToken(const JsonFields& fields) {
  DesiredToken token;
  token.name = fields.Text("name");
  token.scopes = fields.Scopes("scopes");
  token.lifetime = fields.Span("lifetime");
  token.expires = fields.InstantOrNull("expires");
  token.rotate_before = ReadRotateBefore(fields.Object("rotate_before"));
  token.renewal = fields.Word<Renewal>("renewal");
  token.grace = fields.Span("grace");
  token.deliver = ReadDeliver(fields);
  token.owner = fields.Text("owner");
  token.purpose = fields.Text("purpose");
  token.renamed_from = fields.Text("renamed_from");
  for (const std::string& text : fields.Texts("replaces")) {
    const auto id = AuthorizationId::Parse(text);
    // Goes on with a zero id: the failure is in the fields' status, and what
    // else is wrong is found as well.
    if (!id) fields.Fail("replaces", "authorization ids");
    token.replaces.push_back(id.value_or(AuthorizationId()));
  }
  token.organization = fields.Text("organization");
  if (!fields.IsNull("identity")) token.identity = fields.Text("identity");
  token.labels = fields.TextMap("labels");
  token.prevent_revoke = fields.Flag("prevent_revoke");
  token.all_organizations = fields.Flag("all_organizations");
  if (!fields.IsNull("verify")) token.verify = fields.Flag("verify");
  token.ensure = fields.Word<Ensure>("ensure");
  token.where = ReadWhere(fields, "location");
  token.scopes_where = ReadWhere(fields, "scopes_location");
  return token;
}

json::object SinkJson(const SinkConfig& sink, Places places) {
  // What a store is called belongs to this run alone: nothing of it is kept.
  const auto& [name, type, settings, written, filled_in, where, reach, print,
               store] = sink;
  json::object object = {{"name", name},
                         {"type", type},
                         {"written", SettingsJson(written)},
                         {"filled_in", filled_in}};
  Locate(places, "location", where, object);
  if (places == Places::kWith) object["print"] = print;
  return object;
}

json::object AuthJson(const AuthConfig& auth, Places places) {
  // The place that a sign-in is kept at follows from `written` and the sinks.
  const auto& [identity, source, settings, written, filled_in, kept_at, where,
               overridden_by] = auth;
  json::object object = {{"source", source},
                         {"written", SettingsJson(written)},
                         {"filled_in", filled_in}};
  if (!identity.empty()) object["identity"] = identity;
  Locate(places, "location", where, object);
  return object;
}

json::object ConfigurationJson(const DesiredState& desired, Places places) {
  const auto& [workspace, organization, auth, identities, sinks, policy,
               policy_written, tokens, implied_scopes, files] = desired;
  json::array all_sinks;
  for (const SinkConfig& sink : sinks) {
    all_sinks.push_back(SinkJson(sink, places));
  }
  json::array all_tokens;
  for (const DesiredToken& token : tokens) {
    all_tokens.push_back(TokenJson(token, places));
  }
  json::object object = {{"workspace", workspace},
                         {"organization", organization},
                         {"auth", AuthJson(auth, places)},
                         {"sinks", std::move(all_sinks)},
                         {"policy", PolicyJson(policy, places)},
                         {"policy_written", TextMapJson(policy_written)},
                         {"tokens", std::move(all_tokens)},
                         {"implied_scopes", ImpliedJson(implied_scopes)}};
  if (identities.empty()) return object;
  json::array all_identities;
  for (const AuthConfig& identity : identities) {
    all_identities.push_back(AuthJson(identity, places));
  }
  object["identities"] = std::move(all_identities);
  return object;
}

namespace {

AuthConfig ReadAuth(const JsonFields& fields) {
  AuthConfig auth;
  if (!fields.IsNull("identity")) auth.identity = fields.Text("identity");
  auth.source = fields.Text("source");
  auth.written = ReadSettings(fields.Object("written"));
  auth.filled_in = fields.Text("filled_in");
  auth.where = ReadWhere(fields, "location");
  return auth;
}

}  // namespace

DesiredState ReadConfiguration(const JsonFields& fields) {
  DesiredState desired;
  desired.workspace = fields.Text("workspace");
  desired.organization = fields.Text("organization");
  desired.auth = ReadAuth(fields.Object("auth"));
  if (!fields.IsNull("identities")) {
    fields.Each("identities", [&](const JsonFields& each) {
      desired.identities.push_back(ReadAuth(each));
    });
  }
  fields.Each("sinks", [&](const JsonFields& each) {
    SinkConfig sink;
    sink.name = each.Text("name");
    sink.type = each.Text("type");
    sink.written = ReadSettings(each.Object("written"));
    sink.filled_in = each.Text("filled_in");
    sink.where = ReadWhere(each, "location");
    sink.print = each.Text("print");
    desired.sinks.push_back(std::move(sink));
  });
  desired.policy = ReadPolicy(fields.Object("policy"));
  desired.policy_written = fields.TextMap("policy_written");
  fields.Each("tokens", [&](const JsonFields& each) {
    desired.tokens.push_back(ReadToken(each));
  });
  const JsonFields implied = fields.Object("implied_scopes");
  for (const std::string& scope : implied.Keys()) {
    desired.implied_scopes[scope] = implied.Texts(scope.c_str());
  }
  return desired;
}

}  // namespace patform
