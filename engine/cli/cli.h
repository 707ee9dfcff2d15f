#pragma once

#include <string>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/cli/arguments.h"
#include "engine/pipeline.h"
#include "engine/ports/ports.h"
#include "engine/report/style.h"

namespace patform::cli {

// The whole program but its World. Returns the exit code. `arguments` without
// the program's name.
int Main(const std::vector<std::string>& arguments, World& world);

// One command each.
int Init(const Arguments& arguments, World& world);
int Validate(const Arguments& arguments, World& world);
int Plan(const Arguments& arguments, World& world);
int Status(const Arguments& arguments, World& world);
int Show(const Arguments& arguments, World& world);
int Comment(const Arguments& arguments, World& world);
int Apply(const Arguments& arguments, World& world);
int Audit(const Arguments& arguments, World& world);
int Verify(const Arguments& arguments, World& world);
int Snapshot(const Arguments& arguments, World& world);
int Import(const Arguments& arguments, World& world);
int Scopes(const Arguments& arguments, World& world);
int Schema(const Arguments& arguments, World& world);

// Shared by commands.

// ReadTokens, shown while it takes.
absl::StatusOr<ActualState> ListTokens(
    const Arguments& arguments, World& world, const PipelineRequest& request,
    const DesiredState& desired, const std::vector<std::string>& organizations);

// What the arguments ask of the pipeline; reads the clock, once.
PipelineRequest RequestOf(const Arguments& arguments, World& world);
// Colours if the user and the stream want them: --no-color, NO_COLOR,
// FORCE_COLOR, CI systems that show colours, a terminal; in this order.
Style StyleFor(const Arguments& arguments, const World& world,
               bool is_terminal);
// Says what went wrong and returns the exit code for it.
int Fail(World& world, const absl::Status& status);
// The same; a line in the event stream, too, where that is what they want.
int Fail(const Arguments& arguments, World& world, const absl::Status& status);
// Prints what is wrong with the configuration, in the same way.
void Say(const Arguments& arguments, World& world,
         const std::vector<Diagnostic>& diagnostics);
// Loads and plans; prints diagnostics. The exit code is in `exit_code` when
// there is no value.
std::optional<Planned> PlanOrSay(const Arguments& arguments, World& world,
                                 const PipelineRequest& request,
                                 int& exit_code);
// Name and address of each declared token.
std::vector<std::string> DeclaredNames(const DesiredState& desired);
// kInvalidArgument, with the nearest name, for the first target (a name, an
// address or a glob) that fits none of `names`, which holds both.
absl::Status CheckTargets(const std::vector<std::string>& targets,
                          const std::vector<std::string>& names);
// The exit code that the plan alone asks for: 4, 5, 8, or 0.
int PlanExitCode(const patform::Plan& plan);
// The same, and 2 for changes if the user asked for that.
int PlanExitCode(const Arguments& arguments, const patform::Plan& plan);
// The plan in the format that the user asked for.
std::string RenderAs(const Arguments& arguments, const World& world,
                     const patform::Plan& plan);
// The same plan in the other formats that the user wants in files; 0, or the
// exit code.
int WriteViewsOrSay(const Arguments& arguments, World& world,
                    const patform::Plan& plan);
// Reads the saved plan, if one is named; says what is wrong with it. False:
// the exit code is in `exit_code`.
bool LoadPlanOrSay(const Arguments& arguments, World& world,
                   std::optional<SavedPlan>& saved, int& exit_code);
// What to plan when `saved` is released: what it was planned with, and what the
// user lifts now.
PlanOptions OptionsOf(const SavedPlan& saved, const PlanOptions& asked);
// Writes a file that the user named; 0, or the exit code.
int WriteOrSay(World& world, const std::string& path, const std::string& text);
// What of `planned` may be done: all of it, or what a saved plan or an approved
// digest allows. Says why there is nothing; the exit code is in `exit_code`.
std::optional<patform::Plan> ReleaseOrSay(const Arguments& arguments,
                                          World& world,
                                          const std::optional<SavedPlan>& saved,
                                          const Planned& planned,
                                          int& exit_code);

}  // namespace patform::cli
