#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/secret.h"

namespace patform::entra {

// The certificate of a confidential client with its private key. Movable.
class Certificate {
 public:
  // Both as PEM. kInvalidArgument: not that, a key with a passphrase (nobody is
  // asked for one), of another kind than RSA or of fewer than 2048 bits, or one
  // that does not belong to the certificate. No message quotes either.
  static absl::StatusOr<Certificate> Parse(const Secret& certificate,
                                           const Secret& private_key);
  Certificate(Certificate&&) noexcept;
  Certificate& operator=(Certificate&&) noexcept;
  ~Certificate();

  absl::Time not_before() const { return not_before_; }
  absl::Time not_after() const { return not_after_; }
  // SHA-256 of its DER encoding, in base64url without padding: `x5t#S256`.
  const std::string& thumbprint() const { return thumbprint_; }
  // RSASSA-PSS with SHA-256 (PS256), in base64url without padding.
  std::string Sign(std::string_view text) const;

 private:
  struct Key;
  Certificate();

  std::unique_ptr<Key> key_;
  absl::Time not_before_;
  absl::Time not_after_;
  std::string thumbprint_;
};

// JSON or bytes as one part of a JWT.
std::string Base64Url(std::string_view bytes);

}  // namespace patform::entra
