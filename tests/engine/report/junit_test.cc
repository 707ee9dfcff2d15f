#include "engine/report/junit.h"

#include <gtest/gtest.h>

#include <string>

namespace patform {
namespace {

// A finding whose every text is hostile.
Plan Hostile(const std::string& text) {
  Plan plan;
  plan.workspace = text;
  plan.organizations = {text};
  Finding finding;
  finding.rule = "max_lifetime";
  finding.address = text;
  finding.what = text;
  finding.fix = text;
  plan.findings = {finding};
  return plan;
}

// How often `part` occurs.
int Times(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

TEST(RenderPlanJunit, TextFromOutsideIsTextOnly) {
  const struct {
    const char* text;
    const char* want;
  } rows[] = {
      {"A&B", "A&amp;B"},
      {"A<B", "A&lt;B"},
      {"A>B", "A&gt;B"},
      {"A\"B", "A&quot;B"},
      {"A'B", "A&apos;B"},
      {"A#B", "A&#35;B"},
      {"A]]>B", "A]]&gt;B"},
      {"A\x01"
       "B",
       "A\\x01B"},
      {"A\nB", "A\\nB"},
      {"A\u202eB", "A\\u{202e}B"},
      {"A&lt;B", "A&amp;lt;B"},
  };
  for (const auto& row : rows) {
    const std::string text = RenderPlanJunit(Hostile(row.text));
    EXPECT_GE(Times(text, row.want), 5) << text;
    EXPECT_EQ(Times(text, row.text), 0) << text;
  }
  const std::string log =
      RenderPlanJunit(Hostile("##vso[task.complete result=Succeeded;]"));
  EXPECT_EQ(Times(log, "##"), 0) << log;
}

// Three rules: one holds, one is broken, one is bent.
Plan Judged() {
  Plan plan;
  plan.workspace = "w";
  plan.organizations = {"contoso"};
  plan.rules = {"max_lifetime", "name_pattern", "full_scope"};
  plan.findings = {{"max_lifetime", "token.a", "lives 300d", "less", {}},
                   {"name_pattern",
                    "token.b",
                    "has a bad name",
                    "rename it",
                    {"a.toml", 3, 1, 1},
                    Severity::kWarning}};
  return plan;
}

TEST(RenderPlanJunit, FailsAsAWholeWhereTheCommandEndsWithAnError) {
  Plan plan = Judged();
  const std::string whole =
      "    <testcase classname=\"patform\" name=\"the plan as a whole\" "
      "time=\"0\">\n";
  EXPECT_EQ(Times(RenderPlanJunit(plan),
                  whole + "      <failure type=\"max_lifetime\" "
                          "message=\"token.a lives 300d\">max_lifetime: "
                          "token.a lives 300d; to fix it: less</failure>\n"),
            1);
  // Only warnings: the command ends well.
  plan.findings.erase(plan.findings.begin());
  EXPECT_EQ(Times(RenderPlanJunit(plan), whole + "      <system-out>"), 1);
  EXPECT_EQ(Times(RenderPlanJunit(plan), "<failure"), 0);
  // A guard is about no token.
  plan.findings = {{"empty_list", "", "the list is empty", "", {}}};
  plan.rules.push_back("empty_list");
  EXPECT_EQ(Times(RenderPlanJunit(plan),
                  whole + "      <failure type=\"empty_list\" message=\"the "
                          "list is empty\">empty_list: the list is "
                          "empty</failure>\n"),
            1);
  EXPECT_EQ(Times(RenderPlanJunit(plan), "<failure"), 2);
  // Nor can an incomplete plan be applied.
  plan.findings.clear();
  plan.changes.deferred = {
      {"token.a", "contoso", "its record cannot be read", false, {}, "a"}};
  EXPECT_EQ(
      Times(RenderPlanJunit(plan),
            whole + "      <failure type=\"undecided\" message=\"the plan is "
                    "incomplete: 1 token could not be decided\">undecided: the "
                    "plan is incomplete: 1 token could not be "
                    "decided</failure>\n"),
      1);
}

// A warning neither passes, which would hide it, nor fails.
TEST(RenderPlanJunit, WhatPassesIsNotViolated) {
  const std::string text = RenderPlanJunit(Judged());
  const std::string skipped =
      "      <skipped message=\"warning: name_pattern: token.b has a bad name "
      "(a.toml:3); to fix it: rename it\"/>\n";
  EXPECT_EQ(
      Times(text, "name=\"name_pattern\" time=\"0\">\n" + skipped +
                      "      <system-out>Every token&apos;s name fits the "
                      "policy&apos;s pattern.</system-out>\n    </testcase>"),
      1)
      << text;
  EXPECT_EQ(Times(text, "name=\"token.b\" time=\"0\">\n" + skipped), 1) << text;
  EXPECT_EQ(Times(text,
                  "name=\"full_scope\" time=\"0\">\n      <system-out>No token "
                  "has full access.</system-out>"),
            1)
      << text;
}

}  // namespace
}  // namespace patform
