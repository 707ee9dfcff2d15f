#include "engine/inquiry/audit.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/diagnostic.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/cli/command.h"
#include "engine/cli/failure.h"
#include "engine/cli/flags.h"
#include "engine/cli/output.h"
#include "engine/cli/planning.h"
#include "engine/report/audit_json.h"
#include "engine/report/audit_sarif.h"
#include "engine/report/audit_text.h"
#include "engine/saved/load.h"

namespace patform::cli {
namespace {

ExitCode ExitCodeOf(const Arguments& arguments, const AuditReport& report) {
  // The same order as a plan's: what is broken counts for more than what could
  // not be read, and both for more than risks, which there nearly always are.
  if (HasErrors(report.findings)) return kPolicy;
  if (!report.complete) return kIncomplete;
  const bool clean =
      report.findings.empty() && report.CountOf(RiskLevel::kNone) ==
                                     static_cast<int>(report.tokens.size());
  return arguments.detailed_exitcode && !clean ? kChanges : kDone;
}

absl::StatusOr<ActualState> TokensInSnapshot(
    Ports& ports, const PipelineRequest& request,
    const std::vector<std::string>& organizations) {
  PATFORM_ASSIGN_OR_RETURN(ActualState snapshot,
                           LoadSnapshot(ports, request.snapshot));
  for (const std::string& name : organizations) {
    const bool held = std::any_of(
        snapshot.organizations.begin(), snapshot.organizations.end(),
        [&](const auto& each) { return each.first.organization == name; });
    if (held) continue;
    // An empty list would read as an organization without risks.
    return IncompleteError(absl::StrCat(
        "the snapshot does not hold the organization \"", name, "\""));
  }
  // Others would be ranked as well, and nobody asked about them.
  std::erase_if(snapshot.organizations, [&](const auto& each) {
    return std::find(organizations.begin(), organizations.end(),
                     each.first.organization) == organizations.end();
  });
  return snapshot;
}

// Without a configuration there is a policy file at most.
absl::StatusOr<AuditReport> AuditOrganizations(const Arguments& arguments,
                                               Ports& ports,
                                               PipelineRequest request) {
  DesiredState desired;
  if (!request.policy.empty()) {
    // Empty: the policy alone is read, and no file that declares tokens.
    request.config.clear();
    std::vector<Diagnostic> diagnostics;
    absl::StatusOr<DesiredState> read =
        LoadDesired(ports, request, diagnostics);
    ports.terminal->err << Render(diagnostics);
    if (!read.ok()) return read.status();
    desired = *std::move(read);
  }
  const bool from_file = !request.snapshot.empty();
  // The tokens are listed for nobody's configuration: what the policy declares
  // must not change whose they are.
  PATFORM_ASSIGN_OR_RETURN(
      const ActualState actual,
      from_file ? TokensInSnapshot(ports, request, arguments.organizations)
                : ListTokens(arguments, ports, request, DesiredState(),
                             {arguments.organizations.begin(),
                              arguments.organizations.end()}));
  AuditReport report = MakeAudit(desired, actual, nullptr, request.now);
  if (from_file) report.snapshot_taken_at = actual.taken_at;
  return report;
}

absl::StatusOr<AuditReport> AuditConfiguration(const Arguments& arguments,
                                               Ports& ports,
                                               const PipelineRequest& request) {
  PATFORM_ASSIGN_OR_RETURN(Planned planned,
                           MakePlan(arguments, ports, request));
  std::erase_if(planned.actual.organizations, [&](const auto& each) {
    return Chosen(arguments, {each.first}).empty();
  });
  return MakeAudit(planned.desired, planned.actual, &planned.plan,
                   planned.plan.as_of);
}

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  PipelineRequest request = RequestOf(arguments, ports);
  if (!arguments.organizations.empty() && !arguments.identities.empty()) {
    return UsageError(
        "--identity does not go with --organization, which reads no "
        "configuration. Leave one of them out");
  }
  // What becomes of one token may hang on another: the plan is made for all,
  // the answer is narrowed.
  request.plan.targets.clear();
  PATFORM_ASSIGN_OR_RETURN(const AuditReport report,
                           arguments.organizations.empty()
                               ? AuditConfiguration(arguments, ports, request)
                               : AuditOrganizations(arguments, ports, request));
  if (arguments.format == "json") {
    ports.terminal->out << RenderAuditJson(report);
  } else if (arguments.format == "sarif") {
    ports.terminal->out << RenderAuditSarif(report);
  } else {
    ports.terminal->out << ForTerminal(
        ports, RenderAudit(report, StyleFor(arguments, ports,
                                            ports.terminal->out_is_terminal)));
  }
  return ExitCodeOf(arguments, report);
}

}  // namespace

Command AuditCommand() {
  return {
      .name = "audit",
      .what = "Rank all tokens of the user by risk, declared or not",
      .example =
          "patform audit\n"
          "  patform audit --organization contoso   # without a configuration\n"
          "  patform audit --format json | jq .summary\n"
          "  patform audit --detailed-exitcode   # 2: there are risks",
      .flags =
          Join({ConnectionFlags(),
                {SnapshotFlag(),
                 {.names = "--organization",
                  .value = "NAME",
                  .help = "look at this organization and read no configuration "
                          "(repeatable)",
                  .target = &Arguments::organizations},
                 IdentityFlag("only the tokens of [identity.NAME] "
                              "(repeatable)"),
                 FormatFlag({"text", "json", "sarif"},
                            "text (default), json or sarif"),
                 DetailedExitCodeFlag("exit with 2 when there are risks"),
                 NowFlag()}}),
      .run = Run,
      .only_reads = true};
}

}  // namespace patform::cli
