#pragma once

#include <utility>

#include "engine/ports/sign_in.h"
#include "providers/entra/sources.h"

namespace patform::entra {

// Sign-ins to Microsoft Entra ID, for every source that a person signs in for:
// "sign-in" by its cache on this machine, "refresh-token" by the place that it
// is read from.
class EntraSignIns : public SignIns {
 public:
  explicit EntraSignIns(Machine machine) : machine_(std::move(machine)) {}

  absl::StatusOr<SignedIn> Login(const AuthConfig& auth,
                                 const LoginRequest& request,
                                 LoginListener& listener,
                                 Deadline deadline) override;
  absl::Status Logout(const AuthConfig& auth, Deadline deadline) override;

 private:
  const Machine machine_;
};

}  // namespace patform::entra
