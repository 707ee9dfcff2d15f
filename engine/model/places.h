#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/model/desired_state.h"
#include "engine/model/token.h"

namespace patform {

// Where a token was to be delivered when it was minted, in so few characters
// that they fit into its mark: the last of the nonce. Two versions of the file
// that deliver a token elsewhere, in another sink or with another primary
// place, differ in it (but for one in a million and a half).
inline constexpr size_t kPlacesLength = 4;

// A fingerprint of `deliver`, the primary first; the order of the others does
// not matter. What the sinks' names mean is in it once they have their prints.
std::string PlacesPrint(const DesiredState& desired,
                        const std::vector<Delivery>& deliver);

// The print of one token's places, made when it is first asked for and kept:
// most tokens of a large file never need theirs. One thread at a time.
class LazyPlaces {
 public:
  LazyPlaces() = default;  // of no places: "", which no mark carries
  explicit LazyPlaces(std::string print) : print_(std::move(print)) {}
  // Both must outlive it and its copies.
  LazyPlaces(const DesiredState& desired, const std::vector<Delivery>& deliver)
      : desired_(&desired), deliver_(&deliver) {}

  const std::string& print() const;

 private:
  const DesiredState* desired_ = nullptr;  // null: `print_` is all there is
  const std::vector<Delivery>* deliver_ = nullptr;
  mutable std::string print_;
};

// Gives each sink its print: its type and settings, ${NAME} filled in and paths
// resolved, and, where places are on this machine, what distinguishes `machine`
// from others.
void PrintSinks(const std::string& machine, DesiredState& desired);

// A nonce, kNonceLength of a-z0-9, that shows for which places it is.
std::string NonceFor(std::string nonce, const std::string& places);

}  // namespace patform
