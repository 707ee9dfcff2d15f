#pragma once

#include <cstdint>

#include "engine/diff/change.h"
#include "engine/diff/life.h"
#include "engine/diff/reason.h"
#include "engine/model/desired_state.h"
#include "engine/model/token.h"
#include "engine/ports/token_service.h"

namespace patform {

// What is sent so that a live token becomes what its table says, its secret
// unchanged: the fields that differ, and no others.
struct WantedUpdate {
  UpdateRequest request;
  Reason reason = Reason::kNone;  // the first one; kNone: nothing differs
  // It brings the token's end forward, and nothing renews it before.
  bool ends_unrenewed = false;
  // It has lived longer than declared already. An end in the past would be a
  // revocation that nobody asked for, so none is sent.
  bool overdue = false;
};

// `generation` is 0 for a token that carries no mark of ours. `life` is that
// of `token`. `now`: by the service's clock.
WantedUpdate UpdateFor(const DesiredState& state, const DesiredToken& desired,
                       const ActualToken& token, int64_t generation,
                       const Life& life, absl::Time now);

// The token after such an update.
TokenFacts Updated(TokenFacts facts, const UpdateRequest& request);

}  // namespace patform
