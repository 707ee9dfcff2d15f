#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "engine/base/diagnostic.h"
#include "engine/cli/arguments.h"
#include "engine/cli/exit_code.h"
#include "engine/plan/plan.h"
#include "engine/ports/ports.h"
#include "engine/report/style.h"

// What several commands print, and where.
namespace patform::cli {

// Colours if the user and the stream want them: --no-color, NO_COLOR,
// FORCE_COLOR, CI systems that show colours, a terminal; in this order.
Style StyleFor(const Arguments& arguments, const Ports& ports,
               bool is_terminal);

// Text for standard output: on a terminal its long lines are broken.
std::string ForTerminal(const Ports& ports, std::string text);

// Prints what is wrong with the configuration, in the format that the user
// asked for as well.
void Say(const Arguments& arguments, Ports& ports,
         const std::vector<Diagnostic>& diagnostics);

// The plan in the format that the user asked for.
std::string RenderAs(const Arguments& arguments, const Ports& ports,
                     const Plan& plan);

// The same plan in the other formats that the user wants in files.
absl::Status WriteViews(const Arguments& arguments, Ports& ports,
                        const Plan& plan);

// Writes a file that the user named, whether it exists or not.
absl::Status WriteFile(Ports& ports, const std::string& path,
                       const std::string& text);

// Runs `write`, which writes one file: a signal that comes meanwhile ends a
// command that only reads when the file is whole.
void Whole(Ports& ports, absl::FunctionRef<void()> write);

// The exit code that the plan alone asks for: 4, 5, 8, or 0.
ExitCode PlanExitCode(const Plan& plan);

// The same, and 2 for changes if the user asked for that.
ExitCode PlanExitCode(const Arguments& arguments, const Plan& plan);

}  // namespace patform::cli
