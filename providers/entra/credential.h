#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"
#include "engine/ports/sign_in.h"

namespace patform {

// Port: where the bearer for the service comes from. Safe from several
// threads.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  // A bearer that should be good for some minutes; from memory when there is
  // one. kUnauthenticated: somebody must sign in; the message shows how.
  virtual absl::StatusOr<Secret> Bearer(Deadline deadline) = 0;
  // The same for another service that takes this sign-in: `resource` is its
  // identifier, "https://vault.azure.net". kUnimplemented: what this source
  // gets is for Azure DevOps alone.
  virtual absl::StatusOr<Secret> BearerFor(const std::string& resource,
                                           Deadline deadline) {
    static_cast<void>(deadline);
    return absl::UnimplementedError(absl::StrCat(
        "this sign-in is for Azure DevOps and not for ", resource));
  }
  // The service refused `bearer`. If that is still the one in memory, the next
  // Bearer() asks its origin again; it may well get the same one.
  virtual void Refused(const Secret& bearer) = 0;
  // The same, and the service says what a new one must prove: `claims`, a JSON
  // document that goes back to the sign-in. The same bearer is never right
  // again (continuous access evaluation, RFC 9470).
  virtual void Challenged(const Secret& bearer, const std::string& claims) {
    static_cast<void>(claims);
    Refused(bearer);
  }
  // Adds to `user` what is known of the sign-in itself, once a bearer was had.
  virtual void Describe(SignedIn& user) { static_cast<void>(user); }
};

}  // namespace patform
