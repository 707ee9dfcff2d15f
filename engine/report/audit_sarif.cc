#include "engine/report/audit_sarif.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/policy/rule_info.h"
#include "engine/report/issues.h"
#include "engine/report/sarif_writer.h"

namespace patform {
namespace {

// From here on a risk is worth a warning by itself.
constexpr int kWarningPoints = 30;
// Where the risks are explained.
constexpr char kAuditPage[] = "examples/README.md#audit";

std::string Sentence(const std::string& subject, const std::string& what,
                     const std::string& fix) {
  return absl::StrCat(subject, subject.empty() ? "" : " ", what,
                      ". To fix it: ", fix, ".");
}

}  // namespace

std::string RenderAuditSarif(const AuditReport& report) {
  std::vector<SarifResult> results;
  for (const Finding& finding : report.findings) {
    SarifResult result;
    result.rule = finding.rule;
    result.description = DescribeRule(finding.rule);
    result.why = WhyOf(finding.rule);
    result.page = PageOf(finding.rule);
    result.level = Word(finding.severity);
    result.message = Sentence(finding.address, finding.what, finding.fix);
    result.address = finding.address;
    result.where = finding.where;
    results.push_back(std::move(result));
  }
  for (const AuditedToken& audited : report.tokens) {
    const std::string& name = audited.token.display_name;
    for (const TokenRisk& risk : audited.risks) {
      SarifResult result;
      result.rule = Word(risk.risk);
      result.description = absl::StrCat(InfoOf(risk.risk).why, ".");
      result.page = kAuditPage;
      result.level =
          InfoOf(risk.risk).points >= kWarningPoints ? "warning" : "note";
      result.message = Sentence(
          absl::StrCat(audited.address.empty() ? name : audited.address, " (",
                       audited.token.id.Short(), ", ", audited.organization,
                       ")"),
          risk.what, InfoOf(risk.risk).fix);
      // With the id: names of tokens are not unique.
      result.address =
          absl::StrCat(audited.organization, "/", audited.token.id.ToString());
      result.where = audited.where;
      results.push_back(std::move(result));
    }
  }
  return WriteSarif(results, {{"as_of", FormatInstant(report.as_of)},
                              {"workspace", report.workspace}});
}

}  // namespace patform
