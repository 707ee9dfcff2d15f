#include "engine/observed/attribute.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/engine/diff/testing.h"

namespace patform {
namespace {

using testing::Id;
using testing::kDay;

// Organizations' ids, far from the tokens'.
constexpr int kContoso = 1000, kFabrikam = 2000, kElse = 3000;

// "3:ci@1000": a token's id, name and organization; @0: of all organizations.
struct Listed {
  int id;
  const char* name;
  int organization;
};

struct Row {
  const char* what;
  std::vector<Listed> contoso, fabrikam;
  // Names that the configuration declares there.
  std::vector<std::string> in_contoso, in_fabrikam;
  // Tokens that records name: id and organization.
  std::vector<std::pair<int, std::string>> records;
  const char* want;  // ids that stay: "contoso 1 2, fabrikam 3"
};

TokenList List(const std::string& name, const std::vector<Listed>& tokens) {
  TokenList snapshot;
  snapshot.organization = name;
  for (const Listed& listed : tokens) {
    ActualToken token = testing::Token(listed.id, listed.name, kDay);
    token.all_organizations = listed.organization == 0;
    if (listed.organization != 0) {
      token.organization_id = Id(listed.organization);
    }
    snapshot.tokens.push_back(std::move(token));
  }
  return snapshot;
}

std::string Left(const ActualState& actual) {
  std::string text;
  for (const auto& [name, snapshot] : actual.organizations) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", name.ToString());
    for (const ActualToken& token : snapshot.tokens) {
      absl::StrAppend(&text, " ", std::stoi(token.id.Short(), nullptr, 16));
    }
    const auto untold = actual.untold.find(name);
    if (untold != actual.untold.end()) {
      absl::StrAppend(&text, " (", untold->second, " untold)");
    }
  }
  return text;
}

TEST(Attribute, EachTokenIsOfOneOrganization) {
  const std::vector<Listed> all = {{1, "a ~pf:w#1.nonce00000000001", kContoso},
                                   {2, "b ~pf:w#1.nonce00000000002", kFabrikam},
                                   {3, "c", kElse},
                                   {4, "g", 0}};
  const std::vector<Row> rows = {
      {"lists of their own",
       {{1, "a", kContoso}, {2, "x", kContoso}},
       {{3, "b", kFabrikam}},
       {"a"},
       {"b"},
       {},
       "contoso 1 2, fabrikam 3"},
      {"a service that tells no ids",
       {{1, "a", 0}},
       {{2, "b", 0}},
       {"a"},
       {"b"},
       {},
       "contoso 1, fabrikam 2"},
      {"all lists show everything, records tell",
       all,
       all,
       {"a"},
       {"b", "g"},
       {{1, "contoso"}, {2, "fabrikam"}},
       "contoso 1, fabrikam 2 4"},
      {"one record tells of both",
       all,
       all,
       {"a"},
       {"b"},
       {{1, "contoso"}},
       "contoso 1 4, fabrikam 2 (1 untold)"},
      {"nothing tells but the names",
       all,
       all,
       {"a", "g"},
       {"b"},
       {},
       "contoso 1 4 (1 untold), fabrikam 2"},
      {"a name that both declare stays once",
       all,
       all,
       {"c"},
       {"c"},
       {},
       "contoso 3 4 (2 untold), fabrikam"},
      {"one organization, a mixed list",
       all,
       {},
       {"a"},
       {},
       {{1, "contoso"}},
       "contoso 1 4, fabrikam"},
      {"a token for all organizations is where it is declared",
       {{1, "a", kContoso}, {4, "g", 0}},
       {{2, "b", kFabrikam}, {4, "g", 0}},
       {"a"},
       {"b", "g"},
       {},
       "contoso 1, fabrikam 2 4"},
      {"… else in the first",
       {{4, "g", 0}},
       {{4, "g", 0}},
       {},
       {},
       {},
       "contoso 4, fabrikam"},
  };
  for (const Row& row : rows) {
    DesiredState desired;
    desired.workspace = "w";
    const auto declare = [&](const std::string& organization,
                             const std::vector<std::string>& names) {
      for (const std::string& name : names) {
        DesiredToken token;
        token.name = name;
        token.organization = organization;
        desired.tokens.push_back(std::move(token));
      }
    };
    declare("contoso", row.in_contoso);
    declare("fabrikam", row.in_fabrikam);
    ActualState actual;
    actual.organizations["contoso"] = List("contoso", row.contoso);
    actual.organizations["fabrikam"] = List("fabrikam", row.fabrikam);
    for (const auto& [id, organization] : row.records) {
      const Delivery place{
          "main", absl::StrCat("x", id), "", Encoding::kRaw, false, {}};
      HeldRecord held = testing::Held(id, 1, place);
      held.record->organization = organization;
      actual.records[place.Address()] = held;
    }
    Attribute(desired, actual);
    EXPECT_EQ(Left(actual), row.want) << row.what;
  }
}

}  // namespace
}  // namespace patform
