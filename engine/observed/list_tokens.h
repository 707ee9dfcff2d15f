#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/model/actual_state.h"
#include "engine/ports/token_service.h"

namespace patform {

// Told after every page how many tokens were read so far.
using ListProgress = std::function<void(int tokens)>;

// Longest list that is believed: two million tokens.
inline constexpr int kMaxPages = 20'000;

// Every active token of that user there, and with history every expired and
// revoked one, in canonical form: sorted by id, each once. Rows may shift while
// pages are read, so that one token is seen twice; the later state in a token's
// life wins. A list that does not come to its end is an error, never a shorter
// snapshot: kDataLoss when the service gives a continuation token twice,
// kResourceExhausted after kMaxPages, else the reader's error.
absl::StatusOr<TokenList> ListTokens(TokenReader& reader, const Realm& realm,
                                     bool with_history, Deadline deadline,
                                     const ListProgress& progress = {});

// Reads the expired and revoked tokens into a snapshot that lacks them. On an
// error `snapshot` is unchanged.
absl::Status AddHistory(TokenReader& reader, Deadline deadline,
                        TokenList& listed, const ListProgress& progress = {});

}  // namespace patform
