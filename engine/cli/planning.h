#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/cli/arguments.h"
#include "engine/pipeline.h"
#include "engine/ports/ports.h"

// From arguments to what the pipeline makes of them.
namespace patform::cli {

// What the arguments ask of the pipeline; reads the clock, once.
PipelineRequest RequestOf(const Arguments& arguments, Ports& ports);

// How the configuration signs in; prints what is wrong with it.
absl::StatusOr<AuthConfig> AuthOf(const Arguments& arguments, Ports& ports);

// Loads and plans; prints what is wrong with the configuration, and that the
// tokens are being read while that takes.
absl::StatusOr<Planned> MakePlan(const Arguments& arguments, Ports& ports,
                                 const PipelineRequest& request);

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
