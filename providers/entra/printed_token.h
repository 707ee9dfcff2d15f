#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/secret.h"

namespace patform::entra {

// An access token as another program printed it.
struct PrintedToken {
  Secret bearer;
  absl::Time expires;  // InfiniteFuture(): it does not say
};

// What `program` (for messages) wrote to its standard output: the token alone,
// or JSON as az, azd and AzureAuth print it:
//
//   az         {"accessToken", "expires_on": 1795420800 (2.54 and newer),
//              "expiresOn": "2026-11-23 18:27:00.000000", local time}
//   azd        {"token", "expiresOn": "2026-11-23T17:27:00Z"}
//   AzureAuth  {"token", "expiration_date": "1795420800"}
//
// `zone` is the one of local times. kUnauthenticated: there is no token in it.
absl::StatusOr<PrintedToken> ReadPrintedToken(const Secret& out,
                                              const std::string& program,
                                              absl::Time now,
                                              absl::TimeZone zone);

// What a program that failed wrote to its standard error, for people: a few
// short lines, made visible, without what could be a token. `only`: of lines
// that begin so, without that.
std::string ShownErrors(std::string_view errors, std::string_view only = "");

}  // namespace patform::entra
