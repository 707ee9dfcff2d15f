#pragma once

#include <string>
#include <string_view>

namespace patform {

// SHA-256 (FIPS 180-4) of `bytes`: 64 lower-case hexadecimal digits.
std::string Sha256(std::string_view bytes);

// HMAC-SHA256 (RFC 2104) of `bytes`: 64 lower-case hexadecimal digits.
std::string HmacSha256(std::string_view key, std::string_view bytes);

// Are they equal? Takes the same time wherever they differ; their lengths are
// no secret.
bool SameInConstantTime(std::string_view a, std::string_view b);

}  // namespace patform
