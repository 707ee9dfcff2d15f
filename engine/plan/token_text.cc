#include "engine/plan/token_text.h"

#include <boost/json/string.hpp>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/model/json_fields.h"
#include "engine/plan/configuration.h"

namespace patform {
namespace {

std::string_view View(const boost::json::string& text) {
  return {text.data(), text.size()};
}

void WriteDeliver(const std::vector<Delivery>& deliver, JsonText& json) {
  json.Open('[');
  for (const Delivery& place : deliver) {
    const auto& [sink, at, key, encoding, adopt, where] = place;
    json.Open('{');
    json.Key("adopt").Flag(adopt);
    json.Key("at").Text(at);
    json.Key("encoding").Text(Word(encoding));
    json.Key("key").Text(key);
    json.Key("sink").Text(sink);
    json.Close('}');
  }
  json.Close(']');
}

void WriteRotateBefore(const RotateBefore& before, JsonText& json) {
  const auto& [span, share] = before;
  json.Open('{');
  if (span) {
    json.Key("span").Text(View(SpanJson(*span)));
  } else {
    json.Key("share").Text(View(NumberJson(share)));
  }
  json.Close('}');
}

void WriteLabels(const std::map<std::string, std::string>& labels,
                 JsonText& json) {
  json.Open('{');
  for (const auto& [label, value] : labels) {
    // Anything at all, unlike the keys that are ours.
    json.Label(label).Text(value);
  }
  json.Close('}');
}

}  // namespace

// Taken apart as in TokenJson(): a new field has to be decided on here, too.
void WriteToken(const DesiredToken& token, JsonText& json) {
  const auto& [name, scopes, lifetime, expires, rotate_before, renewal, grace,
               deliver, owner, purpose, renamed_from, replaces, organization,
               identity, labels, prevent_revoke, all_organizations, verify,
               ensure, where, scopes_where] = token;
  json.Open('{');
  json.Key("all_organizations").Flag(all_organizations);
  WriteDeliver(deliver, json.Key("deliver"));
  json.Key("ensure").Text(Word(ensure));
  json.Key("expires");
  if (expires && *expires != absl::InfiniteFuture()) {
    json.Text(FormatInstant(*expires));
  } else {
    json.Null();
  }
  json.Key("grace").Text(View(SpanJson(grace)));
  if (!identity.empty()) json.Key("identity").Text(identity);
  WriteLabels(labels, json.Key("labels"));
  json.Key("lifetime").Text(View(SpanJson(lifetime)));
  json.Key("name").Text(name);
  json.Key("organization").Text(organization);
  json.Key("owner").Text(owner);
  json.Key("prevent_revoke").Flag(prevent_revoke);
  json.Key("purpose").Text(purpose);
  json.Key("renamed_from").Text(renamed_from);
  json.Key("renewal").Text(Word(renewal));
  json.Key("replaces").Open('[');
  for (const AuthorizationId& id : replaces) json.Text(id.ToString());
  json.Close(']');
  WriteRotateBefore(rotate_before, json.Key("rotate_before"));
  json.Key("scopes").Open('[');
  for (std::string_view scope : scopes.items()) json.Text(scope);
  json.Close(']');
  if (verify) json.Key("verify").Flag(true);
  json.Close('}');
}

}  // namespace patform
