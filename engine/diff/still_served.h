#pragma once

#include <map>
#include <set>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "engine/diff/change.h"
#include "engine/model/record.h"

namespace patform {

// A place, by its address, and what it holds.
using PlaceEntry = std::map<std::string, HeldRecord>::value_type;

// The tokens whose secrets are in places that nothing else was put into. To
// revoke one of them would leave a dead secret where somebody reads it.
struct Served {
  // By token; of several places that hold its secret the first address.
  absl::flat_hash_map<AuthorizationId, const PlaceEntry*> places;
  // The first place that could not be read: it may hold any token's. Null:
  // none.
  const PlaceEntry* unread = nullptr;
};

// `remade`: the addresses that hold, or get, another secret than the records
// say. `records` must outlive the answer. The diff asks before it plans a
// revocation, apply asks again when it knows what was delivered, audit asks
// which tokens are in use at all.
Served StillServed(const std::map<std::string, HeldRecord>& records,
                   const std::set<std::string>& remade);

// Adds the addresses that a change puts a new secret into, if it makes one.
void AddRemade(const Change& change, std::set<std::string>& remade);

}  // namespace patform
