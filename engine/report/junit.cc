#include "engine/report/junit.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "engine/base/strings.h"
#include "engine/report/issues.h"
#include "engine/report/outline.h"

namespace patform {
namespace {

constexpr char kWholePlan[] = "the plan as a whole";

struct Case {
  std::string name;
  std::vector<Issue> failures;
  std::vector<Issue> warnings;         // it neither fails nor passes
  std::string skipped;                 // why; empty: it is not
  std::vector<std::string> attention;  // all of it is written
  std::vector<std::string> output;
};

struct Suite {
  std::string name;
  std::string class_name;
  std::vector<Case> cases;
  std::map<std::string, size_t> by_name;

  Case& At(const std::string& case_name) {
    const auto [found, is_new] = by_name.emplace(case_name, cases.size());
    if (is_new) cases.push_back({case_name, {}, {}, "", {}, {}});
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

// Lines of one case; a rule that 10,000 tokens break has one case per token.
constexpr size_t kLinesShown = 20;

// The first lines of a case, and how many there are more.
template <typename Item, typename Write>
void AppendLines(std::string& text, const std::vector<Item>& items,
                 const Write& write) {
  for (size_t i = 0; i < std::min(items.size(), kLinesShown); ++i) {
    absl::StrAppend(&text, i > 0 ? "\n" : "", write(items[i]));
  }
  if (items.size() > kLinesShown) {
    absl::StrAppend(&text, "\nand ", items.size() - kLinesShown, " more");
  }
}

std::string WithRule(const Issue& issue) {
  return absl::StrCat(issue.rule, ": ", Line(issue));
}

// A case that fails for several reasons has one failure in JUnit's terms. The
// warnings beside them are in it as well.
std::string Failure(const Case& test) {
  const Issue& first = test.failures.front();
  std::string text = absl::StrCat("      <failure type=\"", Xml(first.rule),
                                  "\" message=\"", Xml(first.what), "\">");
  AppendLines(text, test.failures,
              [](const Issue& issue) { return Xml(WithRule(issue)); });
  if (!test.warnings.empty()) text += "\n";
  AppendLines(text, test.warnings, [](const Issue& issue) {
    return Xml("warning: " + WithRule(issue));
  });
  return text + "</failure>\n";
}

// JUnit has no warnings. A case that passed would hide them, and one that
// failed would stop what a warning must not stop: it is neither.
std::string Skipped(const Case& test) {
  std::string why = test.skipped;
  for (size_t i = 0; i < std::min(test.warnings.size(), kLinesShown); ++i) {
    absl::StrAppend(&why, why.empty() ? "" : "; ",
                    "warning: ", WithRule(test.warnings[i]));
  }
  if (test.warnings.size() > kLinesShown) {
    absl::StrAppend(&why, "; and ", test.warnings.size() - kLinesShown,
                    " more");
  }
  return why;
}

bool IsSkipped(const Case& test) {
  return test.failures.empty() &&
         !(test.skipped.empty() && test.warnings.empty());
}

std::string Written(const Case& test, const Suite& suite) {
  std::string text =
      absl::StrCat("    <testcase classname=\"", Xml(suite.class_name),
                   "\" name=\"", Xml(test.name), "\" time=\"0\">\n");
  if (!test.failures.empty()) {
    text += Failure(test);
  } else if (IsSkipped(test)) {
    absl::StrAppend(&text, "      <skipped message=\"", Xml(Skipped(test)),
                    "\"/>\n");
  }
  if (!test.attention.empty() || !test.output.empty()) {
    text += "      <system-out>";
    for (const std::string& line : test.attention) {
      absl::StrAppend(&text, Xml(line), "\n");
    }
    AppendLines(text, test.output, Xml);
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
      skipped += IsSkipped(test);
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
    suites_[kWhole].At(kWholePlan).output = {
        RenderSummary(plan),
        absl::StrCat(Count(plan.changes.unchanged, "token"), " unchanged")};
    if (plan.snapshot_taken_at) {
      suites_[kWhole].At(kWholePlan).output.push_back(RenderAge(plan));
    }
    if (std::string line = RenderSignature(plan); !line.empty()) {
      suites_[kWhole].At(kWholePlan).output.push_back(std::move(line));
    }
    // One case a rule, so that what holds is seen to have been asked, and a
    // test tab shows since when it does not.
    if (!plan.rules.empty()) Add("rules of " + plan.workspace, "patform.rules");
    for (const std::string& rule : plan.rules) {
      suites_[kRules].At(rule).output = {DescribeRule(rule)};
    }
    for (const std::string& organization : plan.organizations) {
      Of(organization);
    }
    for (const Change& change : plan.changes.changes) {
      Of(change.organization)
          .At(change.address)
          .output.push_back(absl::StrCat("to ", Word(change.action), ": ",
                                         Explain(change.reason),
                                         Place(change.where)));
    }
    for (const Change& change : plan.left_out) {
      Of(change.organization).At(change.address).skipped =
          "left out by --target";
    }
    for (const Issue& issue : IssuesOf(plan)) Judge(issue);
    FailIfIncomplete();
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
  static constexpr size_t kWhole = 0;
  static constexpr size_t kRules = 1;

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

  // As the command does then, which ends with an error.
  void FailIfIncomplete() {
    if (plan_.complete()) return;
    const auto undecided =
        static_cast<long long>(plan_.changes.deferred.size());
    suites_[kWhole]
        .At(kWholePlan)
        .failures.push_back(
            {Issue::Level::kError, kUndecidedRule, "", "",
             absl::StrCat("the plan is incomplete: ", Count(undecided, "token"),
                          " could not be decided"),
             "", SourceLocation()});
  }

  // The case of the rule, if it has one.
  Case* RuleCase(const std::string& rule) {
    if (plan_.rules.empty()) return nullptr;
    const auto found = suites_[kRules].by_name.find(rule);
    if (found == suites_[kRules].by_name.end()) return nullptr;
    return &suites_[kRules].cases[found->second];
  }

  static void Tell(const Issue& issue, Case& test) {
    switch (issue.level) {
      case Issue::Level::kError:
        test.failures.push_back(issue);
        break;
      case Issue::Level::kWarning:
        test.warnings.push_back(issue);
        break;
      case Issue::Level::kNotice:
        test.output.push_back(WithRule(issue));
        break;
    }
  }

  // Each finding fails its rule and its token: a test tab is read both ways.
  // An error fails the plan as a whole, too, since the command ends with one.
  void Judge(const Issue& issue) {
    const bool whole = issue.address.empty() || issue.organization.empty();
    // The command does not fail for it, but somebody has to see to the token.
    if (issue.rule == kEndingRule) {
      return Of(issue.organization).At(issue.address).failures.push_back(issue);
    }
    const bool error = issue.level == Issue::Level::kError;
    if (error) suites_[kWhole].At(kWholePlan).failures.push_back(issue);
    Case* const rule = RuleCase(issue.rule);
    if (rule != nullptr) Tell(issue, *rule);
    if (whole && (rule != nullptr || error)) return;
    Case& test = whole ? suites_[kWhole].At(kWholePlan)
                       : Of(issue.organization).At(issue.address);
    if (issue.rule == kUndecidedRule && !whole) {
      test.skipped = issue.what;
    } else if (MustBeShown(issue)) {
      test.attention.push_back(WithRule(issue));
    } else {
      Tell(issue, test);
    }
  }

  const Plan& plan_;
  std::vector<Suite> suites_;
  std::map<std::string, size_t> by_organization_;
};

}  // namespace

std::string RenderPlanJunit(const Plan& plan) { return Report(plan).Text(); }

}  // namespace patform
