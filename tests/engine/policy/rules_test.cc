#include "engine/policy/rules.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace patform {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
constexpr absl::Duration kDay = absl::Hours(24);

std::string Dump(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    absl::StrAppend(&text, finding.rule, " ",
                    finding.address.empty() ? "-" : finding.address, " ",
                    finding.where.line, ": ", finding.what, " | ", finding.fix,
                    "\n");
  }
  return text;
}

DesiredState OneToken() {
  DesiredState desired;
  DesiredToken token;
  token.name = "ci";
  token.scopes = ScopeSet::Of({"vso.code", "vso.build_execute"});
  token.lifetime = 30 * kDay;
  token.owner = "team";
  token.purpose = "publish";
  token.where.line = 7;
  token.scopes_where.line = 8;
  desired.tokens = {token};
  desired.policy.where.line = 2;
  return desired;
}

TEST(CheckDesiredTest, Table) {
  struct Row {
    const char* name;
    std::function<void(PolicyConfig&, DesiredToken&)> change;
    const char* want;
  };
  const std::vector<Row> rows = {
      {"no rules", [](PolicyConfig&, DesiredToken&) {}, ""},
      {"kept",
       [](PolicyConfig& p, DesiredToken&) {
         p.max_lifetime = 30 * kDay;
         p.forbidden_scopes = {"app_token", "vso.*_manage"};
         p.required_fields = {"owner", "purpose"};
         p.name_pattern = "[a-z]+";
         p.deny_all_organizations = true;
       },
       ""},
      {"lifetime",
       [](PolicyConfig& p, DesiredToken&) {
         p.max_lifetime = 30 * kDay - absl::Hours(1);
       },
       "max_lifetime token.ci 7: lives 30d; the policy allows 29d 23h | "
       "shorten `lifetime`; rotation renews the token in time\n"},
      {"a date too far",
       [](PolicyConfig& p, DesiredToken& t) {
         p.max_lifetime = 30 * kDay;
         t.expires = kNow + 31 * kDay;
       },
       "max_lifetime token.ci 7: expires in 31d; the policy allows 30d | say "
       "an earlier `expires`, or a `lifetime` instead: rotation renews the "
       "token in time\n"},
      {"a date near enough, whatever `lifetime` says",
       [](PolicyConfig& p, DesiredToken& t) {
         p.max_lifetime = 30 * kDay;
         t.lifetime = 90 * kDay;
         t.expires = kNow + 30 * kDay;
       },
       ""},
      {"scopes, each once",
       [](PolicyConfig& p, DesiredToken&) {
         p.forbidden_scopes = {"vso.code", "vso.*", "vso.build_execute"};
       },
       "forbidden_scopes token.ci 8: asks for vso.build_execute, which the "
       "policy forbids (\"vso.*\") | ask for a weaker scope; `patform scopes` "
       "lists them\n"
       "forbidden_scopes token.ci 8: asks for vso.code, which the policy "
       "forbids (\"vso.code\") | ask for a weaker scope; `patform scopes` "
       "lists them\n"},
      {"fields",
       [](PolicyConfig& p, DesiredToken& t) {
         p.required_fields = {"owner", "purpose", "deliver", "cost-centre",
                              "ticket"};
         t.owner = "";
         t.labels["ticket"] = "A-1";
       },
       "required_fields token.ci 7: has no `owner` | add `owner`\n"
       "required_fields token.ci 7: has no `deliver` | add `deliver`\n"
       "required_fields token.ci 7: has no `cost-centre` | add `cost-centre` "
       "under `labels`\n"},
      {"name, as a whole",
       [](PolicyConfig& p, DesiredToken&) { p.name_pattern = "c"; },
       "name_pattern token.ci 7: the name does not match c | rename it, with "
       "`renamed_from` the old name\n"},
      {"no pattern at all",
       [](PolicyConfig& p, DesiredToken&) { p.name_pattern = "["; },
       "name_pattern - 2: the pattern is not a regular expression | correct "
       "`name_pattern`\n"},
      {"all organizations",
       [](PolicyConfig& p, DesiredToken& t) {
         p.deny_all_organizations = true;
         t.all_organizations = true;
       },
       "all_organizations token.ci 7: is valid in all organizations | remove "
       "`all_organizations`; declare one token per organization\n"},
      {"what is to go is not judged",
       [](PolicyConfig& p, DesiredToken& t) {
         p.max_lifetime = kDay;
         p.name_pattern = "x";
         t.ensure = Ensure::kAbsent;
       },
       ""},
      {"nor what is let go",
       [](PolicyConfig& p, DesiredToken& t) {
         p.max_lifetime = kDay;
         t.ensure = Ensure::kReleased;
       },
       ""},
  };
  for (const Row& row : rows) {
    DesiredState desired = OneToken();
    row.change(desired.policy, desired.tokens[0]);
    EXPECT_EQ(Dump(CheckDesired(desired, kNow)), row.want) << row.name;
  }
}

TEST(CheckDesiredTest, FileOrder) {
  DesiredState desired = OneToken();
  desired.tokens.push_back(desired.tokens[0]);
  desired.tokens[1].name = "a b";
  desired.policy.max_lifetime = kDay;
  EXPECT_EQ(Dump(CheckDesired(desired, kNow)),
            "max_lifetime token.ci 7: lives 30d; the policy allows 1d | "
            "shorten `lifetime`; rotation renews the token in time\n"
            "max_lifetime token.\"a b\" 7: lives 30d; the policy allows 1d | "
            "shorten `lifetime`; rotation renews the token in time\n");
}

}  // namespace
}  // namespace patform
