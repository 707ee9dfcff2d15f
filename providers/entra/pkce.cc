#include "providers/entra/pkce.h"

#include <string.h>

#include "absl/strings/escaping.h"
#include "engine/base/digest.h"
#include "engine/base/strings.h"

namespace patform::entra {
namespace {

// `words` times 64 random bits as base64url, 11 characters for each.
Secret RandomText(const std::function<uint64_t()>& random, int words) {
  std::string bytes;
  for (int i = 0; i < words; ++i) {
    const uint64_t word = random();
    bytes.append(reinterpret_cast<const char*>(&word), sizeof(word));
  }
  std::string text;
  absl::WebSafeBase64Escape(bytes, &text);
  Secret secret(text);
  explicit_bzero(bytes.data(), bytes.size());
  explicit_bzero(text.data(), text.size());
  return secret;
}

}  // namespace

std::string ChallengeOf(std::string_view verifier) {
  // 32 bytes out of their 64 digits.
  const std::string digest = absl::HexStringToBytes(Sha256(verifier));
  std::string challenge;
  absl::WebSafeBase64Escape(digest, &challenge);
  return challenge;
}

Pkce MakePkce(const std::function<uint64_t()>& random) {
  // Apart from each other: the state and the nonce are in addresses, which
  // browsers keep, and must tell nothing of the verifier.
  Pkce pkce;
  pkce.verifier = RandomText(random, 4);
  pkce.challenge = ChallengeOf(pkce.verifier.Reveal());
  pkce.state = std::string(RandomText(random, 2).Reveal());
  pkce.nonce = std::string(RandomText(random, 2).Reveal());
  return pkce;
}

}  // namespace patform::entra
