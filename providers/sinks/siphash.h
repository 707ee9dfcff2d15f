#pragma once

#include <cstdint>
#include <string_view>

namespace patform::sinks {

// SipHash-2-4 with a 128-bit key.
uint64_t SipHash(uint64_t key0, uint64_t key1, std::string_view bytes);

}  // namespace patform::sinks
