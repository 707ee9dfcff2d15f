#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/base/secret.h"

namespace patform::entra {

// What ties the answer of a sign-in page to the one request of this process
// that asked for it. New for each sign-in.
struct Pkce {
  // RFC 7636: the page is told the challenge, the token endpoint the verifier,
  // so that whoever sees the code on its way can do nothing with it.
  Secret verifier;        // 43 characters, 256 random bits
  std::string challenge;  // S256 of it
  // RFC 6749, section 10.12: nobody else can send this process an answer.
  std::string state;  // 22 characters, 128 random bits
  // OpenID Connect Core 1.0, section 3.1.2.1: comes back in the id_token.
  std::string nonce;  // likewise
};

// `random`: 64 bits of the kernel's at each call.
Pkce MakePkce(const std::function<uint64_t()>& random);

// RFC 7636, section 4.2: base64url, without padding, of the SHA-256.
std::string ChallengeOf(std::string_view verifier);

}  // namespace patform::entra
