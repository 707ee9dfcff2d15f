// What a saved plan keeps of the configuration: read and written again, it is
// the same. The writer names each member of a structure, so that one that the
// reader forgets shows here.
#include "engine/plan/configuration.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <string>

#include "engine/model/json_fields.h"

namespace patform {
namespace {

std::string Text(const boost::json::object& object) {
  const auto text = boost::json::serialize(object);
  return std::string(text.data(), text.size());
}

TEST(PolicyJson, ReadsBackWhole) {
  PolicyConfig policy;
  policy.max_lifetime = absl::Hours(24 * 90);
  policy.forbidden_scopes = {"vso.*_full"};
  policy.required_fields = {"owner", "purpose"};
  policy.max_tokens = 12;
  policy.unmanaged = Unmanaged::kRevoke;
  policy.unmanaged_except = {"mine-*", "his"};
  policy.existing = Existing::kError;
  policy.max_revocations = 3;
  policy.max_revocations_share = 0.25;
  policy.prevent_revoke = {"prod-*"};
  policy.allow_unknown_scopes = true;
  policy.deny_all_organizations = true;
  const boost::json::object written = PolicyJson(policy, Places::kWith);
  absl::Status status;
  const PolicyConfig read = ReadPolicy(JsonFields(written, "policy", status));
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Text(PolicyJson(read, Places::kWith)), Text(written));
  EXPECT_EQ(read.unmanaged_except, policy.unmanaged_except);
  EXPECT_EQ(read.max_revocations, policy.max_revocations);
}

TEST(TokenJson, ReadsBackWhole) {
  DesiredToken token;
  token.name = "ci";
  token.scopes = ScopeSet::Of({"vso.build", "vso.code"});
  token.lifetime = absl::Hours(24 * 30);
  token.rotate_before.span = absl::Hours(24 * 7);
  token.grace = absl::Hours(36);
  token.renewal = Renewal::kExtend;
  token.owner = "team";
  token.purpose = "why";
  token.renamed_from = "build";
  token.replaces = {
      *AuthorizationId::Parse("4ab5405f-9d4f-4cc1-a4cb-a2a4a3ae3a85")};
  token.organization = "contoso";
  token.labels = {{"cost", "7"}};
  token.prevent_revoke = true;
  token.all_organizations = true;
  Delivery place;
  place.sink = "files";
  place.at = "ci";
  token.deliver = {place};
  const boost::json::object written = TokenJson(token, Places::kWith);
  absl::Status status;
  const DesiredToken read = ReadToken(JsonFields(written, "token", status));
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Text(TokenJson(read, Places::kWith)), Text(written));
  EXPECT_TRUE(read.all_organizations);
}

// Of each kind of member, what it may not be.
TEST(JsonFields, RefusesOtherKinds) {
  const boost::json::object object = {{"texts", boost::json::array{1}},
                                      {"flag", 1},
                                      {"text", true},
                                      {"number", "x"}};
  const struct {
    std::string what;
    void (*read)(const JsonFields&);
  } rows[] = {
      {"texts", [](const JsonFields& f) { f.Texts("texts"); }},
      {"flag", [](const JsonFields& f) { f.Flag("flag"); }},
      {"text", [](const JsonFields& f) { f.Text("text"); }},
      {"number", [](const JsonFields& f) { f.Number("number"); }},
      {"absent", [](const JsonFields& f) { f.Integer("absent"); }},
  };
  for (const auto& row : rows) {
    absl::Status status;
    row.read(JsonFields(object, "it", status));
    EXPECT_FALSE(status.ok()) << row.what;
    EXPECT_NE(status.message().find(row.what), absl::string_view::npos)
        << status;
  }
}

}  // namespace
}  // namespace patform
