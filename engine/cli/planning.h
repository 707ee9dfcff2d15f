#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/cli/arguments.h"
#include "engine/cli/exit_code.h"
#include "engine/pipeline.h"
#include "engine/ports/ports.h"

// From arguments to what the pipeline makes of them.
namespace patform::cli {

// What the arguments ask of the pipeline; reads the clock, once.
PipelineRequest RequestOf(const Arguments& arguments, Ports& ports);

// The configuration, for a command that only signs in; prints what is wrong
// with it. And how each of --identity signs in; without one, [auth].
absl::StatusOr<DesiredState> ConfigurationOf(const Arguments& arguments,
                                             Ports& ports);
absl::StatusOr<std::vector<AuthConfig>> SignInsOf(const Arguments& arguments,
                                                  const DesiredState& desired);

// Calls `each` for all of these, until one fails.
absl::StatusOr<ExitCode> ForEachSignIn(const Arguments& arguments, Ports& ports,
                                       absl::Status (*each)(const Arguments&,
                                                            Ports&,
                                                            const AuthConfig&));

// Loads and plans; prints what is wrong with the configuration, and that the
// tokens are being read while that takes.
absl::StatusOr<Planned> MakePlan(const Arguments& arguments, Ports& ports,
                                 const PipelineRequest& request);

// `planned` until the process ends: taking a large one apart takes longer than
// printing it, and the end does it at once.
Planned& Kept(Planned planned);

// ReadActual, shown while it takes.
absl::StatusOr<ActualState> ListTokens(const Arguments& arguments, Ports& ports,
                                       const PipelineRequest& request,
                                       const DesiredState& desired,
                                       const std::vector<Realm>& realms);

// Those of `realms` that --identity names; without the flag all of them.
std::vector<Realm> Chosen(const Arguments& arguments,
                          std::vector<Realm> realms);

// kInvalidArgument: --identity names one that is not declared.
absl::Status CheckIdentities(const Arguments& arguments,
                             const DesiredState& desired);

// Says that the operator's access token is used instead of what [auth] says.
void SayWhoseBearer(const Arguments& arguments, Ports& ports,
                    const AuthConfig& auth);

// Name and address of each declared token.
std::vector<std::string> DeclaredNames(const DesiredState& desired);

// kInvalidArgument, with the nearest name, for the first target (a name, an
// address or a glob) that fits none of `names`, which holds both.
absl::Status CheckTargets(const std::vector<std::string>& targets,
                          const std::vector<std::string>& names);

}  // namespace patform::cli
