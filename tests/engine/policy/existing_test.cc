#include "engine/policy/existing.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/model/mark.h"

namespace patform {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
constexpr absl::Duration kDay = absl::Hours(24);

std::string Dump(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    absl::StrAppend(&text, Word(finding.severity), " ", finding.rule, " ",
                    finding.address.empty() ? "-" : finding.address, " ",
                    finding.where.line, ": ", finding.what, " | ", finding.fix,
                    "\n");
  }
  return text;
}

AuthorizationId Id(int n) {
  return *AuthorizationId::Parse(absl::StrCat(absl::Dec(n, absl::kZeroPad8),
                                              "-0000-4000-8000-000000000000"));
}

std::string Marked(const std::string& name, const std::string& workspace,
                   int generation) {
  return DisplayName(name,
                     {workspace, generation, std::string(kNonceLength, 'a')});
}

// The workspace "w" with one declared token, "ci", of 30 days.
struct Scene {
  Scene() {
    desired.workspace = "w";
    desired.policy.where.line = 2;
    DesiredToken token;
    token.name = "ci";
    token.organization = "contoso";
    token.where = SourceLocation{"", 9};
    desired.tokens = {token};
    actual.organizations["contoso"].organization = "contoso";
  }

  ActualToken& Live(int id, const std::string& display_name,
                    const std::string& scopes = "vso.code") {
    ActualToken token;
    token.id = Id(id);
    token.display_name = display_name;
    token.scopes = ScopeSet::Parse(scopes);
    token.valid_from = kNow - kDay;
    token.valid_to = kNow + 29 * kDay;
    auto& tokens = actual.organizations["contoso"].tokens;
    tokens.push_back(token);
    return tokens.back();
  }

  std::string Check() const {
    return Dump(CheckExisting(desired, actual, input, kNow));
  }

  DesiredState desired;
  ActualState actual;
  ExistingInput input;
};

TEST(CheckExisting, NothingToLookFor) {
  Scene scene;
  scene.Live(1, "by hand", "app_token").all_organizations = true;
  EXPECT_EQ(scene.Check(), "");
}

TEST(CheckExisting, EveryRuleOverATokenInNoConfiguration) {
  Scene scene;
  PolicyConfig& policy = scene.desired.policy;
  policy.max_lifetime = 29 * kDay;
  policy.forbidden_scopes = {"vso.code*"};
  policy.allowed_scopes = {{"vso.wiki"}};
  policy.high_privilege_scopes = {"vso.code_full"};
  policy.deny_full_scope = true;
  policy.deny_all_organizations = true;
  policy.name_patterns = {"[a-z]+"};
  policy.set_at[rule::kMaxLifetime].line = 4;
  scene.Live(1, "by hand", "vso.code_full").all_organizations = true;
  const std::string fix =
      " | declare it (`patform import`) or revoke it: it is in no "
      "configuration\n";
  EXPECT_EQ(
      scene.Check(),
      absl::StrCat(
          "warning forbidden_scopes by hand 2: (00000001) has vso.code_full, "
          "which the policy forbids (\"vso.code*\")",
          fix,
          "warning allowed_scopes by hand 2: (00000001) has vso.code_full, "
          "which is not among the scopes that the policy allows",
          fix,
          "warning high_privilege_scopes by hand 2: (00000001) has "
          "vso.code_full, a scope of high privilege, which the policy denies",
          fix,
          "warning max_lifetime by hand 4: (00000001) lives 30d, until "
          "2027-02-13 08:00 UTC; the policy allows 29d",
          fix,
          "warning all_organizations by hand 2: (00000001) is valid in all "
          "organizations; such tokens stop working on 2026-12-01",
          fix,
          "warning name_pattern by hand 2: (00000001) has a name that does "
          "not match [a-z]+",
          fix));
  // The service reads a list of no scopes as full access.
  policy = PolicyConfig();
  policy.deny_full_scope = true;
  scene.actual.organizations["contoso"].tokens[0].scopes = ScopeSet();
  EXPECT_EQ(scene.Check(),
            absl::StrCat("warning full_scope by hand 0: (00000001) has full "
                         "access (app_token), which the policy denies",
                         fix));
}

TEST(CheckExisting, OnlyTheLivingThatStayAsTheyAre) {
  Scene scene;
  scene.desired.policy.forbidden_scopes = {"vso.code"};
  scene.Live(1, "dead").state = TokenState::kRevoked;
  scene.Live(2, "changes");
  scene.input.changed = {Id(2)};
  EXPECT_EQ(scene.Check(), "");
}

TEST(CheckExisting, ADeclaredTokenHasItsLine) {
  Scene scene;
  scene.desired.policy.forbidden_scopes = {"vso.code"};
  scene.Live(1, Marked("ci", "w", 2));
  // The same name in another workspace is another token.
  scene.Live(2, Marked("ci", "other", 1));
  EXPECT_EQ(scene.Check(),
            absl::StrCat(
                "warning forbidden_scopes token.ci 9: as it is (00000001) has "
                "vso.code, which the policy forbids (\"vso.code\") | it ends "
                "with the next rotation; --rotate ci makes one now\n"
                "warning forbidden_scopes ",
                Marked("ci", "other", 1),
                " 2: (00000002) has vso.code, which the policy forbids "
                "(\"vso.code\") | declare it (`patform import`) or revoke "
                "it: it is in no configuration\n"));
  // Said of the configuration already.
  const std::vector<Finding> said = {
      {rule::kForbiddenScopes, "token.ci", "", "", {}}};
  scene.input.reported = &said;
  scene.actual.organizations["contoso"].tokens.pop_back();
  EXPECT_EQ(scene.Check(), "");
}

TEST(CheckExisting, OursAreAsOldAsTheyLike) {
  Scene scene;
  scene.desired.policy.max_lifetime = 30 * kDay;
  ActualToken& ours = scene.Live(1, Marked("ci", "w", 1));
  ours.valid_from = kNow - 300 * kDay;
  EXPECT_EQ(scene.Check(), "");
  // Clocks differ; what was asked for 30 days may have a minute more.
  ours.valid_to = kNow + 30 * kDay + absl::Minutes(9);
  EXPECT_EQ(scene.Check(), "");
  ours.valid_to = kNow + 31 * kDay;
  EXPECT_EQ(scene.Check(),
            "warning max_lifetime token.ci 9: as it is (00000001) lives 31d, "
            "until 2027-02-15 08:00 UTC; the policy allows 30d | it ends with "
            "the next rotation; --rotate ci makes one now\n");
}

TEST(CheckExisting, AsGraveAsThePolicySays) {
  Scene scene;
  scene.desired.policy.forbidden_scopes = {"vso.code"};
  scene.Live(1, "by hand");
  struct Row {
    std::optional<Existing> existing;
    std::optional<Severity> severity;
    const char* want;
  };
  const std::vector<Row> rows = {
      {{}, {}, "warning"},
      {Existing::kWarning, Severity::kError, "warning"},
      {Existing::kError, {}, "error"},
      {Existing::kError, Severity::kWarning, "warning"},
      {Existing::kIgnore, Severity::kError, ""},
  };
  for (const Row& row : rows) {
    scene.desired.policy.existing = row.existing;
    scene.desired.policy.severity.clear();
    if (row.severity) {
      scene.desired.policy.severity[rule::kForbiddenScopes] = *row.severity;
    }
    const std::string text = scene.Check();
    EXPECT_EQ(text.substr(0, text.find(' ')), row.want);
  }
}

TEST(CheckExisting, Exceptions) {
  Scene scene;
  scene.desired.policy.forbidden_scopes = {"vso.code"};
  scene.Live(1, Marked("legacy", "other", 1));
  scene.desired.policy.exceptions = {
      {rule::kForbiddenScopes, "legacy", kNow + kDay, "r", {}}};
  EXPECT_EQ(scene.Check(), "");
  scene.desired.policy.exceptions[0].until = kNow;
  EXPECT_NE(scene.Check(), "");
}

TEST(CheckExisting, CountsGenerationsOnce) {
  Scene scene;
  scene.desired.policy.max_tokens = 2;
  scene.Live(1, Marked("ci", "w", 1));
  scene.Live(2, Marked("ci", "w", 2));
  scene.Live(3, "a # b");
  scene.Live(4, "dead").state = TokenState::kExpired;
  EXPECT_EQ(scene.Check(), "");
  scene.Live(5, "a # c");
  EXPECT_EQ(scene.Check(),
            "warning max_tokens - 2: the user has 3 live tokens in contoso; "
            "the policy allows 2 | revoke what nobody uses: `patform audit` "
            "ranks it\n");
}

TEST(CheckExisting, UnmanagedTokens) {
  Scene scene;
  const std::vector<ActualToken> unmanaged = {scene.Live(1, "by hand"),
                                              scene.Live(2, "git: me")};
  scene.input.unmanaged = &unmanaged;
  EXPECT_EQ(scene.Check(), "");
  scene.desired.policy.unmanaged = Unmanaged::kDeny;
  scene.desired.policy.set_at[rule::kUnmanaged].line = 5;
  scene.desired.policy.exceptions = {
      {rule::kUnmanaged, "git: *", kNow + kDay, "r", {}}};
  // It is about what exists and nothing else: `existing` does not soften it.
  EXPECT_EQ(scene.Check(),
            "error unmanaged by hand 5: (00000001) is in no configuration; "
            "the policy denies such tokens | declare it (`patform import`), "
            "revoke it, or name it in `unmanaged_except`\n");
  scene.desired.policy.severity[rule::kUnmanaged] = Severity::kWarning;
  EXPECT_EQ(scene.Check().substr(0, 7), "warning");
}

TEST(ChangedBy, EverythingThatEndsOrChanges) {
  std::vector<Change> changes(2);
  changes[0].before.emplace();
  changes[0].before->id = Id(1);
  changes[0].decision.Mutable().collect.push_back(
      {Id(2), 1, Reason::kSuperseded, {}, {}});
  changes[1].revoke.push_back({Id(3), 1, Reason::kUndeclared, {}, {}});
  changes[1].decision.Mutable().collect_first.push_back(
      {Id(4), 1, Reason::kOrphan, {}, {}});
  EXPECT_EQ(ChangedBy(changes),
            (std::set<AuthorizationId>{Id(1), Id(2), Id(3), Id(4)}));
}

}  // namespace
}  // namespace patform
