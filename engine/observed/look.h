#pragma once

#include "absl/status/statusor.h"
#include "engine/model/actual_state.h"
#include "engine/model/desired_state.h"
#include "engine/observed/list_tokens.h"
#include "engine/observed/prefetch.h"

namespace patform {

// Reads what exists, in the order that the protocol rests on: the tokens to
// the end of the list, then the records, then what the records name and the
// list did not show. A record that cannot be read is in the answer as
// unknown; a list that cannot be read is an error. `taken_at` is the caller's.
absl::StatusOr<ActualState> Look(const DesiredState& desired,
                                 const Readers& readers, absl::Time taken_at,
                                 Deadline deadline,
                                 const ListProgress& progress = {});

// nullptr: the list does not have it.
const ActualToken* FindToken(const TokenList& listed,
                             const AuthorizationId& id);

}  // namespace patform
