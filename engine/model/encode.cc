#include "engine/model/encode.h"

#include "engine/base/base64.h"

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

}  // namespace patform
