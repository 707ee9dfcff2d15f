#include "engine/inquiry/audit.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/model/mark.h"

namespace patform {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);
const absl::Time kNow = absl::FromCivil(
    absl::CivilSecond(2026, 11, 23, 12, 0, 0), absl::UTCTimeZone());

AuthorizationId Id(int n) {
  return *AuthorizationId::Parse(absl::StrCat(absl::Dec(n, absl::kZeroPad8),
                                              "-0000-4000-8000-000000000000"));
}

// A quiet token of the workspace "w" in "contoso", declared and delivered.
struct Scene {
  Scene() {
    desired.workspace = "w";
    desired.organization = "contoso";
    DesiredToken declared;
    declared.name = "ci";
    declared.organization = "contoso";
    declared.where = {"patform.toml", 9, 1, 1};
    declared.deliver.resize(1);
    declared.deliver[0].sink = "files";
    declared.deliver[0].at = "ci";
    desired.tokens = {declared};
    token.id = Id(1);
    token.display_name =
        DisplayName("ci", {"w", 1, std::string(kNonceLength, 'a')});
    token.scopes = ScopeSet::Of({"vso.packaging"});
    token.valid_from = kNow - 2 * kDay;
    token.valid_to = kNow + 28 * kDay;
    HeldRecord held;
    held.state = HeldRecord::State::kPresent;
    held.record.emplace();
    held.record->id = Id(1);
    actual.records["files:ci"] = held;
  }

  AuditReport Audit(bool configured = true, absl::Time now = kNow) {
    actual.organizations["contoso"].organization = "contoso";
    actual.organizations["contoso"].tokens = {token};
    Plan plan;
    plan.changes.changes = changes;
    return MakeAudit(desired, actual, configured ? &plan : nullptr, now);
  }

  std::string Risks(bool configured = true, absl::Time now = kNow) {
    std::string text;
    for (const AuditedToken& audited : Audit(configured, now).tokens) {
      absl::StrAppend(&text, Word(LevelOf(audited.points)), " ",
                      audited.address, "\n");
      for (const TokenRisk& risk : audited.risks) {
        absl::StrAppend(&text, Word(risk.risk), ": ", risk.what, "\n");
      }
    }
    return text;
  }

  void ByHand() {
    token.display_name = "by hand";
    token.id = Id(2);
  }

  DesiredState desired;
  ActualState actual;
  ActualToken token;
  std::vector<Change> changes;
};

TEST(MakeAudit, NoRisk) {
  Scene scene;
  EXPECT_EQ(scene.Risks(), "none token.ci\n");
  EXPECT_EQ(scene.Audit().tokens[0].where.line, 9);
  scene.token.state = TokenState::kRevoked;
  EXPECT_EQ(scene.Risks(), "");
}

TEST(MakeAudit, Global) {
  Scene scene;
  scene.token.all_organizations = true;
  EXPECT_EQ(scene.Risks(),
            "critical token.ci\nglobal_token: is valid in all organizations; "
            "the service ends such tokens on 2026-12-01 (in 7d 12h)\n");
  EXPECT_EQ(scene.Risks(true, kNow + 9 * kDay),
            "critical token.ci\nglobal_token: is valid in all organizations; "
            "the service ended such tokens on 2026-12-01 (1d 12h ago)\n");
}

TEST(MakeAudit, Scopes) {
  struct Row {
    const char* scopes;
    const char* want;
  };
  const std::vector<Row> rows = {
      {"app_token",
       "high token.ci\nfull_access: has full access (app_token)\n"},
      // The service reads no scope at all as full access.
      {"", "high token.ci\nfull_access: has full access (app_token)\n"},
      {"vso.packaging vso.code_full vso.code_write", "none token.ci\n"},
      {"vso.code vso.work", "none token.ci\n"},
      // Nobody knows what it opens.
      {"vso.code vso.unheard_of", "none token.ci\n"},
      {"vso.code vso.packaging", "none token.ci\n"},
  };
  for (const Row& row : rows) {
    Scene scene;
    scene.token.scopes = ScopeSet::Parse(row.scopes);
    EXPECT_EQ(scene.Risks(), row.want) << row.scopes;
  }
}

// What a configuration delivers and replaces in time has been reviewed with it;
// any other token has not.
TEST(MakeAudit, ScopesThatNobodyReviewed) {
  Scene scene;
  scene.token.scopes = ScopeSet::Parse("vso.packaging vso.code_full");
  EXPECT_EQ(scene.Risks(), "none token.ci\n");
  const std::vector<Delivery> deliver = scene.desired.tokens[0].deliver;
  scene.desired.tokens[0].deliver.clear();
  EXPECT_EQ(scene.Risks(),
            "medium token.ci\nhigh_privilege: has vso.code_full\n");
  scene.desired.tokens[0].deliver = deliver;
  scene.desired.policy.max_lifetime = 7 * kDay;
  EXPECT_EQ(scene.Risks(),
            "high token.ci\nhigh_privilege: has vso.code_full\n"
            "long_lived: lives 30d; more than 7d is against the policy\n");
  Scene other;
  other.desired.tokens.clear();
  other.token.scopes = ScopeSet::Parse("vso.code vso.work");
  EXPECT_EQ(other.Risks(/*configured=*/false),
            "low \nreplaceable: could be an Entra token: nothing in its scopes "
            "needs a PAT\n");
}

TEST(MakeAudit, LongLived) {
  Scene scene;
  scene.token.valid_to = scene.token.valid_from + 90 * kDay;
  EXPECT_EQ(scene.Risks(), "none token.ci\n");
  scene.token.valid_to += kDay;
  EXPECT_EQ(scene.Risks(),
            "medium token.ci\nlong_lived: lives 91d; more than 90d is long\n");
  scene.desired.policy.max_lifetime = 7 * kDay;
  EXPECT_EQ(scene.Risks(),
            "medium token.ci\nlong_lived: lives 91d; more than 7d is against "
            "the policy\n");
}

TEST(MakeAudit, Expiring) {
  Scene scene;
  scene.token.valid_to = kNow + 3 * kDay;
  // It is declared and delivered: rotation renews it.
  EXPECT_EQ(scene.Risks(), "none token.ci\n");
  scene.desired.tokens[0].deliver.clear();
  const std::string want =
      "high token.ci\nexpiring: ends in 3d and nothing renews it\n";
  EXPECT_EQ(scene.Risks(), want);
  scene.desired.tokens[0].renewal = Renewal::kExtend;
  EXPECT_EQ(scene.Risks(), "none token.ci\n");
  scene.desired.tokens[0].renewal = Renewal::kRotate;
  scene.changes.resize(1);
  scene.changes[0].action = Action::kUpdate;
  scene.changes[0].before.emplace();
  scene.changes[0].before->id = Id(1);
  EXPECT_EQ(scene.Risks(), want);
  scene.changes[0].action = Action::kRevoke;
  EXPECT_EQ(scene.Risks(), "none token.ci\n");
}

TEST(MakeAudit, UnmanagedAndUnused) {
  Scene scene;
  scene.actual.records.clear();
  EXPECT_EQ(scene.Risks(),
            "low token.ci\nunused: is named by no sink's record\n");
  scene.actual.records["files:ci"] = HeldRecord::Unknown(absl::Status());
  EXPECT_EQ(scene.Risks(), "none token.ci\n");
  EXPECT_FALSE(scene.Audit().complete);
  scene.actual.records.clear();
  scene.ByHand();
  EXPECT_EQ(scene.Risks(), "low \nundeclared: is in no configuration\n");
  // Without a configuration nobody can say so.
  EXPECT_EQ(scene.Risks(/*configured=*/false), "none \n");
  // Another workspace looks after its own.
  scene.token.display_name =
      DisplayName("ci", {"other", 1, std::string(kNonceLength, 'a')});
  EXPECT_EQ(scene.Risks(), "none \n");
}

TEST(MakeAudit, BrokenRules) {
  Scene scene;
  scene.desired.policy.forbidden_scopes = {"vso.packaging"};
  const AuditReport report = scene.Audit();
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].rule, "forbidden_scopes");
  EXPECT_EQ(report.findings[0].severity, Severity::kWarning);
}

TEST(MakeAudit, Ranked) {
  Scene scene;
  auto& tokens = scene.actual.organizations["contoso"].tokens;
  const auto add = [&](int id, const std::string& name, const char* scopes) {
    scene.token.id = Id(id);
    scene.token.display_name = name;
    scene.token.scopes = ScopeSet::Parse(scopes);
    tokens.push_back(scene.token);
  };
  add(1, "b", "vso.packaging");
  add(2, "a", "vso.packaging");
  add(4, "z", "app_token");
  add(3, "z", "app_token");
  scene.actual.organizations["adatum"].tokens = {tokens[1]};
  std::string order;
  for (const AuditedToken& audited :
       MakeAudit(scene.desired, scene.actual, nullptr, kNow).tokens) {
    absl::StrAppend(&order, audited.organization, " ",
                    audited.token.display_name, " ", audited.token.id.Short(),
                    "\n");
  }
  EXPECT_EQ(order,
            "contoso z 00000003\ncontoso z 00000004\nadatum a 00000002\n"
            "contoso a 00000002\ncontoso b 00000001\n");
}

TEST(Risk, WordsAndLevels) {
  for (const RiskRow& row : kRiskWords) {
    EXPECT_GT(row.points, 0) << row.word;
    EXPECT_STRNE(row.why, "") << row.word;
    EXPECT_STRNE(row.fix, "") << row.word;
  }
  EXPECT_STREQ(Word(LevelOf(0)), "none");
  EXPECT_STREQ(Word(LevelOf(19)), "low");
  EXPECT_STREQ(Word(LevelOf(20)), "medium");
  EXPECT_STREQ(Word(LevelOf(50)), "high");
  EXPECT_STREQ(Word(LevelOf(100)), "critical");
}

}  // namespace
}  // namespace patform
