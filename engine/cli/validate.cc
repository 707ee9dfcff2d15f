#include "absl/strings/str_cat.h"
#include "engine/base/diagnostic.h"
#include "engine/base/strings.h"
#include "engine/cli/cli.h"
#include "engine/policy/rules.h"

namespace patform::cli {

int Validate(const Arguments& arguments, World& world) {
  const PipelineRequest request = RequestOf(arguments, world);
  std::vector<Diagnostic> diagnostics;
  const absl::StatusOr<DesiredState> desired =
      LoadDesired(world, request, diagnostics);
  *world.err << Render(diagnostics);
  if (!desired.ok()) return Fail(world, desired.status());
  const std::vector<Finding> findings = CheckDesired(*desired, request.now);
  std::vector<Diagnostic> broken;
  for (const Finding& finding : findings) {
    Diagnostic d;
    if (finding.severity == Severity::kWarning) {
      d.severity = Diagnostic::Severity::kWarning;
    }
    d.where = finding.where;
    // The text of the line is not at hand here; the place is enough.
    d.where.line = 0;
    d.summary = absl::StrCat(
        finding.where.line > 0 ? absl::StrCat("line ", finding.where.line, ": ")
                               : "",
        finding.address, finding.address.empty() ? "" : " ", finding.what, " (",
        finding.rule, ")");
    d.detail =
        absl::StrCat(finding.fix, "\n(", AbslView(WhyOf(finding.rule)), ")");
    broken.push_back(std::move(d));
  }
  *world.err << Render(broken);
  if (HasErrors(findings)) return kPolicy;
  *world.out << "The configuration is valid: "
             << Count(static_cast<int>(desired->tokens.size()), "token") << ", "
             << Count(static_cast<int>(desired->sinks.size()), "sink") << ", "
             << Count(static_cast<int>(desired->files.size()), "file") << ".\n";
  return kDone;
}

}  // namespace patform::cli
