// The JSON Schema of the configuration, which editors read, offers the sinks
// and sign-in sources that the program has, with their keys.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "engine/desired/schemas.h"
#include "providers/entra/sources.h"
#include "providers/sinks/sinks.h"

namespace patform {
namespace {

namespace json = boost::json;

json::object ShapeOf(const SettingKey& key) {
  json::object shape = {{"description", key.doc}};
  const json::object text = {
      {"type", "string"}, {"minLength", 1}, {"maxLength", 4096}};
  if (!key.choices.empty()) {
    shape["enum"] = json::value_from(key.choices);
    return shape;
  }
  switch (key.kind) {
    case SettingKey::Kind::kText:
    case SettingKey::Kind::kPath:
    case SettingKey::Kind::kPlace:
    case SettingKey::Kind::kFile:
      shape.insert(text.begin(), text.end());
      break;
    case SettingKey::Kind::kFlag:
      shape["type"] = "boolean";
      break;
    case SettingKey::Kind::kList:
      shape["type"] = "array";
      shape["maxItems"] = 256;
      shape["items"] = {{"type", "string"}, {"maxLength", 4096}};
      break;
  }
  return shape;
}

// `chooser`: "type" or "source".
json::object SchemaOf(const SettingsType& type, const char* chooser,
                      bool is_default) {
  json::array required;
  if (!is_default) required.push_back(chooser);
  json::object properties = {{chooser, {{"const", type.name}}}};
  for (const SettingKey& key : type.keys) {
    if (key.required) required.push_back(json::value(key.name));
    properties[key.name] = ShapeOf(key);
  }
  return {{"title", type.name},   {"description", type.doc},
          {"type", "object"},     {"additionalProperties", false},
          {"required", required}, {"properties", properties}};
}

json::value Schema() { return json::parse(ConfigurationSchema()); }

TEST(SchemaTablesTest, Sinks) {
  json::array want;
  for (const SinkType& type : sinks::KnownSinks().Types()) {
    want.push_back(SchemaOf(type, "type", /*is_default=*/false));
  }
  EXPECT_EQ(json::serialize(Schema()
                                .at("properties")
                                .at("sink")
                                .at("additionalProperties")
                                .at("oneOf")),
            json::serialize(want));
}

TEST(SchemaTablesTest, SignInSources) {
  json::array want;
  for (const SettingsType& type : entra::Sources()) {
    want.push_back(SchemaOf(type, "source", /*is_default=*/want.empty()));
  }
  EXPECT_EQ(json::serialize(Schema().at("properties").at("auth").at("anyOf")),
            json::serialize(want));
}

// Each of [auth]'s but those that are one user's.
TEST(SchemaTablesTest, SourcesOfIdentities) {
  json::array one_user;
  for (const SettingsType& type : entra::Sources()) {
    if (type.one_user) one_user.push_back(json::value(type.name));
  }
  const json::value schema = Schema();
  const json::value& identity =
      schema.at("properties").at("identity").at("additionalProperties");
  EXPECT_EQ(json::serialize(
                identity.at("properties").at("source").at("not").at("enum")),
            json::serialize(one_user));
  EXPECT_EQ(json::serialize(identity.at("allOf")),
            R"([{"$ref":"#/properties/auth"}])");
}

}  // namespace
}  // namespace patform
