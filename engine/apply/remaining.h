#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "engine/diff/change.h"
#include "engine/model/token.h"

namespace patform {

// What a run has done of a change.
struct Performed {
  bool minted = false;
  std::set<int> delivered;          // indexes into the change's deliveries
  std::set<AuthorizationId> ended;  // retired, revoked or found gone
  bool updated = false;             // in place; or the mark taken off
};

// What of `change` is left to do, in the order in which it would be done: "mint
// generation 4", "deliver to files:a", "end generation 3 (1a2b3c4d)", "update
// it in place", "take the mark off".
std::vector<std::string> Remaining(const Change& change,
                                   const Performed& performed);
// Only the ends.
std::vector<std::string> RemainingEnds(const Change& change,
                                       const Performed& performed);

// "generation 3 (1a2b3c4d)"; "token 1a2b3c4d" for generation 0, which is not
// ours.
std::string WhichToken(int64_t generation, const AuthorizationId& id);

}  // namespace patform
