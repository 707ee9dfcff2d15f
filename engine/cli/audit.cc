#include "engine/inquiry/audit.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/diagnostic.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/cli/cli.h"
#include "engine/report/audit_json.h"
#include "engine/report/audit_sarif.h"
#include "engine/report/audit_text.h"

namespace patform::cli {
namespace {

int ExitCodeOf(const Arguments& arguments, const AuditReport& report) {
  if (HasErrors(report.findings)) return kPolicy;
  if (!report.complete) return kIncomplete;
  const bool clean =
      report.findings.empty() && report.CountOf(RiskLevel::kNone) ==
                                     static_cast<int>(report.tokens.size());
  return arguments.detailed_exitcode && !clean ? kChanges : kDone;
}

absl::StatusOr<ActualState> TokensInSnapshot(
    World& world, const PipelineRequest& request,
    const std::vector<std::string>& organizations) {
  PATFORM_ASSIGN_OR_RETURN(ActualState snapshot,
                           LoadSnapshot(world, request.snapshot));
  for (const std::string& name : organizations) {
    if (snapshot.organizations.count(name) > 0) continue;
    return IncompleteError(absl::StrCat(
        "the snapshot does not hold the organization \"", name, "\""));
  }
  std::erase_if(snapshot.organizations, [&](const auto& each) {
    return std::find(organizations.begin(), organizations.end(), each.first) ==
           organizations.end();
  });
  return snapshot;
}

// Without a configuration there is a policy file at most.
std::optional<AuditReport> AuditOrganizations(const Arguments& arguments,
                                              World& world,
                                              PipelineRequest request,
                                              int& exit_code) {
  DesiredState desired;
  if (!request.policy.empty()) {
    request.config.clear();
    std::vector<Diagnostic> diagnostics;
    absl::StatusOr<DesiredState> read =
        LoadDesired(world, request, diagnostics);
    *world.err << Render(diagnostics);
    if (!read.ok()) {
      exit_code = Fail(world, read.status());
      return std::nullopt;
    }
    desired = *std::move(read);
  }
  const bool from_file = !request.snapshot.empty();
  const absl::StatusOr<ActualState> actual =
      from_file ? TokensInSnapshot(world, request, arguments.organizations)
                : ListTokens(arguments, world, request, DesiredState(),
                             arguments.organizations);
  if (!actual.ok()) {
    exit_code = Fail(world, actual.status());
    return std::nullopt;
  }
  AuditReport report = MakeAudit(desired, *actual, nullptr, request.now);
  if (from_file) report.snapshot_taken_at = actual->taken_at;
  return report;
}

}  // namespace

int Audit(const Arguments& arguments, World& world) {
  const PipelineRequest request = RequestOf(arguments, world);
  int exit_code = kDone;
  std::optional<AuditReport> report;
  if (!arguments.organizations.empty()) {
    report = AuditOrganizations(arguments, world, request, exit_code);
    if (!report) return exit_code;
  } else {
    const std::optional<Planned> planned =
        PlanOrSay(arguments, world, request, exit_code);
    if (!planned) return exit_code;
    report = MakeAudit(planned->desired, planned->actual, &planned->plan,
                       planned->plan.as_of);
  }
  if (arguments.format == "json") {
    *world.out << RenderAuditJson(*report);
  } else if (arguments.format == "sarif") {
    *world.out << RenderAuditSarif(*report);
  } else {
    *world.out << RenderAudit(
        *report, StyleFor(arguments, world, world.out_is_terminal));
  }
  return ExitCodeOf(arguments, *report);
}

}  // namespace patform::cli
