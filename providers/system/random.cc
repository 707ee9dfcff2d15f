#include "providers/system/random.h"

#include <errno.h>
#include <sys/random.h>

#include <cstdlib>

namespace patform::system {

uint64_t RandomNumber() {
  uint64_t value = 0;
  ssize_t n = 0;
  do {
    n = getrandom(&value, sizeof(value), 0);
  } while (n < 0 && errno == EINTR);
  if (n != sizeof(value)) std::abort();
  return value;
}

std::string RandomName(int length) {
  static constexpr char kAlphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::string name;
  while (static_cast<int>(name.size()) < length) {
    uint64_t bits = RandomNumber();
    for (int i = 0; i < 12 && static_cast<int>(name.size()) < length; ++i) {
      name += kAlphabet[bits & 31];
      bits >>= 5;
    }
  }
  return name;
}

}  // namespace patform::system
