#pragma once

#include <string>

#include "absl/container/flat_hash_set.h"
#include "engine/model/desired_state.h"

namespace patform {

// The places that one identity's tokens are delivered to: what other places
// hold is another user's. In a configuration without [identity.*] all places
// are the one user's.
class OwnPlaces {
 public:
  OwnPlaces(const DesiredState& desired, const std::string& identity);
  // `address`: Delivery::Address() of the place.
  bool Has(const std::string& address) const {
    return all_ || addresses_.contains(address);
  }

 private:
  bool all_ = false;
  absl::flat_hash_set<std::string> addresses_;
};

}  // namespace patform
