#include "engine/cli/cli.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "absl/strings/str_cat.h"
#include "engine/base/diagnostic.h"
#include "engine/base/strings.h"
#include "engine/cli/reading.h"
#include "engine/report/events.h"
#include "engine/report/formats.h"

namespace patform::cli {
namespace {

bool Set(const World& world, const char* name) {
  const std::optional<std::string> value = world.environment(name);
  return value && !value->empty();
}

// The tokens that a plan can be limited to.
std::vector<std::string> KnownNames(const Planned& planned) {
  std::vector<std::string> names = DeclaredNames(planned.desired);
  for (const Change& change : planned.plan.changes.changes) {
    names.push_back(change.name);
    names.push_back(change.address);
  }
  for (const Deferred& deferred : planned.plan.changes.deferred) {
    names.push_back(deferred.name);
    names.push_back(deferred.address);
  }
  return names;
}

}  // namespace

int Main(const std::vector<std::string>& arguments, World& world) {
  Parsed parsed = ParseArguments(arguments);
  *world.out << parsed.out << std::flush;
  *world.err << parsed.err << std::flush;
  if (!parsed.arguments) return parsed.exit_code;
  const Arguments& a = *parsed.arguments;
  if (!a.directory.empty() && chdir(a.directory.c_str()) != 0) {
    return Fail(world, absl::InvalidArgumentError(absl::StrCat(
                           "-C ", a.directory, ": ", strerror(errno))));
  }
  static constexpr const char* kOnlyRead[] = {"validate", "show", "verify",
                                              "scopes", "schema"};
  if (std::find(std::begin(kOnlyRead), std::end(kOnlyRead), a.command) !=
      std::end(kOnlyRead)) {
    world.end_at_signal(true);
  }
  int code = kUsage;
  if (a.command == "init") code = Init(a, world);
  if (a.command == "validate") code = Validate(a, world);
  if (a.command == "plan") code = Plan(a, world);
  if (a.command == "show") code = Show(a, world);
  if (a.command == "comment") code = Comment(a, world);
  if (a.command == "apply") code = Apply(a, world);
  if (a.command == "status") code = Status(a, world);
  if (a.command == "audit") code = Audit(a, world);
  if (a.command == "verify") code = Verify(a, world);
  if (a.command == "snapshot") code = Snapshot(a, world);
  if (a.command == "import") code = Import(a, world);
  if (a.command == "scopes") code = Scopes(a, world);
  if (a.command == "schema") code = Schema(a, world);
  if (a.command == "version") {
    *world.out << "patform " PATFORM_VERSION "\n";
    code = kDone;
  }
  world.out->flush();
  if (!world.out->good()) {
    // A full disk must not look like a plan without changes.
    *world.err << "patform: the output could not be written whole\n";
    return kError;
  }
  return code;
}

PipelineRequest RequestOf(const Arguments& arguments, World& world) {
  PipelineRequest request;
  request.config = arguments.config;
  request.policy = arguments.policy;
  request.service = arguments.service;
  request.plan.diff.rotate.insert(arguments.rotate.begin(),
                                  arguments.rotate.end());
  request.plan.targets = arguments.targets;
  request.plan.allowed_revocations = arguments.allow_revocations;
  request.plan.allow_empty_list = arguments.allow_empty_list;
  request.snapshot = arguments.snapshot;
  request.baseline = arguments.baseline;
  request.now = arguments.now ? *arguments.now : world.clock->Now();
  request.now_is_asked = arguments.now.has_value();
  return request;
}

Style StyleFor(const Arguments& arguments, const World& world,
               bool is_terminal) {
  if (arguments.no_color || Set(world, "NO_COLOR")) return Style(false);
  if (Set(world, "FORCE_COLOR") || Set(world, "CLICOLOR_FORCE")) {
    return Style(true);
  }
  if (world.environment("TERM") == "dumb") return Style(false);
  return Style(is_terminal);
}

int Fail(World& world, const absl::Status& status) {
  *world.err << "patform: " << Visible(std::string(status.message())) << "\n";
  const int signal = world.interrupted();
  if (absl::IsCancelled(status) && signal != 0) {
    return ExitCodeForSignal(signal);
  }
  return ExitCodeFor(status);
}

int Fail(const Arguments& arguments, World& world, const absl::Status& status) {
  if (arguments.json) {
    *world.out << RenderErrorEvent(std::string(status.message()),
                                   world.clock->Now());
  }
  return Fail(world, status);
}

void Say(const Arguments& arguments, World& world,
         const std::vector<Diagnostic>& diagnostics) {
  *world.err << Render(diagnostics);
  *world.out << RenderProblemsAs(arguments.format, diagnostics);
  if (!arguments.json) return;
  for (const Diagnostic& diagnostic : diagnostics) {
    *world.out << RenderDiagnosticEvent(diagnostic, world.clock->Now());
  }
}

absl::StatusOr<ActualState> ListTokens(
    const Arguments& arguments, World& world, const PipelineRequest& request,
    const DesiredState& desired,
    const std::vector<std::string>& organizations) {
  Reading reading(world, arguments.quiet);
  return ReadTokens(world, request, desired, organizations, reading.Progress());
}

std::optional<Planned> PlanOrSay(const Arguments& arguments, World& world,
                                 const PipelineRequest& request,
                                 int& exit_code) {
  std::vector<Diagnostic> diagnostics;
  EarlyLists lists(world, request);
  absl::StatusOr<DesiredState> desired =
      LoadDesired(world, request, diagnostics, &lists);
  Say(arguments, world, diagnostics);
  if (!desired.ok()) {
    exit_code = Fail(arguments, world, desired.status());
    return std::nullopt;
  }
  std::vector<std::string> names;
  if (!arguments.rotate.empty()) names = DeclaredNames(*desired);
  for (const std::string& name : arguments.rotate) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    std::string what =
        absl::StrCat("--rotate ", name, ": no token of that name is declared");
    if (const auto nearest = Nearest(name, names)) {
      absl::StrAppend(&what, "; did you mean ", *nearest, "?");
    }
    exit_code = Fail(arguments, world, absl::InvalidArgumentError(what));
    return std::nullopt;
  }
  std::optional<Reading> reading;
  reading.emplace(world, arguments.quiet);
  absl::StatusOr<Planned> planned =
      PlanFor(world, request, *std::move(desired), reading->Progress(), &lists);
  reading.reset();
  if (!planned.ok()) {
    exit_code = Fail(arguments, world, planned.status());
    return std::nullopt;
  }
  if (request.plan.targets.empty()) return *std::move(planned);
  const absl::Status targets =
      CheckTargets(request.plan.targets, KnownNames(*planned));
  if (!targets.ok()) {
    exit_code = Fail(arguments, world, targets);
    return std::nullopt;
  }
  return *std::move(planned);
}

std::vector<std::string> DeclaredNames(const DesiredState& desired) {
  std::vector<std::string> names;
  for (const DesiredToken& token : desired.tokens) {
    names.push_back(token.name);
    names.push_back(desired.AddressOf(token.name, token.organization));
  }
  return names;
}

absl::Status CheckTargets(const std::vector<std::string>& targets,
                          const std::vector<std::string>& names) {
  for (const std::string& target : targets) {
    const bool known = std::any_of(
        names.begin(), names.end(),
        [&](const std::string& name) { return GlobMatch(target, name); });
    if (known) continue;
    std::string what = absl::StrCat("--target ", target,
                                    ": no token of that name is declared, and "
                                    "none carries this workspace's mark");
    if (const auto nearest = Nearest(target, names)) {
      absl::StrAppend(&what, "; did you mean ", *nearest, "?");
    }
    return absl::InvalidArgumentError(what);
  }
  return absl::OkStatus();
}

int PlanExitCode(const patform::Plan& plan) {
  for (const Finding& finding : plan.findings) {
    if (finding.rule == kWrongUser) return kSignIn;
  }
  if (HasErrors(plan.findings)) return kPolicy;
  if (!plan.complete()) return kIncomplete;
  return kDone;
}

}  // namespace patform::cli
