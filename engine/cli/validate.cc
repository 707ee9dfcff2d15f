#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/diagnostic.h"
#include "engine/base/strings.h"
#include "engine/cli/command.h"
#include "engine/cli/flags.h"
#include "engine/cli/output.h"
#include "engine/cli/planning.h"
#include "engine/desired/read_desired.h"
#include "engine/policy/rule_info.h"
#include "engine/policy/rules.h"
#include "engine/report/answer.h"

namespace patform::cli {
namespace {

// A rule that every token breaks would bury what else is wrong.
constexpr size_t kMostShown = 200;

// Broken rules as what is wrong with the file: they can be mended where it is
// written.
std::vector<Diagnostic> DiagnosticsOf(const std::vector<Finding>& findings) {
  std::vector<Diagnostic> broken;
  for (const Finding& finding : findings) {
    if (broken.size() == kMostShown) {
      Diagnostic more;
      more.summary = absl::StrCat("and ", findings.size() - kMostShown,
                                  " more broken rules");
      // As bad as the worst of what it replaces may be.
      if (!HasErrors(findings)) more.severity = Diagnostic::Severity::kWarning;
      broken.push_back(std::move(more));
      break;
    }
    Diagnostic d;
    if (finding.severity == Severity::kWarning) {
      d.severity = Diagnostic::Severity::kWarning;
    }
    d.where = finding.where;
    d.summary =
        absl::StrCat(finding.address, finding.address.empty() ? "" : " ",
                     finding.what, " (", finding.rule, ")");
    d.detail = absl::StrCat(finding.fix, "\n(", WhyOf(finding.rule), ")");
    broken.push_back(std::move(d));
  }
  return broken;
}

// The whole answer for programs; `desired`: null where it is not valid.
std::string Json(const std::vector<Diagnostic>& diagnostics,
                 const DesiredState* desired) {
  std::vector<Answer> answers;
  int errors = 0, warnings = 0;
  for (const Diagnostic& diagnostic : diagnostics) {
    answers.push_back(AnswerOf(diagnostic));
    errors += diagnostic.severity == Diagnostic::Severity::kError;
    warnings += diagnostic.severity == Diagnostic::Severity::kWarning;
  }
  Answer answer;
  answer.Flag("valid", errors == 0 && desired != nullptr)
      .Number("errors", errors)
      .Number("warnings", warnings);
  if (desired != nullptr) {
    answer.Number("tokens", static_cast<int64_t>(desired->tokens.size()))
        .Number("sinks", static_cast<int64_t>(desired->sinks.size()))
        .Number("files", static_cast<int64_t>(desired->files.size()));
  }
  return answer.List("diagnostics", answers).Line();
}

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  const PipelineRequest request = RequestOf(arguments, ports);
  const bool json = arguments.format == "json";
  std::vector<Diagnostic> diagnostics;
  const absl::StatusOr<DesiredState> desired =
      LoadDesired(ports, request, diagnostics);
  // Warnings are worth reading although the file is valid.
  Say(arguments, ports, diagnostics);
  if (!desired.ok()) {
    if (json) ports.terminal->out << Json(diagnostics, nullptr);
    return desired.status();
  }
  const std::vector<Finding> findings = CheckDesired(*desired, request.now);
  std::vector<Diagnostic> broken = DiagnosticsOf(findings);
  // The places of findings are below the folder of the main file; that of
  // "/patform.toml" is "/".
  const std::string& main = desired->files.front();
  FillSourceLines(*ports.files,
                  main.find('/') == std::string::npos
                      ? ""
                      : main.substr(0, std::max<size_t>(1, main.rfind('/'))),
                  request.policy, broken);
  Say(arguments, ports, broken);
  if (json) {
    diagnostics.insert(diagnostics.end(), broken.begin(), broken.end());
    ports.terminal->out << Json(diagnostics, &*desired);
    return HasErrors(findings) ? kPolicy : kDone;
  }
  if (HasErrors(findings)) return kPolicy;
  ports.terminal->out << "The configuration is valid: "
                      << Count(static_cast<int>(desired->tokens.size()),
                               "token")
                      << ", "
                      << Count(static_cast<int>(desired->sinks.size()), "sink")
                      << ", "
                      << Count(static_cast<int>(desired->files.size()), "file")
                      << ".\n";
  return kDone;
}

}  // namespace

Command ValidateCommand() {
  return {
      .name = "validate",
      .what = "Check the configuration, without the network",
      .example =
          "patform validate -c tokens/\n"
          "  patform validate --format github   # in a pull request",
      .flags = Join({PolicyFlags(),
                     {FormatFlag({"text", "json", "github", "azure"},
                                 "text (default), json, or github or azure: "
                                 "log commands that pin what is wrong to "
                                 "the file's line")}}),
      .run = Run,
      .only_reads = true};
}

}  // namespace patform::cli
