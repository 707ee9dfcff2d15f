#include "providers/sinks/siphash.h"

#include <bit>
#include <cstddef>

namespace patform::sinks {
namespace {

struct State {
  uint64_t a, b, c, d;

  void Rounds(int n) {
    while (n-- > 0) {
      a += b, b = std::rotl(b, 13) ^ a, a = std::rotl(a, 32);
      c += d, d = std::rotl(d, 16) ^ c;
      a += d, d = std::rotl(d, 21) ^ a;
      c += b, b = std::rotl(b, 17) ^ c, c = std::rotl(c, 32);
    }
  }
  void Absorb(uint64_t word) {
    d ^= word;
    Rounds(2);
    a ^= word;
  }
};

}  // namespace

uint64_t SipHash(uint64_t key0, uint64_t key1, std::string_view bytes) {
  State state = {key0 ^ 0x736f6d6570736575, key1 ^ 0x646f72616e646f6d,
                 key0 ^ 0x6c7967656e657261, key1 ^ 0x7465646279746573};
  uint64_t word = 0;
  size_t at = 0;
  for (; at < bytes.size(); ++at) {
    word |= uint64_t{static_cast<uint8_t>(bytes[at])} << (at % 8 * 8);
    if (at % 8 == 7) {
      state.Absorb(word);
      word = 0;
    }
  }
  state.Absorb(word | uint64_t{at} << 56);
  state.c ^= 0xff;
  state.Rounds(4);
  return state.a ^ state.b ^ state.c ^ state.d;
}

}  // namespace patform::sinks
