#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "absl/time/time.h"
#include "engine/ports/programs.h"
#include "providers/entra/credential.h"
#include "providers/entra/sources.h"

namespace patform::entra {

// How a program is asked for an access token.
struct TokenProgram {
  std::string name;  // for messages: "az"
  ProgramCall call;
  // How it is asked for one of another audience. Null: it cannot be.
  std::function<ProgramCall(const std::string& resource)> call_for;
  // What is said where the program could not be run, ...
  std::function<absl::Status(const absl::Status&)> not_run;
  // ... or ended with another exit code than 0. `resource`: as call_for got it,
  // "" for `call`.
  std::function<absl::Status(const ProgramResult&, const std::string& resource)>
      failed;
  // What a person does whose sign-in the service wants to be renewed.
  std::string renew;
};

// Bearers that a program prints, see printed_token.h. Each audience's is kept
// until five minutes before its end, or until the service refuses it. Safe from
// several threads.
class ProgramCredential : public CredentialSource {
 public:
  ProgramCredential(TokenProgram program, const Machine& machine);
  absl::StatusOr<Secret> Bearer(Deadline deadline) override;
  absl::StatusOr<Secret> BearerFor(const std::string& resource,
                                   Deadline deadline) override;
  void Refused(const Secret& bearer) override;
  void Challenged(const Secret& bearer, const std::string& claims) override;

 private:
  struct Kept {
    Secret bearer;  // empty: to be asked for
    absl::Time until = absl::InfinitePast();
  };

  // `resource`: "" for Azure DevOps.
  absl::StatusOr<Secret> Get(const std::string& resource, Deadline deadline);
  absl::StatusOr<Secret> Ask(const std::string& resource, Kept& kept,
                             Deadline deadline);

  const TokenProgram program_;
  const Machine machine_;
  std::mutex mutex_;
  // Guarded by the mutex.
  std::map<std::string, Kept> kept_;  // by resource
  Secret challenged_;                 // never right again; empty: none
};

}  // namespace patform::entra
