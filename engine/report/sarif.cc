#include "engine/report/sarif.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/policy/rule_info.h"
#include "engine/report/issues.h"
#include "engine/report/sarif_writer.h"

namespace patform {

std::string RenderPlanSarif(const Plan& plan) {
  std::vector<SarifResult> results;
  for (const Issue& issue : IssuesOf(plan)) {
    if (issue.level == Issue::Level::kNotice && !MustBeShown(issue)) continue;
    SarifResult result;
    result.rule = issue.rule;
    result.description = DescribeRule(issue.rule);
    result.why = WhyOf(issue.rule);
    result.page = PageOf(issue.rule);
    result.level = issue.level == Issue::Level::kError     ? "error"
                   : issue.level == Issue::Level::kWarning ? "warning"
                                                           : "note";
    result.message = issue.what + ".";
    if (!issue.fix.empty()) {
      absl::StrAppend(&result.message, " To fix it: ", issue.fix, ".");
    }
    result.address = issue.address;
    result.where = issue.where;
    results.push_back(result);
  }
  std::map<std::string, std::string> properties = {
      {"as_of", FormatInstant(plan.as_of)},
      {"digest", plan.digest},
      {"workspace", plan.workspace}};
  if (plan.signature != Plan::Signature::kNoFile) {
    properties["signed"] =
        plan.signature == Plan::Signature::kGood ? "true" : "false";
  }
  return WriteSarif(results, properties);
}

}  // namespace patform
