#include "providers/emulator/http/certificate.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <memory>

#include "absl/status/status.h"

// A certificate for loopback, a new one at each start. It is its own issuer, so
// that it can be given to clients as the one to trust.
namespace patform::http {
namespace {

constexpr int64_t kDay = 24 * 60 * 60;

// OpenSSL's types, each with its own way to be freed.
struct Free {
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(X509* p) const { X509_free(p); }
  void operator()(X509_EXTENSION* p) const { X509_EXTENSION_free(p); }
  void operator()(BIO* p) const { BIO_free_all(p); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

absl::Status Failed(const char* what) {
  return absl::InternalError(
      std::string("OpenSSL could not make a certificate: ") + what + " failed");
}

// An extension in the syntax of openssl.cnf.
bool AddExtension(X509* cert, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, cert, cert, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension != nullptr && X509_add_ext(cert, extension.get(), -1) == 1;
}

// What was written to a BIO in memory.
std::string Text(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

}  // namespace

absl::StatusOr<Certificate> MakeSelfSigned(
    const std::vector<std::string>& extra_names) {
  // P-256: small, fast, and accepted by every client that speaks TLS 1.2.
  const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  if (key == nullptr) return Failed("the key");
  const Owned<X509> cert(X509_new());
  if (cert == nullptr) return Failed("X509_new");

  uint64_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) !=
      1) {
    return Failed("RAND_bytes");
  }
  // Shifted: a serial number is positive (RFC 5280), and two certificates of
  // one issuer must not share it.
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert.get()), serial >> 1);
  X509_set_version(cert.get(), X509_VERSION_3);
  // An hour of the past, for clocks that differ.
  X509_gmtime_adj(X509_getm_notBefore(cert.get()), -60 * 60);
  X509_gmtime_adj(X509_getm_notAfter(cert.get()), 30 * kDay);
  X509_set_pubkey(cert.get(), key.get());
  X509_NAME* name = X509_get_subject_name(cert.get());
  X509_NAME_add_entry_by_txt(
      name, "CN", MBSTRING_UTF8,
      reinterpret_cast<const unsigned char*>("patform-emulator"), -1, -1, 0);
  X509_set_issuer_name(cert.get(), name);

  // Clients look at these names and not at the subject's (RFC 9525).
  std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
  for (const std::string& extra : extra_names) {
    // A comma or a colon would start another entry.
    if (extra.find_first_of(",:\n") != std::string::npos) {
      return Failed("an extra name");
    }
    names += ",DNS:" + extra;
  }
  // A root that signs itself is what OpenSSL and Node accept as trusted.
  if (!AddExtension(cert.get(), NID_subject_alt_name, names) ||
      !AddExtension(cert.get(), NID_basic_constraints, "critical,CA:TRUE") ||
      !AddExtension(cert.get(), NID_key_usage,
                    "critical,digitalSignature,keyCertSign") ||
      !AddExtension(cert.get(), NID_ext_key_usage, "serverAuth") ||
      !AddExtension(cert.get(), NID_subject_key_identifier, "hash")) {
    return Failed("an extension");
  }
  if (X509_sign(cert.get(), key.get(), EVP_sha256()) == 0) {
    return Failed("the signature");
  }

  const Owned<BIO> cert_text(BIO_new(BIO_s_mem()));
  // secmem is wiped when it is freed.
  const Owned<BIO> key_text(BIO_new(BIO_s_secmem()));
  if (PEM_write_bio_X509(cert_text.get(), cert.get()) != 1 ||
      PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0,
                               nullptr, nullptr) != 1) {
    return Failed("PEM");
  }
  return Certificate{Text(cert_text.get()), Text(key_text.get())};
}

}  // namespace patform::http
