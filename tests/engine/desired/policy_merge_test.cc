#include <gtest/gtest.h>

#include "engine/desired/read_policy.h"

namespace patform {
namespace {

using Strings = std::vector<std::string>;

// As if the table had these keys.
void Set(PolicyConfig& policy, const Strings& rules) {
  for (const std::string& rule : rules) policy.set_at[rule].line = 7;
}

PolicyException Exception(const std::string& rule, const std::string& token) {
  return {rule, token, absl::FromUnixSeconds(1'800'000'000), "why", {}};
}

TEST(Stricter, TakesTheStricterOfEachRule) {
  PolicyConfig a, b;
  a.max_lifetime = absl::Hours(10);
  b.max_lifetime = absl::Hours(5);
  a.min_lifetime = absl::Hours(2);
  b.min_lifetime = absl::Hours(3);
  b.min_rotate_before = absl::Hours(1);
  a.max_revocations = 3;
  b.max_revocations = 7;
  a.max_revocations_share = 0.5;
  b.max_revocations_share = 0.1;
  a.prevent_revoke = {"prod"};
  b.prevent_revoke = {"prod", "deploy"};
  a.forbidden_scopes = {"x"};
  b.forbidden_scopes = {"y", "x"};
  a.allowed_scopes = {{"a*"}};
  b.allowed_scopes = {{"*b"}};
  b.high_privilege_scopes = {"vso.code_full"};
  a.deny_full_scope = true;
  b.deny_all_organizations = true;
  a.required_fields = {"owner"};
  b.required_fields = {"purpose"};
  a.sinks_for_scopes = {{{"*"}, {"a"}, {}, {}}};
  b.sinks_for_scopes = {{{"*"}, {}, {"vault"}, {}}};
  a.allowed_places = {{{{"*"}, {}, {"https://a/*"}, {}}}};
  b.allowed_places = {{{{"*"}, {}, {"https://b/*"}, {}}}, {}};
  a.max_tokens = 9;
  b.max_tokens = 5;
  a.unmanaged = Unmanaged::kIgnore;
  b.unmanaged = Unmanaged::kReport;
  a.unmanaged_except = {"a", "b"};
  b.unmanaged_except = {"b", "c"};
  a.existing = Existing::kIgnore;
  b.existing = Existing::kError;
  a.allow_unknown_scopes = true;
  a.name_patterns = {"[a-z]+"};
  b.name_patterns = {"x.*"};
  Set(a, {rule::kUnmanaged});
  Set(b, {rule::kUnmanaged});
  for (const PolicyConfig& both : {Stricter(a, b), Stricter(b, a)}) {
    EXPECT_EQ(both.max_lifetime, absl::Hours(5));
    EXPECT_EQ(both.min_lifetime, absl::Hours(3));
    EXPECT_EQ(both.min_rotate_before, absl::Hours(1));
    EXPECT_EQ(both.max_revocations, 3);
    EXPECT_EQ(both.max_revocations_share, 0.1);
    EXPECT_EQ(both.prevent_revoke.size(), 2u);
    EXPECT_EQ(both.forbidden_scopes.size(), 2u);
    EXPECT_EQ(both.allowed_scopes.size(), 2u);
    EXPECT_EQ(both.high_privilege_scopes, Strings{"vso.code_full"});
    EXPECT_TRUE(both.deny_full_scope);
    EXPECT_TRUE(both.deny_all_organizations);
    EXPECT_EQ(both.required_fields.size(), 2u);
    EXPECT_EQ(both.sinks_for_scopes.size(), 2u);
    EXPECT_EQ(both.allowed_places.size(), 3u);
    EXPECT_EQ(both.max_tokens, 5);
    EXPECT_EQ(both.unmanaged, Unmanaged::kReport);
    EXPECT_EQ(both.unmanaged_except, Strings{"b"});
    EXPECT_EQ(both.existing, Existing::kError);
    EXPECT_FALSE(both.allow_unknown_scopes);
  }
  EXPECT_EQ(Stricter(a, b).name_patterns, (Strings{"[a-z]+", "x.*"}));
}

// Otherwise a policy file that never mentions unmanaged tokens would have
// those revoked that the configuration excepts.
TEST(Stricter, WhoSaysNothingOfUnmanagedTokensHasNoSay) {
  PolicyConfig said, silent;
  said.unmanaged = Unmanaged::kRevoke;
  said.unmanaged_except = {"git: *"};
  Set(said, {rule::kUnmanaged});
  for (const PolicyConfig& both :
       {Stricter(said, silent), Stricter(silent, said)}) {
    EXPECT_EQ(both.unmanaged, Unmanaged::kRevoke);
    EXPECT_EQ(both.unmanaged_except, Strings{"git: *"});
  }
}

TEST(Stricter, Severity) {
  constexpr Severity kError = Severity::kError, kWarning = Severity::kWarning;
  struct Row {
    const char* name;
    bool own_sets;
    std::optional<Severity> own;
    bool file_sets;
    std::optional<Severity> file;
    std::optional<Severity> want;
  };
  const std::vector<Row> rows = {
      {"nobody says anything", false, {}, false, {}, {}},
      {"set, an error unless said", true, {}, false, {}, kError},
      {"their own rule, as they like", true, kWarning, false, {}, kWarning},
      {"the file sets it: it cannot be lowered",
       false,
       kWarning,
       true,
       {},
       kError},
      {"nor by setting it again", true, kWarning, true, {}, kError},
      {"the file says warning", false, {}, true, kWarning, kWarning},
      {"which can be raised", false, kError, true, kWarning, kError},
      {"by setting it, too", true, {}, true, kWarning, kError},
      {"the file grades a rule that it does not set", true, kWarning, false,
       kError, kError},
  };
  for (const Row& row : rows) {
    PolicyConfig own, file;
    if (row.own_sets) Set(own, {rule::kMaxLifetime});
    if (row.file_sets) Set(file, {rule::kMaxLifetime});
    if (row.own) own.severity[rule::kMaxLifetime] = *row.own;
    if (row.file) file.severity[rule::kMaxLifetime] = *row.file;
    const PolicyConfig both = Stricter(own, file);
    EXPECT_EQ(both.Says(rule::kMaxLifetime), row.want) << row.name;
    EXPECT_EQ(both.Says(rule::kFullScope), std::nullopt) << row.name;
  }
}

TEST(Stricter, ExceptionsStandWhereTheRuleIsSet) {
  PolicyConfig own, file;
  Set(own, {rule::kNamePattern, rule::kMaxLifetime});
  own.exceptions = {Exception(rule::kMaxLifetime, "mine"),
                    Exception(rule::kNamePattern, "odd"),
                    Exception(rule::kFullScope, "graded")};
  Set(file, {rule::kMaxLifetime});
  file.severity[rule::kFullScope] = Severity::kWarning;
  file.exceptions = {Exception(rule::kMaxLifetime, "legacy-*")};
  std::string kept;
  for (const PolicyException& each : Stricter(own, file).exceptions) {
    kept += each.rule + " " + each.token + "\n";
  }
  EXPECT_EQ(kept, "max_lifetime legacy-*\nname_pattern odd\n");
  EXPECT_TRUE(Overruled(own.exceptions[0], file));
  EXPECT_FALSE(Overruled(own.exceptions[1], file));
  EXPECT_TRUE(Overruled(own.exceptions[2], file));
}

TEST(Stricter, ARuleStandsWhereThePolicyFileSetsIt) {
  PolicyConfig own, file;
  own.set_at[rule::kMaxLifetime] = {"patform.toml", 3, 1, 1};
  own.set_at[rule::kMaxTokens] = {"patform.toml", 4, 1, 1};
  file.set_at[rule::kMaxLifetime] = {"policy.toml", 2, 1, 1};
  const PolicyConfig both = Stricter(own, file);
  EXPECT_EQ(both.At(rule::kMaxLifetime).file, "policy.toml");
  EXPECT_EQ(both.At(rule::kMaxTokens).line, 4);
}

}  // namespace
}  // namespace patform
