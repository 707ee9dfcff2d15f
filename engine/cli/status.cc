#include "engine/cli/status.h"

#include <optional>
#include <string_view>
#include <utility>

#include "engine/base/duration.h"
#include "engine/base/status.h"
#include "engine/cli/command.h"
#include "engine/cli/flags.h"
#include "engine/cli/metrics.h"
#include "engine/cli/output.h"
#include "engine/cli/planning.h"
#include "engine/report/calendar.h"
#include "engine/report/page/status_page.h"
#include "engine/report/status_json.h"
#include "engine/report/status_text.h"

namespace patform::cli {
namespace {

// The tokens that can be asked for: those that are no longer declared as well.
std::vector<std::string> KnownNames(const DesiredState& desired,
                                    const StatusReport& report) {
  std::vector<std::string> names = DeclaredNames(desired);
  for (const TokenStatus& token : report.tokens) {
    names.push_back(token.name);
    names.push_back(token.address);
  }
  return names;
}

bool IsDuration(std::string_view text) { return ParseDuration(text).ok(); }

std::optional<absl::Duration> WithinOf(const Arguments& arguments) {
  if (arguments.within.empty()) return std::nullopt;
  return *ParseDuration(arguments.within);  // IsDuration()
}

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  PATFORM_RETURN_IF_ERROR(CheckMetrics(arguments, ports));
  PATFORM_ASSIGN_OR_RETURN(const StatusReport report,
                           StatusFor(arguments, ports));
  if (arguments.format == "text") {
    const Style style =
        StyleFor(arguments, ports, ports.terminal->out_is_terminal);
    ports.terminal->out << ForTerminal(ports, RenderStatus(report, style));
  } else {
    ports.terminal->out << RenderStatusAs(arguments.format, report);
  }
  PATFORM_RETURN_IF_ERROR(WriteMetrics(arguments, ports, report));
  return StatusExitCode(arguments, report);
}

}  // namespace

std::vector<Flag> StatusArguments() {
  return {{.value = "NAME",
           .help = "the same as --target for each",
           .target = &Arguments::targets}};
}

std::vector<Flag> StatusFlags() {
  return Join(
      {ConnectionFlags(),
       {TargetFlag(),
        IdentityFlag("limit to the tokens of [identity.NAME] (repeatable)"),
        {.names = "--within",
         .value = "SPAN",
         .help = "show what ends in this time and nothing renews, such as 14d "
                 "(default: 7d, or the token's rotate_before)",
         .target = &Arguments::within,
         .valid = IsDuration,
         .expected = "a duration such as 14d"},
        DetailedExitCodeFlag(
            "exit with 2 when a token ends and nothing renews it"),
        NowFlag()}});
}

absl::StatusOr<StatusReport> StatusFor(const Arguments& arguments,
                                       Ports& ports) {
  PipelineRequest request = RequestOf(arguments, ports);
  // What becomes of one token may hang on another: the plan is made for all,
  // the answer is narrowed.
  const std::vector<std::string> targets = std::move(request.plan.targets);
  request.plan.targets.clear();
  PATFORM_ASSIGN_OR_RETURN(Planned made, MakePlan(arguments, ports, request));
  const Planned& planned = Kept(std::move(made));
  StatusReport report = MakeStatus(planned.desired, planned.actual,
                                   planned.plan, targets, WithinOf(arguments));
  PATFORM_RETURN_IF_ERROR(
      CheckTargets(arguments.targets, KnownNames(planned.desired, report)));
  return report;
}

std::string RenderStatusAs(std::string_view format,
                           const StatusReport& report) {
  if (format == "json") return RenderStatusJson(report);
  if (format == "ics") return RenderCalendar(report);
  return RenderStatusPage(report);
}

ExitCode StatusExitCode(const Arguments& arguments,
                        const StatusReport& report) {
  if (!report.complete) return kIncomplete;
  return arguments.detailed_exitcode && !report.ending.empty() ? kChanges
                                                               : kDone;
}

Command StatusCommand() {
  return {
      .name = "status",
      .what = "List what lives: each token's generations and their places",
      .example =
          "patform status\n"
          "  patform status ci-packaging\n"
          "  patform status --format json | jq .summary\n"
          "  patform status --format html >status.html   # as `report` does\n"
          "  patform status --format ics >patform.ics\n"
          "  patform status --within 14d --detailed-exitcode   # 2: some end\n"
          "  patform status --metrics /var/lib/node-exporter/patform.prom",
      .arguments = StatusArguments(),
      .flags = Join({StatusFlags(),
                     {FormatFlag({"text", "json", "html", "ics"},
                                 "text (default), json, html, or ics: a "
                                 "calendar of what a person must do")},
                     StatusMetricsFlags()}),
      .run = Run,
      .only_reads = true};
}

}  // namespace patform::cli
