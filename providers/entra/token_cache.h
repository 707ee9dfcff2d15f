#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/model/desired_state.h"
#include "providers/entra/kept_sign_in.h"
#include "providers/entra/registration.h"
#include "providers/entra/sources.h"
#include "providers/entra/token_store.h"

namespace patform::entra {

// The sign-in of one [auth] or [identity.NAME] on this machine. One for each
// authority, tenant, application and identity. Safe from several threads.
class TokenCache {
 public:
  // Opens nothing. kInvalidArgument: no such `cache`.
  static absl::StatusOr<TokenCache> Of(const AuthConfig& auth,
                                       const Registration& registration,
                                       const Machine& machine);

  // nullopt: nobody is signed in. kUnauthenticated: what is kept cannot be
  // used; the message ends with how to sign in again.
  absl::StatusOr<std::optional<KeptSignIn>> Read(Deadline deadline);
  // Could Write() succeed? Asked before a person signs in. Makes the folder.
  absl::Status Check(Deadline deadline);
  absl::Status Write(const KeptSignIn& kept, Deadline deadline);
  // kNotFound: nothing was kept.
  absl::Status Remove(Deadline deadline);
  // To be held from reading a refresh token to writing its successor.
  absl::StatusOr<std::shared_ptr<void>> Lock(Deadline deadline);
  // Behind "kept in": a path, or the name of a service.
  std::string Place() { return store_->PlaceOf(name_); }

 private:
  TokenCache() = default;

  std::string name_;   // in the store
  std::string login_;  // LoginCommand()
  std::vector<std::pair<std::string, std::string>> about_;
  StateFiles* files_ = nullptr;
  std::unique_ptr<TokenStore> store_;
};

// What a person types to sign in: "patform login --identity build-bot".
std::string LoginCommand(const AuthConfig& auth);

}  // namespace patform::entra
