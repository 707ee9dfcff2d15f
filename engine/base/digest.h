#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/secret.h"

// Digests, all of them libcrypto's. None of them can fail for a reason but
// want of memory: then they throw std::bad_alloc, as everything else does.
namespace patform {

// SHA-256 (FIPS 180-4) of `bytes`: 64 lower-case hexadecimal digits.
std::string Sha256(std::string_view bytes);

// SHA-256 of what comes in pieces, for what need not be in memory as a whole.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;

  void Add(std::string_view bytes);
  // As of Sha256(). Ends it.
  std::string Finish();

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

// HMAC-SHA256 (RFC 2104) of `bytes`: 64 lower-case hexadecimal digits.
std::string HmacSha256(std::string_view key, std::string_view bytes);

// The same as 32 bytes, for results that are keys themselves.
Secret HmacSha256Key(const Secret& key, std::string_view bytes);

// SipHash-2-4 with a 128-bit key, whose first half is `key0`. Dotenv files
// hold it as the check of a value that patform wrote, so it has to come out
// the same in every version. Keeps nothing of `bytes` in memory.
uint64_t SipHash(uint64_t key0, uint64_t key1, std::string_view bytes);

// Are they equal? Takes the same time wherever they differ; their lengths are
// not secret.
bool SameInConstantTime(std::string_view a, std::string_view b);

}  // namespace patform
