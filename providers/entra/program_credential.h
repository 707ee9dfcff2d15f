#pragma once

#include <functional>
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
  // What is said where the program could not be run, ...
  std::function<absl::Status(const absl::Status&)> not_run;
  // ... or ended with another exit code than 0.
  std::function<absl::Status(const ProgramResult&)> failed;
  // What a person does whose sign-in the service wants to be renewed.
  std::string renew;
};

// A bearer that a program prints, see printed_token.h. Kept until five minutes
// before its end, or until the service refuses it. Safe from several threads.
class ProgramCredential : public CredentialSource {
 public:
  ProgramCredential(TokenProgram program, const Machine& machine);
  absl::StatusOr<Secret> Bearer(Deadline deadline) override;
  void Refused(const Secret& bearer) override;
  void Challenged(const Secret& bearer, const std::string& claims) override;

 private:
  absl::StatusOr<Secret> Ask(Deadline deadline);

  const TokenProgram program_;
  const Machine machine_;
  std::mutex mutex_;
  // Guarded by the mutex.
  Secret kept_;  // empty: to be asked for
  absl::Time keep_until_ = absl::InfinitePast();
  Secret challenged_;  // never right again; empty: none
};

}  // namespace patform::entra
