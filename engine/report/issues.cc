#include "engine/report/issues.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/policy/guards.h"
#include "engine/policy/rule_info.h"
#include "engine/report/attention.h"
#include "engine/report/ending.h"

namespace patform {
namespace {

struct RuleText {
  const char* rule;
  const char* description;
};

// For what is not a rule of the policy.
constexpr RuleText kOthers[] = {
    {kEndingRule,
     "A token that nothing renews is seen to by a person before it ends."},
    {kUndecidedRule,
     "What could not be read or decided makes the plan incomplete."},
    {kRevocationRule, "A token ends, and whoever uses its secret is cut off."},
    {kWideningRule, "A token can do more, lives longer, or is new."},
    {kMoveRule,
     "A secret goes to another place, or a token gets another name."},
    {kNoteRule, "Worth knowing; there is nothing to do."},
    {kConfigurationRule, "The configuration is one that can be read."},
};

constexpr WordFor<Attention::Kind> kRuleOf[] = {
    {Attention::Kind::kEnds, kRevocationRule},
    {Attention::Kind::kWidens, kWideningRule},
    {Attention::Kind::kMoves, kMoveRule}};
static_assert(AllInOrder(kRuleOf, Attention::Kind::kMoves));

const char* RuleOf(Attention::Kind kind) {
  return kRuleOf[static_cast<size_t>(kind)].word;
}

Issue::Level LevelOf(Severity severity) {
  return severity == Severity::kError ? Issue::Level::kError
                                      : Issue::Level::kWarning;
}

// Where the token of an address is, as far as the plan knows.
// emplace(), so that the first wins: an address has one organization, and a
// change knows it better than what is only deferred.
std::map<std::string, std::string> Organizations(const Plan& plan) {
  std::map<std::string, std::string> organizations;
  for (const Change& change : plan.changes.changes) {
    organizations.emplace(change.address, change.organization);
  }
  for (const Change& change : plan.left_out) {
    organizations.emplace(change.address, change.organization);
  }
  for (const Deferred& deferred : plan.changes.deferred) {
    organizations.emplace(deferred.address, deferred.organization);
  }
  return organizations;
}

// What concerns no token stands for itself.
std::string Sentence(const std::string& address, const std::string& what) {
  return address.empty() ? what : absl::StrCat(address, " ", what);
}

}  // namespace

std::vector<Issue> IssuesOf(const Plan& plan) {
  const std::map<std::string, std::string> organizations = Organizations(plan);
  const auto organization = [&](const std::string& address) {
    const auto found = organizations.find(address);
    if (found != organizations.end()) return found->second;
    // A finding about a token that does not change: where there is one
    // organization it can only be that.
    const bool only = !address.empty() && plan.organizations.size() == 1;
    return only ? plan.organizations.front() : "";
  };
  std::vector<Issue> issues;
  for (const Finding& finding : plan.findings) {
    issues.push_back({LevelOf(finding.severity), finding.rule, finding.address,
                      organization(finding.address),
                      Sentence(finding.address, finding.what), finding.fix,
                      finding.where});
  }
  // Right behind what the policy says: it is the outage of next week.
  for (const Unrenewed& token : ShownOf(plan.changes.unrenewed, plan.as_of)) {
    issues.push_back({Issue::Level::kWarning, kEndingRule, token.address,
                      token.organization,
                      Sentence(token.address, EndsText(token, plan.as_of)),
                      RowOf(token.why).fix, token.where});
  }
  for (const Deferred& deferred : plan.changes.deferred) {
    issues.push_back({Issue::Level::kWarning, kUndecidedRule, deferred.address,
                      deferred.organization,
                      absl::StrCat(deferred.address,
                                   " is undecided: ", deferred.explanation),
                      "", deferred.where});
  }
  for (const Change& change : plan.changes.changes) {
    for (const Attention& each : AttentionOf(change, plan.as_of)) {
      // Whoever uses a token that ends is cut off; the rest is for reading.
      const bool ends = each.kind == Attention::Kind::kEnds;
      issues.push_back({ends ? Issue::Level::kWarning : Issue::Level::kNotice,
                        RuleOf(each.kind), change.address, change.organization,
                        Sentence(change.address, each.what), "", change.where});
    }
  }
  for (const Note& note : plan.changes.notes) {
    issues.push_back({Issue::Level::kNotice, kNoteRule, note.address,
                      organization(note.address),
                      absl::StrCat(note.address, ": ", note.text), "",
                      SourceLocation()});
  }
  // Readers of these formats cut long lists off at their end.
  std::stable_sort(
      issues.begin(), issues.end(),
      [](const Issue& a, const Issue& b) { return a.level < b.level; });
  return issues;
}

std::vector<Issue> IssuesOf(const std::vector<Diagnostic>& diagnostics) {
  std::vector<Issue> issues;
  for (const Diagnostic& diagnostic : diagnostics) {
    Issue issue;
    // Both enums begin with errors and go on with warnings.
    issue.level = static_cast<Issue::Level>(diagnostic.severity);
    issue.rule = kConfigurationRule;
    issue.what = diagnostic.summary;
    // One line: annotations of a CI have no more.
    issue.fix = absl::StrReplaceAll(diagnostic.detail, {{"\n", "; "}});
    issue.where = diagnostic.where;
    issues.push_back(std::move(issue));
  }
  std::stable_sort(
      issues.begin(), issues.end(),
      [](const Issue& a, const Issue& b) { return a.level < b.level; });
  return issues;
}

bool MustBeShown(const Issue& issue) {
  return issue.rule == kRevocationRule || issue.rule == kWideningRule ||
         issue.rule == kMoveRule;
}

std::string DescribeRule(const std::string& rule) {
  if (const RuleInfo* info = FindRule(rule)) return info->what;
  for (const RuleText& text : kOthers) {
    if (rule == text.rule) return text.description;
  }
  return "";
}

std::string PageOf(const std::string& rule) {
  constexpr std::string_view kGuards[] = {kMaxRevocations,    kPreventRevoke,
                                          kWrongUser,         kSameUser,
                                          kWrongOrganization, kEmptyList};
  // Where nothing more is written about a rule there is the page on views.
  const char* heading = "one-plan-many-views";
  if (FindRule(rule) != nullptr) heading = "rules";
  if (std::find(std::begin(kGuards), std::end(kGuards), rule) !=
      std::end(kGuards)) {
    heading = "guards";
  }
  return absl::StrCat("schemas/README.md#", heading);
}

}  // namespace patform
