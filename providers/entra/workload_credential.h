#pragma once

#include <map>
#include <string>

#include "engine/model/desired_state.h"
#include "providers/entra/client_proof.h"
#include "providers/entra/sources.h"

// The source "workload": a confidential client, such as a pipeline, that
// exchanges the refresh token of a user who signed in through it. Whoever
// copies that refresh token has nothing: without the client's own proof, which
// does not leave the place that it lives in, it opens nothing. And unlike a
// public client's it outlives the user's change of password.
//
// The proof is one of three: a certificate with its key (private_key_jwt), an
// identity that the CI gives to its job (workload identity federation), or a
// file with such a JWT, as Kubernetes projects it.
namespace patform::entra {

// kInvalidArgument: a certificate or key that is none. kUnauthenticated: a file
// cannot be read.
absl::StatusOr<std::unique_ptr<ClientProof>> MakeProof(const AuthConfig& auth,
                                                       const Machine& machine);

// What is wrong with the keys of the proof together; "": nothing.
std::string FaultOfProof(const std::map<std::string, SettingValue>& settings);

SourceRow WorkloadRow();

}  // namespace patform::entra
