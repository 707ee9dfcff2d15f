#include "providers/system/random.h"

#include <errno.h>
#include <sys/random.h>

#include <cstdlib>

namespace patform::system {

// From the kernel: nonces decide whose a token is, and a generator that was
// seeded from the time would give two runners the same.
uint64_t RandomNumber() {
  uint64_t value = 0;
  ssize_t n = 0;
  do {
    n = getrandom(&value, sizeof(value), 0);
  } while (n < 0 && errno == EINTR);
  // Better no run than a mark that repeats.
  if (n != sizeof(value)) std::abort();
  return value;
}

std::string RandomName(int length) {
  // RFC 4648's base32 in lower case: no character that looks like another one,
  // and none that a service could change in a name. 32 of them, so five bits
  // each and no bias.
  static constexpr char kAlphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::string name;
  while (static_cast<int>(name.size()) < length) {
    uint64_t bits = RandomNumber();
    // Twelve times five bits of the 64.
    for (int i = 0; i < 12 && static_cast<int>(name.size()) < length; ++i) {
      name += kAlphabet[bits & 31];
      bits >>= 5;
    }
  }
  return name;
}

}  // namespace patform::system
