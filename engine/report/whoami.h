#pragma once

#include <string>

#include "absl/time/time.h"
#include "engine/model/desired_state.h"
#include "engine/ports/sign_in.h"
#include "engine/report/style.h"

// Who is signed in, as far as the credential says so of itself. Holds no
// secret: nothing here comes from the token but its claims.
namespace patform {

struct WhoAmI {
  const AuthConfig* auth = nullptr;
  const SignedIn* user = nullptr;
  absl::Time now;
};

// For a person. Text from outside is made visible.
std::string RenderWhoAmI(const WhoAmI& who, const Style& style);

// schemas/whoami.schema.json, on one line.
std::string RenderWhoAmIJson(const WhoAmI& who);

// After `patform login`: who it is, where the sign-in is, and until when it has
// to be used. `seeded`: it went to a place of a sink.
std::string RenderLogin(const WhoAmI& who, bool seeded);

// The source that counts: the one of [auth], or what the operator put in its
// place.
const std::string& SourceOf(const AuthConfig& auth);

}  // namespace patform
