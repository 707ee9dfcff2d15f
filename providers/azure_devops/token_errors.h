#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace patform::azure_devops {

enum class Operation { kList, kGet, kCreate, kUpdate, kRevoke, kProve };

// The reason for which the service refuses, by the name that `patTokenError`
// carries.
struct TokenError {
  const char* name;
  absl::StatusCode code;
  const char* happened;    // a clause without a full stop
  const char* means;       // sentences; may be empty
  const char* what_to_do;  // sentences
};

// nullptr: not one of the 37 that are published.
const TokenError* FindTokenError(std::string_view name);

// The name by its number in the service's enumeration; the number in words
// where it has none.
std::string TokenErrorName(int64_t number);

}  // namespace patform::azure_devops
