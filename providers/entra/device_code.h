#pragma once

#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/ports/sign_in.h"
#include "providers/entra/client_proof.h"
#include "providers/entra/token_endpoint.h"

namespace patform::entra {

// Signs in by a code that a person types in on any device (RFC 8628). Shows it
// through `listener`, then asks until it was used, as often as the service
// wants and no longer than the code lives or `deadline`. `proof`: of a
// confidential client; null: the client is public. Errors: those of
// TokenEndpoint::Redeem; kUnauthenticated also when nobody used the code in
// time; kCancelled as soon as a signal comes.
absl::StatusOr<TokenAnswer> SignInByDeviceCode(TokenEndpoint& endpoint,
                                               ClientProof* proof,
                                               LoginListener& listener,
                                               Clock& clock, Deadline deadline);

}  // namespace patform::entra
