#include "providers/entra/certificate.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <ctime>
#include <new>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

namespace patform::entra {
namespace {

// What Entra takes, and what NIST asks for.
constexpr int kFewestBits = 2048;

// OpenSSL's objects, given back however a function is left.
template <typename T, void (*free)(T*)>
struct Freed {
  void operator()(T* object) const { free(object); }
};
using Bio = std::unique_ptr<BIO, Freed<BIO, BIO_free_all>>;
using X509Pointer = std::unique_ptr<X509, Freed<X509, X509_free>>;
using KeyPointer = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX, EVP_MD_CTX_free>>;

// A view of the bytes, not a copy.
Bio Open(const Secret& text) {
  const std::string_view bytes = text.Reveal();
  return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

// OpenSSL's own would ask at the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

absl::Status Wrong(const char* what) {
  return absl::InvalidArgumentError(what);
}

absl::Time TimeOf(const ASN1_TIME* time) {
  std::tm parts = {};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
    return absl::InfiniteFuture();
  }
  return absl::FromTM(parts, absl::UTCTimeZone());
}

// Of lack of memory, as in engine/base/digest.cc.
void Check(bool done) {
  if (!done) throw std::bad_alloc();
}

std::string Thumbprint(X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  Check(X509_digest(certificate, EVP_sha256(), digest, &size) == 1);
  return Base64Url(std::string_view(reinterpret_cast<char*>(digest), size));
}

}  // namespace

std::string Base64Url(std::string_view bytes) {
  std::string text;
  absl::WebSafeBase64Escape(AbslView(bytes), &text);
  while (text.ends_with('=')) text.pop_back();
  return text;
}

struct Certificate::Key {
  KeyPointer pointer;
};

Certificate::Certificate() : key_(std::make_unique<Key>()) {}
Certificate::Certificate(Certificate&&) noexcept = default;
Certificate& Certificate::operator=(Certificate&&) noexcept = default;
Certificate::~Certificate() = default;

absl::StatusOr<Certificate> Certificate::Parse(const Secret& certificate,
                                               const Secret& private_key) {
  const X509Pointer parsed(PEM_read_bio_X509(Open(certificate).get(), nullptr,
                                             NoPassphrase, nullptr));
  if (parsed == nullptr) {
    return Wrong(
        "`certificate` is not a certificate in PEM (-----BEGIN CERTIFICATE)");
  }
  KeyPointer key(PEM_read_bio_PrivateKey(Open(private_key).get(), nullptr,
                                         NoPassphrase, nullptr));
  if (key == nullptr) {
    return Wrong(
        "`private_key` is not a private key in PEM without a passphrase "
        "(-----BEGIN PRIVATE KEY)");
  }
  // Entra takes certificates of RSA keys only.
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA ||
      EVP_PKEY_get_bits(key.get()) < kFewestBits) {
    return Wrong("`private_key` is not an RSA key of at least 2048 bits");
  }
  // Found out here and not by a refusal in the night.
  if (X509_check_private_key(parsed.get(), key.get()) != 1) {
    return Wrong("`private_key` does not belong to `certificate`");
  }
  Certificate made;
  made.key_->pointer = std::move(key);
  made.not_before_ = TimeOf(X509_get0_notBefore(parsed.get()));
  made.not_after_ = TimeOf(X509_get0_notAfter(parsed.get()));
  made.thumbprint_ = Thumbprint(parsed.get());
  return made;
}

std::string Certificate::Sign(std::string_view text) const {
  const Context context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* settings = nullptr;  // `context` owns it
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  Check(context != nullptr &&
        EVP_DigestSignInit(context.get(), &settings, EVP_sha256(), nullptr,
                           key_->pointer.get()) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1 &&
        // RFC 7518, 3.5: the salt is as long as the digest.
        EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) ==
            1);
  // The first call tells how long a signature is.
  size_t size = 0;
  Check(EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) == 1);
  std::string signature(size, '\0');
  Check(EVP_DigestSign(context.get(),
                       reinterpret_cast<unsigned char*>(signature.data()),
                       &size, bytes, text.size()) == 1);
  signature.resize(size);
  return Base64Url(signature);
}

}  // namespace patform::entra
