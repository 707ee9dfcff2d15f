#include "engine/diff/still_served.h"

namespace patform {

Served StillServed(const std::map<std::string, HeldRecord>& records,
                   const std::set<std::string>& remade) {
  Served served;
  for (const PlaceEntry& entry : records) {
    const auto& [address, held] = entry;
    // What is not known does not become known by a delivery that is planned.
    if (held.state == HeldRecord::State::kUnknown && served.unread == nullptr) {
      served.unread = &entry;
    }
    if (!held.record || remade.count(address) > 0) continue;
    served.places.try_emplace(held.record->id, &entry);
  }
  return served;
}

void AddRemade(const Change& change, std::set<std::string>& remade) {
  if (change.decision->kind != Decision::Kind::kMake) return;
  for (const Delivery& place : change.deliver) remade.insert(place.Address());
}

}  // namespace patform
