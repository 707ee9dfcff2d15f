#include "engine/model/own_places.h"

namespace patform {

OwnPlaces::OwnPlaces(const DesiredState& desired, const std::string& identity)
    : all_(desired.identities.empty()) {
  if (all_) return;
  for (const DesiredToken& token : desired.tokens) {
    if (token.identity != identity) continue;
    for (const Delivery& place : token.deliver) {
      addresses_.insert(place.Address());
    }
  }
}

}  // namespace patform
