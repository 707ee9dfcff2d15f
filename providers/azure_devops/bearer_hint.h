#pragma once

#include "absl/time/time.h"
#include "engine/base/secret.h"
#include "providers/entra/claims.h"

namespace patform::azure_devops {

// What a bearer looks like from outside, to word a hint after the service has
// refused it. Never a decision: nothing here is verified.
enum class BearerHint {
  kNone,
  kExpired,    // its `exp` is in the past
  kReadsOnly,  // its `scp` lets it list tokens and nothing else
  kNoJwt,      // not of an Entra token's form: a PAT, perhaps
};

BearerHint HintOf(const Secret& bearer, absl::Time now);

// The same of what a bearer says of itself; never kNoJwt.
BearerHint HintOf(const entra::Claims& claims, absl::Time now);

}  // namespace patform::azure_devops
