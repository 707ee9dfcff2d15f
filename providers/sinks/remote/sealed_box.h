#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "engine/base/secret.h"

namespace patform::sinks {

// `value` in a sealed box (libsodium's crypto_box_seal: a fresh X25519 key,
// XSalsa20-Poly1305) that only who has the secret key of `public_key` can open:
// 48 bytes longer than the value. libsodium, because OpenSSL has no XSalsa20.
// kInvalidArgument: not a key of 32 bytes.
absl::StatusOr<Secret> Seal(std::string_view public_key, const Secret& value);

}  // namespace patform::sinks
