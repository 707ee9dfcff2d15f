#include "engine/model/encode.h"

#include <string.h>

#include <cstdint>
#include <string_view>

// Encodings of a secret, from one Secret into another. absl's Base64Escape()
// would do the same into a std::string, which nobody wipes.
namespace patform {
namespace {

// RFC 4648 with padding, as HTTP's Basic and Kubernetes want it.
Secret Base64(std::string_view bytes) {
  static constexpr char kAlphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  Secret out;
  char quad[4];
  for (size_t at = 0; at < bytes.size(); at += 3) {
    const size_t n = bytes.size() - at;
    // 0 behind the end; '=' takes its place below.
    const auto byte = [&](size_t i) -> uint32_t {
      return i < n ? static_cast<uint8_t>(bytes[at + i]) : 0;
    };
    const uint32_t triple = byte(0) << 16 | byte(1) << 8 | byte(2);
    quad[0] = kAlphabet[triple >> 18];
    quad[1] = kAlphabet[triple >> 12 & 63];
    quad[2] = n > 1 ? kAlphabet[triple >> 6 & 63] : '=';
    quad[3] = n > 2 ? kAlphabet[triple & 63] : '=';
    out.Append(std::string_view(quad, 4));
  }
  // The last digits of the secret.
  explicit_bzero(quad, sizeof(quad));
  return out;
}

}  // namespace

Secret EncodeSecret(const Secret& secret, Encoding encoding) {
  switch (encoding) {
    case Encoding::kRaw:
      return secret.Clone();
    case Encoding::kBase64:
      return Base64(secret.Reveal());
    case Encoding::kBasic: {
      // What `Authorization: Basic` carries: Azure DevOps takes any user name
      // with a token.
      Secret pair(":");  // an empty user name
      pair.Append(secret.Reveal());
      return Base64(pair.Reveal());
    }
  }
  return secret.Clone();
}

}  // namespace patform
