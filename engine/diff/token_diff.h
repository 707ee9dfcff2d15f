#pragma once

#include <string>

#include "absl/time/time.h"
#include "engine/diff/change.h"
#include "engine/diff/token_view.h"
#include "engine/model/desired_state.h"

namespace patform {

// One declared token, and everything that was seen of it.
struct TokenDiffInput {
  const DesiredState& state;
  const DesiredToken& desired;
  const TokenView& view;
  std::string user_oid;        // of the user whose token it is; "" unknown
  bool rotate = false;         // asked for by the user
  absl::Time now;              // by the service's clock
  absl::Duration clock_ahead;  // of this machine's
  // The service gives a token that it changes a new secret.
  bool renews = false;
};

// What is to be known of a token that bears a mark of ours and is not ours.
std::string CopiedMark(const ActualToken& token);

// Adds to `out` what must change of that token: a change or two, why nothing
// could be decided, what is worth a note.
void DiffToken(const TokenDiffInput& input, ChangeSet& out);

}  // namespace patform
