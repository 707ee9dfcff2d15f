#include "engine/report/findings_text.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "engine/policy/rule_info.h"

namespace patform {
namespace {

auto Place(const Finding* finding) {
  return std::tie(finding->where.file, finding->where.line,
                  finding->where.column, finding->address);
}

bool SameGroup(const Finding* a, const Finding* b) {
  return a->severity == b->severity && a->rule == b->rule;
}

// Sorted: by severity, then by the first place of a rule, then by place.
std::vector<const Finding*> Sorted(std::vector<const Finding*> findings) {
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding* a, const Finding* b) {
                     if (a->severity != b->severity) {
                       return a->severity == Severity::kError;
                     }
                     return Place(a) < Place(b);
                   });
  std::vector<const Finding*> grouped;
  for (const Finding* first : findings) {
    if (std::find(grouped.begin(), grouped.end(), first) != grouped.end()) {
      continue;
    }
    for (const Finding* each : findings) {
      if (SameGroup(first, each)) grouped.push_back(each);
    }
  }
  return grouped;
}

std::string Line(const Finding& finding) {
  std::string line = "    ";
  if (!finding.where.file.empty()) {
    // Together: a file that is called ":" would begin what a CI obeys.
    absl::StrAppend(
        &line,
        Visible(absl::StrCat(finding.where.file, ":", finding.where.line)),
        ": ");
  }
  return absl::StrCat(line, Visible(finding.address),
                      finding.address.empty() ? "" : " ", Visible(finding.what),
                      "\n");
}

}  // namespace

std::string RenderFindings(const std::vector<const Finding*>& findings,
                           const std::map<std::string, int>& omitted,
                           const Style& style) {
  std::string text;
  const std::vector<const Finding*> sorted = Sorted(findings);
  for (size_t i = 0; i < sorted.size(); ++i) {
    const Finding& finding = *sorted[i];
    const bool error = finding.severity == Severity::kError;
    if (i == 0 || !SameGroup(sorted[i - 1], &finding)) {
      absl::StrAppend(&text,
                      error ? style.Red("Error") : style.Yellow("Warning"), " ",
                      Visible(finding.rule), ": ", WhyOf(finding.rule), "\n");
    }
    text += Line(finding);
    const bool last =
        i + 1 == sorted.size() || !SameGroup(sorted[i + 1], &finding);
    // What mends several of them is told once.
    if (last || sorted[i + 1]->fix != finding.fix) {
      absl::StrAppend(&text, "      fix: ", Visible(finding.fix), "\n");
    }
    const auto more = omitted.find(finding.rule);
    if (last && !error && more != omitted.end()) {
      absl::StrAppend(&text, "    … and ", more->second,
                      " more; --json has all of them\n");
    }
  }
  return text;
}

std::string CountFindings(const std::vector<Finding>& findings) {
  const auto errors = std::count_if(
      findings.begin(), findings.end(),
      [](const Finding& f) { return f.severity == Severity::kError; });
  const auto warnings = static_cast<long long>(findings.size()) - errors;
  if (errors == 0) return warnings == 0 ? "" : Count(warnings, "warning");
  if (warnings == 0) return Count(errors, "error");
  return absl::StrCat(Count(errors, "error"), " and ",
                      Count(warnings, "warning"));
}

}  // namespace patform
