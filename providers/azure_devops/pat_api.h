#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/secret.h"
#include "engine/ports/token_service.h"

// The JSON of the PAT Lifecycle API and the values behind it. Members
// that are not known are ignored; what is needed and missing is kDataLoss,
// naming it. Nothing here keeps a copy of a secret: the memory that a body is
// parsed in is wiped.
namespace patform::azure_devops {

// One page of a list, each token in the state that `filter` implies. An answer
// without a list is an error, never an empty list.
absl::StatusOr<TokenPage> ParsePage(std::string_view body, TokenFilter filter);

// What Get, Create and Update answer.
struct TokenResult {
  std::string error;    // "none": success; names that are not known survive
  std::string message;  // the service's own words, if any
  std::optional<ActualToken> token;  // `state` is left as kActive
  size_t accounts = 0;  // of the token; 0: it is for all organizations
  Secret secret;        // of a Create; else empty
};

// kDataLoss for anything but a result, and for one with a member twice; an
// answer with a named error needs no token.
absl::StatusOr<TokenResult> ParseResult(std::string_view body);

// The errors of the platform below the API.
struct PlatformError {
  std::string type_key;  // such as InvalidAccessException
  std::string message;
};

// nullopt: not such an error.
std::optional<PlatformError> ParsePlatformError(std::string_view body);

// "": it can be a PAT (52 or 84 characters, letters and digits today). Else
// what is wrong with it, without showing it.
std::string FlawOf(const Secret& secret);

std::string WriteCreate(const CreateRequest& request);
std::string WriteUpdate(const UpdateRequest& request);

// 2026-12-24T10:00:00.1033333Z: up to nine digits of a fraction, Z or an
// offset; a time without either is UTC. By hand, because absl::ParseTime takes
// four times as long, twice for each token of a list, and lets in spaces,
// leap seconds and other forms that the service never writes.
std::optional<absl::Time> ParseInstant(std::string_view text);

// With milliseconds, rounded down: never later than what was asked for.
std::string WriteInstant(absl::Time time);

}  // namespace patform::azure_devops
