#include "providers/sinks/remote/sealed_box.h"

#include <sodium.h>

#include <new>
#include <vector>

namespace patform::sinks {

absl::StatusOr<Secret> Seal(std::string_view public_key, const Secret& value) {
  // May be called often and from several threads; the first call picks what
  // this processor can do, and opens the kernel's random numbers.
  if (sodium_init() < 0) throw std::bad_alloc();
  if (public_key.size() != crypto_box_PUBLICKEYBYTES) {
    return absl::InvalidArgumentError("not a key of 32 bytes");
  }
  const std::string_view plain = value.Reveal();
  std::vector<unsigned char> box(crypto_box_SEALBYTES + plain.size());
  if (crypto_box_seal(
          box.data(), reinterpret_cast<const unsigned char*>(plain.data()),
          plain.size(),
          reinterpret_cast<const unsigned char*>(public_key.data())) != 0) {
    // Of a key that is a point of small order, which nobody's is by chance.
    return absl::InvalidArgumentError("not a key that can be used");
  }
  return Secret(
      std::string_view(reinterpret_cast<const char*>(box.data()), box.size()));
}

}  // namespace patform::sinks
