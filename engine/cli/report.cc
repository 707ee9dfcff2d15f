#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/cli/command.h"
#include "engine/cli/flags.h"
#include "engine/cli/output.h"
#include "engine/cli/status.h"

namespace patform::cli {
namespace {

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  PATFORM_ASSIGN_OR_RETURN(const StatusReport report,
                           StatusFor(arguments, ports));
  const std::string text = RenderStatusAs(arguments.format, report);
  if (arguments.out.empty()) {
    ports.terminal->out << text;
    return StatusExitCode(arguments, report);
  }
  // Even of a status that is incomplete: the page tells that.
  PATFORM_RETURN_IF_ERROR(WriteFile(ports, arguments.out, text));
  if (!arguments.quiet) {
    ports.terminal->err << "Wrote the report of "
                        << Count(static_cast<int64_t>(report.tokens.size()),
                                 "token")
                        << " to " << Visible(arguments.out) << ".\n";
  }
  return StatusExitCode(arguments, report);
}

}  // namespace

Command ReportCommand() {
  return {
      .name = "report",
      .what = "Write a page for people: what lives, what ends, what is to do",
      .example =
          "patform report --out report.html\n"
          "  patform report --out report.html --within 30d\n"
          "  patform report --format ics --out patform.ics\n"
          "  patform report --out report.html --snapshot world.json   # no "
          "network",
      .arguments = StatusArguments(),
      .flags =
          Join({StatusFlags(),
                {SnapshotFlag(),
                 FormatFlag({"html", "json", "ics"},
                            "html (default): one file for a browser, which "
                            "loads nothing; json; or ics: a calendar of what "
                            "a person must do"),
                 OutFlag("the file to write (default: standard output)")}}),
      .run = Run,
      .only_reads = true};
}

}  // namespace patform::cli
