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

}  // namespace
}  // namespace patform
