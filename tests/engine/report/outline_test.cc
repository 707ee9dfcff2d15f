#include "engine/report/outline.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace patform {
namespace {

const absl::Time kNow = absl::FromCivil(
    absl::CivilSecond(2026, 11, 23, 12, 0, 0), absl::UTCTimeZone());
constexpr absl::Duration kDay = absl::Hours(24);

AuthorizationId Id(int n) {
  return *AuthorizationId::Parse(
      absl::StrCat("0000000", n, "-0000-4000-8000-000000000000"));
}

TokenFacts Facts(int n, const std::string& scopes, absl::Duration left) {
  TokenFacts facts;
  facts.id = Id(n);
  facts.display_name = "ci";
  facts.scopes = ScopeSet::Parse(scopes);
  facts.valid_to = kNow + left;
  facts.generation = n;
  return facts;
}

Plan Of(Change change) {
  change.name = "ci";
  change.address = "token.ci";
  change.organization = "contoso";
  Plan plan;
  plan.as_of = kNow;
  plan.organizations = {"contoso"};
  plan.changes.changes.push_back(std::move(change));
  return plan;
}

Change Make(Action action, Reason reason) {
  Change change;
  change.action = action;
  change.reason = reason;
  change.decision.Mutable().kind = Decision::Kind::kMake;
  change.decision.Mutable().generation = 3;
  change.after = Facts(3, "vso.code", 30 * kDay);
  Delivery place;
  place.sink = "files";
  place.at = "ci";
  change.deliver = {place};
  return change;
}

// One line per line: kind, sign, field, value.
std::string Dump(const Plan& plan, bool comment) {
  std::string text;
  const Outline outline = OutlineOf(plan, {.comment = comment});
  for (const Outline::Block& block : outline.blocks) {
    absl::StrAppend(&text, block.address, block.identity, " ", block.title,
                    " (", block.why, ")\n");
    for (const Outline::Line& line : block.lines) {
      absl::StrAppend(&text, std::string(1, "FSP"[static_cast<int>(line.kind)]),
                      std::string(1, line.sign), line.field, "|", line.value,
                      "\n");
    }
    for (const Attention& each : block.attention) {
      absl::StrAppend(&text, "! ", Word(each.kind), "\n");
    }
  }
  return text;
}

TEST(OutlineOf, WhatIsNew) {
  const Plan plan = Of(Make(Action::kCreate, Reason::kNotFound));
  EXPECT_EQ(Dump(plan, false),
            "token.ci will be created (no such token exists)\n"
            "F+scopes|vso.code\n"
            "F+valid_to|2026-12-23 12:00 UTC (in 30d)\n"
            "F+generation|3\n"
            "F+secret to|files:ci\n"
            "! widens\n! moves\n");
  EXPECT_EQ(Dump(plan, true),
            "token.ci will be created (no such token exists)\n"
            "F+scopes|vso.code\n"
            "F+valid_to|2026-12-23\n"
            "F+generation|3\n"
            "F+secret to|files:ci\n"
            "! widens\n! moves\n");
}

TEST(OutlineOf, WhatIsRotated) {
  Change change = Make(Action::kRotate, Reason::kInRotationWindow);
  change.before = Facts(2, "vso.build", 3 * kDay);
  change.change_class = ChangeClass::kMaintenance;
  change.decision.Mutable().collect_first = {
      {Id(1), 1, Reason::kOrphan, std::nullopt, kNow + kDay, "ci"}};
  change.decision.Mutable().collect = {
      {Id(2), 2, Reason::kSuperseded, kNow + kDay, kNow + 3 * kDay, "ci"}};
  const Plan plan = Of(std::move(change));
  EXPECT_EQ(Dump(plan, false),
            "token.ci (00000002, generation 2) will be rotated (due: it "
            "expires in 3d; maintenance)\n"
            "F~scopes|vso.build → vso.code\n"
            "P-|vso.build\n"
            "P+|vso.code\n"
            "F~valid_to|2026-11-26 12:00 UTC (in 3d) → 2026-12-23 12:00 UTC "
            "(in 30d)\n"
            "S-first|revoke generation 1 (00000001)\n"
            "F+generation|3\n"
            "F+secret to|files:ci\n"
            "S-then|let generation 2 (00000002) end 2026-11-24 12:00 UTC (in "
            "1d)\n"
            "! widens\n! moves\n");
  EXPECT_EQ(Dump(plan, true),
            "token.ci (00000002, generation 2) will be rotated (due "
            "(maintenance))\n"
            "F~scopes|vso.build → vso.code\n"
            "P-|vso.build\n"
            "P+|vso.code\n"
            "F~valid_to|2026-11-26 → 2026-12-23\n"
            "S-first|revoke generation 1 (00000001)\n"
            "F+generation|3\n"
            "F+secret to|files:ci\n"
            "S-then|let generation 2 (00000002) end 2026-11-24\n"
            "! widens\n! moves\n");
}

TEST(OutlineOf, WhatEnds) {
  Change finish;
  finish.action = Action::kFinish;
  finish.reason = Reason::kOrphan;
  finish.before = finish.after = Facts(2, "vso.code", 9 * kDay);
  finish.decision.Mutable().collect = {
      {Id(1), 1, Reason::kOrphan, std::nullopt, kNow + kDay, "ci"}};
  finish.change_class = ChangeClass::kMaintenance;
  Plan plan = Of(finish);
  Change revoke;
  revoke.action = Action::kRevoke;
  revoke.reason = Reason::kUndeclared;
  revoke.before = Facts(2, "vso.code", 9 * kDay);
  revoke.revoke = {
      {Id(2), 2, Reason::kUndeclared, std::nullopt, kNow + 9 * kDay, "ci"}};
  plan.changes.changes.push_back(Of(revoke).changes.changes[0]);
  EXPECT_EQ(Dump(plan, false),
            "token.ci (00000002, generation 2) will be finished: an earlier "
            "run left something behind (minted by a run that did not finish, "
            "never delivered; maintenance)\n"
            "F stays|generation 2, whose secret is in service\n"
            "S-revoke|generation 1 (00000001): minted by a run that did not "
            "finish, never delivered\n"
            "token.ci (00000002, generation 2) will be revoked (not in the "
            "configuration any more)\n"
            "S-revoke|generation 2 (00000002), which would live until "
            "2026-12-02 12:00 UTC (in 9d)\n"
            "F-scopes|vso.code\n"
            "! ends\n");
  // The gravest first.
  EXPECT_EQ(Dump(plan, true),
            "token.ci (00000002, generation 2) will be revoked (not in the "
            "configuration any more)\n"
            "S-revoke|generation 2 (00000002), which would live until "
            "2026-12-02\n"
            "! ends\n"
            "token.ci (00000002, generation 2) will be finished: an earlier "
            "run left something behind (minted by a run that did not finish, "
            "never delivered (maintenance))\n"
            "S-then|revoke generation 1 (00000001): minted by a run that did "
            "not finish, never delivered\n");
}

TEST(OutlineOf, ASignInThatEndsIsTheFirstNote) {
  Plan plan = Of(Make(Action::kCreate, Reason::kNotFound));
  plan.changes.notes.push_back({"clock", "wrong"});
  Identity& identity = plan.identity.emplace();
  identity.rests_until = kNow + 15 * kDay;
  identity.rests_why = "the certificate of the application ends";
  EXPECT_EQ(OutlineOf(plan, {}).notes.items.size(), 1u);
  identity.rests_until = kNow + 3 * kDay;
  const Outline outline = OutlineOf(plan, {});
  ASSERT_EQ(outline.notes.items.size(), 2u);
  EXPECT_EQ(outline.notes.items[0].subject, "sign-in");
  EXPECT_EQ(outline.notes.items[0].text,
            "it ends in 3d, on 2026-11-26: the certificate of the application "
            "ends");
}

TEST(OutlineOf, ListsAreCutWhereTheyMayBe) {
  Plan plan = Of(Make(Action::kCreate, Reason::kNotFound));
  plan.left_out.assign(3, plan.changes.changes[0]);
  ActualToken token;
  token.id = Id(7);
  token.display_name = "old";
  token.valid_to = kNow + kDay;
  plan.changes.unmanaged.assign(4, token);
  Finding finding;
  finding.rule = "name_pattern";
  finding.severity = Severity::kWarning;
  plan.findings.assign(3, finding);
  finding.severity = Severity::kError;
  plan.findings.push_back(finding);
  OutlineOptions options;
  options.most_unmanaged = 1;
  options.most_left_out = 2;
  options.most_warnings = 2;
  const Outline outline = OutlineOf(plan, options);
  EXPECT_EQ(outline.unmanaged.items.size(), 1u);
  EXPECT_EQ(outline.unmanaged.items[0].text,
            "(00000007), until 2026-11-24 12:00 UTC (in 1d)");
  EXPECT_EQ(outline.unmanaged.omitted, 3u);
  EXPECT_EQ(outline.left_out.items.size(), 2u);
  EXPECT_EQ(outline.left_out.omitted, 1u);
  // An error is never cut.
  EXPECT_EQ(outline.findings.items.size(), 3u);
  EXPECT_EQ(outline.findings.items[2]->severity, Severity::kError);
  EXPECT_EQ(outline.findings.omitted.at("name_pattern"), 1);
}

}  // namespace
}  // namespace patform
