// One plan in every format, compared with the files beside this one, byte for
// byte. PATFORM_UPDATE_GOLDEN=1 writes them, and fails, so that somebody reads
// them.
#include "engine/report/formats.h"

#include <gtest/gtest.h>

#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/report/markdown.h"
#include "engine/saved/plan_file.h"
#include "tests/fakes/world.h"
#include "tests/golden/golden.h"
#include "tests/golden/page.h"

namespace patform {
namespace {

// Every kind of change, a broken rule, a warning, what cannot be decided, one
// token by hand; in two organizations.
class Formats : public ::testing::Test {
 protected:
  Formats() {
    world_.AddSink("main");
    world_.desired.policy.where = {"policy.toml", 2, 1, 8};
    for (const char* name : {"due", "scopes", "orphan", "gone", "freed"}) {
      world_.Declare(name, {absl::StrCat("main:", name)});
    }
    world_.Run();
    world_.clock.Tick(absl::Hours(24 * 22));
    world_.Run({"scopes", "orphan", "gone", "freed"});
    world_.misfortune.rules = {
        {"put main:orphan", 1, Misfortune::Kind::kCrashBefore, {}}};
    EXPECT_EQ(world_.Run({"orphan"}), "crashed");
    world_.misfortune.Clear();
    world_.clock.Tick(absl::Hours(24 * 2));
    world_.service().AddStranger("by hand \x1b[31m##vso[task.setvariable]",
                                 "vso.work", absl::Hours(1), absl::Hours(99));
    world_.Declared("scopes").scopes = ScopeSet::Of({"vso.work"});
    world_.Declared("gone").ensure = Ensure::kAbsent;
    world_.Declared("freed").ensure = Ensure::kReleased;
    world_.Declare("new", {"main:new"}).deliver[0].encoding = Encoding::kBasic;
    world_.AddOrganization("fabrikam");
    world_.Declare("elsewhere", {"main:a", "main:b", "main:c", "main:d"})
        .organization = "fabrikam";
    world_.Declare("nowhere", {});
    int line = 4;
    for (DesiredToken& token : world_.desired.tokens) {
      token.where = {"teams/a.toml", line, 2, 3};
      token.scopes_where = {"teams/a.toml", line + 1, 10, 12};
      line += 5;
    }
    world_.desired.policy.forbidden_scopes = {"vso.work"};
    actual_ = *world_.Look();
    plan_ = MakePlan(world_.desired, actual_, {}, world_.clock.Now());
    plan_.findings.push_back({"name_pattern",
                              "token.new",
                              "has a name that the pattern does not know",
                              "rename it",
                              {"teams/a.toml", 29, 2, 3},
                              Severity::kWarning});
  }

  FakeWorld world_;
  ActualState actual_;
  Plan plan_;
};

TEST_F(Formats, Each) {
  const Style style(false);
  ExpectGolden("formats.txt", RenderPlanAs("text", plan_, style));
  ExpectGolden("formats.json", RenderPlanAs("json", plan_, style));
  ExpectGolden("formats.md", RenderPlanAs("markdown", plan_, style));
  ExpectGolden("formats.html",
               WithoutAssets(RenderPlanAs("html", plan_, style)));
  ExpectGolden("formats.sarif", RenderPlanAs("sarif", plan_, style));
  ExpectGolden("formats.junit.xml", RenderPlanAs("junit", plan_, style));
  ExpectGolden("formats-github.txt", RenderPlanAs("github", plan_, style));
  ExpectGolden("formats-azure.txt", RenderPlanAs("azure", plan_, style));
}

TEST_F(Formats, NothingToDo) {
  Plan plan;
  plan.workspace = "w";
  plan.organizations = {"contoso"};
  plan.stable_until = absl::InfiniteFuture();
  plan.changes.unchanged = 3;
  const Style style(false);
  ExpectGolden("nothing.md", RenderPlanAs("markdown", plan, style));
  ExpectGolden("nothing.html",
               WithoutAssets(RenderPlanAs("html", plan, style)));
  ExpectGolden("nothing.sarif", RenderPlanAs("sarif", plan, style));
  ExpectGolden("nothing.junit.xml", RenderPlanAs("junit", plan, style));
  const std::string none = "No changes. Your tokens match the configuration.\n";
  EXPECT_EQ(RenderPlanAs("github", plan, style), none);
  EXPECT_EQ(RenderPlanAs("azure", plan, style), none);
}

// A fork's plan is read in a log or a test tab, too.
TEST_F(Formats, EachForPeopleSaysHowOldTheSnapshotIs) {
  plan_.snapshot_taken_at = plan_.as_of - absl::Minutes(150);
  const std::string age =
      "From a snapshot of 2027-02-08 05:30 UTC, 2h 30m old: what happened "
      "since "
      "is not in this plan.\n";
  for (const char* format : {"text", "github", "azure", "junit"}) {
    const std::string text = RenderPlanAs(format, plan_, Style(false));
    EXPECT_TRUE(absl::StrContains(text, std::string(format) == "junit"
                                            ? absl::StripSuffix(age, "\n")
                                            : absl::string_view(age)))
        << text;
  }
  EXPECT_TRUE(absl::StrContains(RenderPlanMarkdown(plan_, {}),
                                "from a snapshot of 2027-02-08 05:30 UTC"));
}

// A reviewer sees with what it was planned.
TEST_F(Formats, TheCommentSaysWhatTheTokenCould) {
  plan_.identity = Identity{ScopeSet::Of({"vso.pats"})};
  EXPECT_TRUE(absl::StrContains(RenderPlanMarkdown(plan_, {}),
                                " · planned with `vso.pats`\n"));
  plan_.identity = Identity{ScopeSet::Of({"vso.pats", "vso.pats_manage"})};
  EXPECT_TRUE(
      absl::StrContains(RenderPlanMarkdown(plan_, {}),
                        " · planned with `vso.pats vso.pats_manage`, which "
                        "**could also make tokens**\n"));
  plan_.identity = Identity{std::nullopt};
  EXPECT_FALSE(
      absl::StrContains(RenderPlanMarkdown(plan_, {}), "planned with"));
}

// What holds is a case that passes, what 10,000 tokens break one that fails
// with a few lines; tokens that stay as they are have none.
TEST_F(Formats, JunitHasACaseARule) {
  Plan plan;
  plan.workspace = "w";
  plan.organizations = {"contoso"};
  plan.changes.unchanged = 10000;
  plan.rules = {"max_lifetime", "name_pattern"};
  const std::string quiet = RenderPlanAs("junit", plan, Style(false));
  EXPECT_TRUE(absl::StrContains(quiet, R"(
  <testsuite name="rules of w" tests="2" failures="0" errors="0" skipped="0")"))
      << quiet;
  EXPECT_LT(quiet.size(), 1500u);
  for (int i = 0; i < 10000; ++i) {
    plan.findings.push_back(
        {"name_pattern", absl::StrCat("token.", i), "has a bad name", "", {}});
  }
  const std::string loud = RenderPlanAs("junit", plan, Style(false));
  EXPECT_TRUE(absl::StrContains(loud, R"(
    <testcase classname="patform.rules" name="max_lifetime" time="0">
      <system-out>No token lives longer than the policy allows.</system-out>
    </testcase>
    <testcase classname="patform.rules" name="name_pattern" time="0">
      <failure type="name_pattern" message="token.0 has a bad name">)"))
      << loud.substr(0, 2000);
  EXPECT_TRUE(absl::StrContains(loud, R"(
name_pattern: token.19 has a bad name
and 9980 more</failure>)"))
      << loud.substr(0, 4000);
  EXPECT_TRUE(absl::StrContains(loud, R"(tests="10003" failures="10002")"))
      << loud.substr(0, 200);
}

TEST_F(Formats, TheSameInputsGiveTheSameBytes) {
  Plan again = MakePlan(world_.desired, actual_, {}, world_.clock.Now());
  again.findings.push_back(plan_.findings.back());
  for (const std::string& format : PlanFormats()) {
    EXPECT_EQ(RenderPlanAs(format, again, Style(false)),
              RenderPlanAs(format, plan_, Style(false)))
        << format;
  }
}

TEST_F(Formats, ASavedPlanReadsTheSame) {
  plan_ = MakePlan(world_.desired, actual_, {}, world_.clock.Now());
  const std::string file =
      WritePlan(SavePlan(plan_, {}, world_.desired, actual_), "");
  const absl::StatusOr<SavedPlan> saved = ReadPlan(file, "");
  ASSERT_TRUE(saved.ok()) << saved.status();
  plan_.signature = Plan::Signature::kNone;
  for (const std::string& format : PlanFormats()) {
    EXPECT_NE(RenderPlanAs(format, plan_, Style(true)).find("signed"),
              std::string::npos)
        << format;
    EXPECT_EQ(RenderPlanAs(format, saved->plan, Style(true)),
              RenderPlanAs(format, plan_, Style(true)))
        << format;
  }
}

// A bot that posts the comment has nothing to post.
TEST_F(Formats, TheCommentIsTheSameAMinuteLater) {
  const Plan later = MakePlan(world_.desired, actual_, {},
                              world_.clock.Now() + absl::Minutes(1));
  const Plan now = MakePlan(world_.desired, actual_, {}, world_.clock.Now());
  EXPECT_EQ(RenderPlanMarkdown(later, {}), RenderPlanMarkdown(now, {}));
}

TEST_F(Formats, TheMarkerIsThatOfTheWorkspace) {
  const std::string marker = MarkdownMarker(plan_);
  EXPECT_EQ(marker, "<!-- patform:v1 workspace=w -->");
  EXPECT_TRUE(absl::StartsWith(RenderPlanMarkdown(plan_, {}), marker + "\n"));
  plan_.workspace = "a --> b";
  EXPECT_EQ(MarkdownMarker(plan_),
            "<!-- patform:v1 workspace=a%20--%3E%20b -->");
}

// Copies of the plan's changes under other names.
void Grow(Plan& plan, int copies) {
  const std::vector<Change> seed = plan.changes.changes;
  for (int i = 0; i < copies; ++i) {
    for (Change change : seed) {
      absl::StrAppend(&change.address, "-", i);
      plan.changes.changes.push_back(std::move(change));
    }
  }
  plan.counts = CountActions(plan.changes.changes);
}

int LinesWith(const std::string& text, const std::string& start) {
  int count = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    count += absl::StartsWith(line, start);
  }
  return count;
}

TEST_F(Formats, WhatPolicyForbidsIsNotOffered) {
  ASSERT_TRUE(HasErrors(plan_.findings));
  EXPECT_FALSE(absl::StrContains(RenderPlanMarkdown(plan_, {}), "exactly"));
  plan_.findings.clear();
  EXPECT_TRUE(absl::StrContains(
      RenderPlanMarkdown(plan_, {}),
      absl::StrCat("To apply exactly this: `patform apply --approve ",
                   plan_.digest, "`\n")));
}

TEST_F(Formats, TheCutIsHonest) {
  Grow(plan_, 100);
  const int changes = static_cast<int>(plan_.changes.changes.size());
  const std::string kTop =
      "<!-- patform:v1 workspace=w -->\n<!-- patform:digest incomplete -->\n"
      "## ⛔ INCOMPLETE: do not approve from this comment\n\n**The plan is "
      "longer than a comment may be, and part of it is not shown here.**";
  MarkdownOptions options;
  options.link = "https://ci.example/run/7?a=b&c=(d)";
  for (const size_t limit : {0, 8192, 20'000, 65'536, 10'000'000}) {
    options.limit = limit;
    const std::string text = RenderPlanMarkdown(plan_, options);
    EXPECT_LE(text.size(), std::max<size_t>(limit, 8192)) << limit;
    const bool cut = limit < 1'000'000;
    EXPECT_EQ(absl::StartsWith(text, kTop), cut) << limit;
    // There is no digest to copy out of it.
    EXPECT_EQ(absl::StrContains(text, plan_.digest), !cut) << limit;
    EXPECT_FALSE(absl::StrContains(text, "--approve")) << limit;
    // What stands in the table and what is said to be left out add up.
    const int rows = LinesWith(text, "| `");
    const std::string rest =
        absl::StrCat(changes - rows, " changes of the table");
    EXPECT_EQ(absl::StrContains(text, rest), rows < changes) << limit;
    EXPECT_EQ(absl::StrContains(text, "of the details"), cut) << limit;
    EXPECT_EQ(absl::StrContains(text, "**Not shown here:**"), cut) << limit;
    EXPECT_TRUE(absl::StrContains(
        text, "[CI run](https://ci.example/run/7?a=b&c=%28d%29)"));
    // A full comment is used, not merely kept to.
    if (cut) {
      EXPECT_GT(text.size(), limit * 3 / 4) << limit;
    }
    if (!cut) {
      EXPECT_EQ(LinesWith(text, "> - "), 101);
    }
  }
  options.limit = 8192;
  ExpectGolden("formats-cut.md", RenderPlanMarkdown(plan_, options));
}

// One that is huge takes nobody else with it.
TEST_F(Formats, OneHugeChangeHidesNoOther) {
  Change huge = plan_.changes.changes[0];
  huge.address = absl::StrCat("token.", std::string(70'000, 'x'));
  plan_.changes.changes.insert(plan_.changes.changes.begin(), huge);
  const std::string text = RenderPlanMarkdown(plan_, {});
  EXPECT_LE(text.size(), 65'536u);
  EXPECT_TRUE(absl::StrContains(text, "## ⛔ INCOMPLETE"));
  EXPECT_TRUE(absl::StrContains(text, "`token.gone` ends `\"gone\"`"));
  EXPECT_TRUE(absl::StrContains(text, "gets the scope `vso.work`\n"));
  EXPECT_TRUE(absl::StrContains(text, "\n- token.gone (a000f778"));
  EXPECT_TRUE(
      absl::StrContains(text, "1 change of the table, 1 change of the details"))
      << text;
}

// Long lists of scopes that differ at their end, a fourth place, a long one.
TEST_F(Formats, NoCellIsCut) {
  std::vector<std::string> scopes;
  for (int i = 0; i < 40; ++i) scopes.push_back(absl::StrCat("vso.scope", i));
  Change& change = plan_.changes.changes[1];
  change.before->scopes = ScopeSet::Of(scopes);
  scopes.push_back("vso.tokens");
  change.after->scopes = ScopeSet::Of(scopes);
  const std::string far = std::string(3000, 'p') + "/end";
  plan_.changes.changes.back().deliver[3].at = far;
  const std::string text = RenderPlanMarkdown(plan_, {});
  EXPECT_TRUE(absl::StrContains(text, "| + `vso.tokens` |")) << text;
  EXPECT_TRUE(absl::StrContains(text, "gets the scope `vso.tokens`\n"));
  EXPECT_TRUE(absl::StrContains(text, absl::StrCat("`main:", far, "` |")));
}

TEST_F(Formats, AtMostTenAnnotationsOfAKind) {
  for (int i = 0; i < 30; ++i) plan_.findings.push_back(plan_.findings[0]);
  for (int i = 0; i < 12; ++i) {
    plan_.changes.notes.push_back({absl::StrCat("token.", i), "a note"});
  }
  const std::string github = RenderPlanAs("github", plan_, Style(false));
  EXPECT_EQ(LinesWith(github, "::error "), 10);
  // Beside them all of what must be seen.
  EXPECT_EQ(LinesWith(github, "::warning "), 3 + 1);
  EXPECT_EQ(LinesWith(github, "::notice "), 10 + 9);
  EXPECT_TRUE(absl::StrContains(
      github,
      "\nNot shown here: 21 errors and 2 notices; `patform plan` lists them "
      "all.\n"))
      << github;
  const std::string azure = RenderPlanAs("azure", plan_, Style(false));
  EXPECT_EQ(LinesWith(azure, "##vso[task.logissue type=error;"), 10);
  EXPECT_EQ(LinesWith(azure, "##vso[task.logissue type=warning;"), 3 + 1);
  EXPECT_EQ(LinesWith(azure, "Note: "), 10 + 9);
}

}  // namespace
}  // namespace patform
