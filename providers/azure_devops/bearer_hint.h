#pragma once

#include <string>

#include "absl/time/time.h"
#include "engine/base/secret.h"
#include "providers/entra/claims.h"

namespace patform::azure_devops {

// What a bearer looks like from outside, to word a message after the service
// has refused it. Never a decision: nothing here is verified.
struct BearerHint {
  enum Kind {
    kNone,           // opaque: nothing is known
    kFine,           // its claims show nothing wrong
    kPat,            // a personal access token
    kNoJwt,          // not of an Entra token's form: a PAT, perhaps
    kApplication,    // not a user's
    kOtherAudience,  // for another service
    kExpired,        // its `exp` is in the past
    kNotYet,         // its `nbf` is in the future
    kReadsOnly,      // its `scp` lets it list tokens and nothing else
    kNoScope,        // its `scp` lets it not even do that
  };

  BearerHint(Kind of_kind = kNone) : kind(of_kind) {}  // NOLINT: is one

  Kind kind;
  std::string cause;  // a clause on what is wrong; "" for kNone and kFine
  std::string fix;    // a sentence; likewise
  std::string who;    // kFine: " of ada@contoso.example (valid until …)"
  std::string tenant;

  // Would the service refuse it for any request? Then the hint is the cause.
  bool IsCause() const { return !cause.empty() && kind != kReadsOnly; }
};

BearerHint HintOf(const Secret& bearer, absl::Time now);

// The same of what a bearer says of itself; never kPat or kNoJwt.
BearerHint HintOf(const entra::Claims& claims, absl::Time now);

}  // namespace patform::azure_devops
