#include "engine/cli/output.h"

#include <optional>

#include "engine/base/wrap.h"
#include "engine/cli/failure.h"
#include "engine/report/events.h"
#include "engine/report/formats.h"

namespace patform::cli {
namespace {

bool IsSet(const Ports& ports, const char* name) {
  const std::optional<std::string> value = ports.environment(name);
  return value && !value->empty();
}

}  // namespace

Style StyleFor(const Arguments& arguments, const Ports& ports,
               bool is_terminal) {
  if (arguments.no_color || IsSet(ports, "NO_COLOR")) return Style(false);
  if (IsSet(ports, "FORCE_COLOR") || IsSet(ports, "CLICOLOR_FORCE")) {
    return Style(true);
  }
  if (ports.environment("TERM") == "dumb") return Style(false);
  return Style(is_terminal);
}

std::string ForTerminal(const Ports& ports, std::string text) {
  if (!ports.terminal->out_is_terminal) return text;
  return Wrapped(text, ports.terminal->columns, 2);
}

void Say(const Arguments& arguments, Ports& ports,
         const std::vector<Diagnostic>& diagnostics) {
  ports.terminal->err << Render(diagnostics);
  ports.terminal->out << RenderProblemsAs(arguments.format, diagnostics);
  if (!arguments.json) return;
  for (const Diagnostic& diagnostic : diagnostics) {
    ports.terminal->out << RenderDiagnosticEvent(diagnostic,
                                                 ports.clock->Now());
  }
}

std::string RenderAs(const Arguments& arguments, const Ports& ports,
                     const Plan& plan) {
  std::string text =
      RenderPlanAs(arguments.format, plan,
                   StyleFor(arguments, ports, ports.terminal->out_is_terminal));
  if (arguments.format != "text") return text;
  return ForTerminal(ports, std::move(text));
}

absl::Status WriteViews(const Arguments& arguments, Ports& ports,
                        const Plan& plan) {
  for (const View& view : arguments.into) {
    // A file is never coloured, whatever the terminal is.
    const absl::Status status = WriteFile(
        ports, view.path, RenderPlanAs(view.format, plan, Style(false)));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status WriteFile(Ports& ports, const std::string& path,
                       const std::string& text) {
  absl::Status status;
  Whole(ports, [&] { status = ports.files->Replace(path, text); });
  return OfFile(status);
}

void Whole(Ports& ports, absl::FunctionRef<void()> write) {
  ports.run->EndAtSignal(false);
  write();
  ports.run->EndAtSignal(true);
}

ExitCode PlanExitCode(const Plan& plan) {
  // The wrong user is one of the findings, and the one to report first: no
  // policy can be judged for somebody else.
  for (const Finding& finding : plan.findings) {
    if (finding.rule == kWrongUser || finding.rule == kSameUser) {
      return kSignIn;
    }
  }
  if (HasErrors(plan.findings)) return kPolicy;
  if (!plan.complete()) return kIncomplete;
  return kDone;
}

ExitCode PlanExitCode(const Arguments& arguments, const Plan& plan) {
  const ExitCode code = PlanExitCode(plan);
  // Anything worse says more than that there are changes.
  if (code == kDone && arguments.detailed_exitcode && !plan.empty()) {
    return kChanges;
  }
  return code;
}

}  // namespace patform::cli
