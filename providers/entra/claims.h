#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/ports/token_service.h"

namespace patform::entra {

// What a bearer claims of itself, unverified: a hint, never a decision. Empty
// where it is opaque or has no such claim.
struct Claims {
  std::string oid;        // the user, or the application
  std::string audience;   // aud
  std::string scopes;     // scp, separated by spaces
  std::string name;       // upn or preferred_username
  int64_t expires = 0;    // Unix seconds; 0: no such claim
  bool app_only = false;  // idtyp app, or no scp
};

Claims ReadClaims(std::string_view bearer);

// What they tell of who is signed in.
SignedIn SignedInBy(const Claims& claims);

}  // namespace patform::entra
