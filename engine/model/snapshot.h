#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/model/record.h"
#include "engine/model/token.h"

namespace patform {

// One organization's tokens of the signed-in user at one moment, in canonical
// form: sorted by id, each once.
struct Snapshot {
  std::string organization;
  std::vector<ActualToken> tokens;  // active; with history also the others
  // Expired and revoked tokens are in `tokens` too. They are listed only when
  // a decision needs them (NeedsHistory in generations.h).
  bool has_history = false;
};

// Everything that exists, as one run read it.
struct ActualState {
  absl::Time taken_at;
  std::map<std::string, Snapshot> organizations;
  // Those whose tokens could not be listed, and why: not in `organizations`.
  std::map<std::string, absl::Status> unread;
  // How many tokens each list holds of which nothing tells whether they are of
  // that organization; they are not in its snapshot.
  std::map<std::string, int> untold;
  // By Delivery::Address().
  std::map<std::string, HeldRecord> records;
  std::string owner;  // the signed-in user's `oid`, if the credential tells
};

}  // namespace patform
