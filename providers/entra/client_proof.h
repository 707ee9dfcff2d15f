#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/model/desired_state.h"
#include "providers/entra/sources.h"
#include "providers/entra/token_endpoint.h"

namespace patform::entra {

// How a confidential client proves that it is itself. Safe from one thread at a
// time.
class ClientProof {
 public:
  virtual ~ClientProof() = default;
  // Adds its fields to a request to `endpoint`. kUnauthenticated: there is no
  // proof to be had; the message says why.
  virtual absl::Status AddTo(Form& form, const TokenEndpoint& endpoint,
                             Deadline deadline) = 0;
  // When it ends by itself; InfiniteFuture(): it does not, or nobody knows.
  virtual absl::Time Ends() { return absl::InfiniteFuture(); }
};

// A JWT of another issuer or of the client's own, as a field of a request
// (RFC 7523, 2.2).
void AddAssertion(Form& form, const Secret& assertion);

}  // namespace patform::entra
