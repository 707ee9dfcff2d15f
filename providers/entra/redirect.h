#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"
#include "providers/http/loopback.h"

namespace patform::entra {

// How the sign-in page ended (RFC 6749, sections 4.1.2 and 4.1.2.1): with a
// code, or with the rest.
struct Redirect {
  Secret code;
  std::string error;        // "access_denied"; unverified text
  std::string description;  // "AADSTS65004: …"; likewise
  std::string claims;       // what the next sign-in must prove, or ""
};

// Where the browser is sent back to. Entra compares scheme, host and path with
// what is registered, and no port: the path is empty, without a slash.
std::string RedirectUri(int port);

// Serves the browser until it comes back with `state`, and shows it what
// happened. Whatever else arrives is refused and changes nothing: another
// state, another path, an icon. Errors: Loopback::Serve.
absl::StatusOr<Redirect> WaitForRedirect(
    http::Loopback& loopback, const std::string& state, Clock& clock,
    Deadline deadline, const std::function<bool()>& interrupted);

}  // namespace patform::entra
