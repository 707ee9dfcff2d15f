#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "providers/entra/client_proof.h"
#include "providers/entra/sources.h"

// Proofs that somebody else vouches for: the CI that runs this job, or whatever
// keeps a file. The app registration names the issuer and the subject that it
// believes (federated credentials); the JWT is asked for each time, for it
// lives some minutes.
namespace patform::entra {

// `assertion`: "azure-pipelines", of the service connection with that id, or
// "github". The job's variables name the host to ask, so it is held to the one
// rule of hosts before the job's token is sent there.
std::unique_ptr<ClientProof> MakeCiProof(const std::string& assertion,
                                         const std::string& service_connection,
                                         const Machine& machine);

// The file is read at each use; `shown` is what messages call it.
std::unique_ptr<ClientProof> MakeFileProof(const std::string& path,
                                           const std::string& shown,
                                           const Machine& machine);

}  // namespace patform::entra
