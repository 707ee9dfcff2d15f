#include "engine/report/junit.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "engine/base/strings.h"
#include "engine/report/issues.h"
#include "engine/report/text.h"

namespace patform {
namespace {

struct Case {
  std::string name;
  std::vector<Issue> failures;
  std::string skipped;  // why; empty: it is not
  std::vector<std::string> output;
};

struct Suite {
  std::string name;
  std::string class_name;
  std::vector<Case> cases;
  std::map<std::string, size_t> by_name;

  Case& At(const std::string& case_name) {
    const auto [found, is_new] = by_name.emplace(case_name, cases.size());
    if (is_new) cases.push_back({case_name, {}, "", {}});
    return cases[found->second];
  }
};

// For attributes and for text alike. XML has no way to write most control
// characters; Visible has written them already. A # is written so that no log
// finds a command in it, > so that nothing ends a section early.
std::string Xml(const std::string& text) {
  return absl::StrReplaceAll(Visible(text), {{"&", "&amp;"},
                                             {"<", "&lt;"},
                                             {">", "&gt;"},
                                             {"\"", "&quot;"},
                                             {"'", "&apos;"},
                                             {"#", "&#35;"}});
}

std::string Place(const SourceLocation& where) {
  if (where.file.empty()) return "";
  return absl::StrCat(" (", where.file, ":", where.line, ")");
}

std::string Line(const Issue& issue) {
  std::string line = absl::StrCat(issue.what, Place(issue.where));
  if (!issue.fix.empty()) absl::StrAppend(&line, "; to fix it: ", issue.fix);
  return line;
}

// A case that fails for several reasons has one failure in JUnit's terms.
std::string Failure(const std::vector<Issue>& failures) {
  std::string text =
      absl::StrCat("      <failure type=\"", Xml(failures.front().rule),
                   "\" message=\"", Xml(failures.front().what), "\">");
  for (size_t i = 0; i < failures.size(); ++i) {
    absl::StrAppend(&text, i > 0 ? "\n" : "", Xml(failures[i].rule), ": ",
                    Xml(Line(failures[i])));
  }
  return text + "</failure>\n";
}

std::string Written(const Case& test, const Suite& suite) {
  std::string text =
      absl::StrCat("    <testcase classname=\"", Xml(suite.class_name),
                   "\" name=\"", Xml(test.name), "\" time=\"0\">\n");
  if (!test.failures.empty()) {
    text += Failure(test.failures);
  } else if (!test.skipped.empty()) {
    absl::StrAppend(&text, "      <skipped message=\"", Xml(test.skipped),
                    "\"/>\n");
  }
  if (!test.output.empty()) {
    text += "      <system-out>";
    for (size_t i = 0; i < test.output.size(); ++i) {
      absl::StrAppend(&text, i > 0 ? "\n" : "", Xml(test.output[i]));
    }
    text += "</system-out>\n";
  }
  return text + "    </testcase>\n";
}

struct Totals {
  size_t tests = 0, failures = 0, skipped = 0;

  void Add(const Suite& suite) {
    for (const Case& test : suite.cases) {
      ++tests;
      failures += !test.failures.empty();
      skipped += test.failures.empty() && !test.skipped.empty();
    }
  }
  std::string Attributes() const {
    return absl::StrCat("tests=\"", tests, "\" failures=\"", failures,
                        "\" errors=\"0\"");
  }
};

class Report {
 public:
  explicit Report(const Plan& plan) : plan_(plan) {
    Add("workspace " + plan.workspace, "patform");
    suites_[0].At("the plan as a whole").output = {
        RenderSummary(plan),
        absl::StrCat(Count(plan.changes.unchanged, "token"), " unchanged")};
    for (const std::string& organization : plan.organizations) {
      Of(organization);
    }
    for (const Change& change : plan.changes.changes) {
      Of(change.organization)
          .At(change.address)
          .output.push_back(absl::StrCat("to ", Name(change.action), ": ",
                                         Explain(change.reason),
                                         Place(change.where)));
    }
    for (const Change& change : plan.left_out) {
      Of(change.organization).At(change.address).skipped =
          "left out by --target";
    }
    for (const Issue& issue : IssuesOf(plan)) Judge(issue);
  }

  std::string Text() const {
    Totals all;
    for (const Suite& suite : suites_) all.Add(suite);
    std::string text = absl::StrCat(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites "
        "name=\"patform\" time=\"0\" ",
        all.Attributes(), ">\n");
    const std::string as_of = absl::FormatTime(
        "%E4Y-%m-%dT%H:%M:%S", plan_.as_of, absl::UTCTimeZone());
    for (const Suite& suite : suites_) {
      Totals totals;
      totals.Add(suite);
      absl::StrAppend(&text, "  <testsuite name=\"", Xml(suite.name), "\" ",
                      totals.Attributes(), " skipped=\"", totals.skipped,
                      "\" time=\"0\" timestamp=\"", as_of, "\">\n");
      for (const Case& test : suite.cases) text += Written(test, suite);
      text += "  </testsuite>\n";
    }
    return text + "</testsuites>\n";
  }

 private:
  Suite& Add(std::string name, std::string class_name) {
    suites_.push_back({std::move(name), std::move(class_name), {}, {}});
    return suites_.back();
  }

  Suite& Of(const std::string& organization) {
    const auto [found, is_new] =
        by_organization_.emplace(organization, suites_.size());
    if (is_new) Add(organization, "patform." + organization);
    return suites_[found->second];
  }

  void Judge(const Issue& issue) {
    const bool whole = issue.address.empty() || issue.organization.empty();
    Case& test = whole ? suites_[0].At("the plan as a whole")
                       : Of(issue.organization).At(issue.address);
    if (issue.level == Issue::Level::kError) {
      test.failures.push_back(issue);
    } else if (issue.rule == kUndecidedRule && !whole) {
      test.skipped = issue.what;
    } else if (issue.rule != kRevocationRule) {
      test.output.push_back(absl::StrCat(issue.rule, ": ", Line(issue)));
    }
  }

  const Plan& plan_;
  std::vector<Suite> suites_;
  std::map<std::string, size_t> by_organization_;
};

}  // namespace

std::string RenderPlanJunit(const Plan& plan) { return Report(plan).Text(); }

}  // namespace patform
