#include "engine/model/encode.h"

#include <string.h>

#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "engine/base/base64.h"
#include "engine/base/strings.h"

namespace patform {

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

// Through a text of abseil's, which is wiped here.
Secret DecodeSecret(const Secret& value, Encoding encoding) {
  if (encoding == Encoding::kRaw) return value.Clone();
  std::string plain;
  if (!absl::Base64Unescape(AbslView(value.Reveal()), &plain)) return Secret();
  std::string_view bytes = plain;
  const bool basic = encoding == Encoding::kBasic;
  if (basic && bytes.starts_with(':')) bytes.remove_prefix(1);
  Secret decoded(bytes);
  explicit_bzero(plain.data(), plain.size());
  return decoded;
}

}  // namespace patform
