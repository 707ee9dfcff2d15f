#include "engine/base/digest.h"

#include <endian.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <memory>
#include <new>

#include "absl/strings/escaping.h"

namespace patform {
namespace {

// SHA-256.
using Digest = std::array<unsigned char, 32>;

// OpenSSL 3 looks an algorithm up among its providers, which takes longer than
// the digest of a short text: callers keep what this returns. A machine's
// openssl.cnf may name providers that lack one (the FIPS provider has no
// SipHash), or be broken; a context of our own does not read it and has the
// default provider.
template <typename T>
T* Fetch(T* fetch(OSSL_LIB_CTX*, const char*, const char*), const char* name) {
  T* found = fetch(nullptr, name, nullptr);
  if (found == nullptr) found = fetch(OSSL_LIB_CTX_new(), name, nullptr);
  if (found == nullptr) throw std::bad_alloc();
  return found;
}

// A digest cannot fail for a reason that a caller could do something about: it
// is lack of memory, and treated as that.
void Check(bool done) {
  if (!done) throw std::bad_alloc();
}

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string Hex(const Digest& digest) {
  return absl::BytesToHexString(absl::string_view(
      reinterpret_cast<const char*>(digest.data()), digest.size()));
}

// The `size` bytes that authenticate `bytes` under `key`, to `out`.
void Authenticate(EVP_MAC* algorithm, const OSSL_PARAM* settings,
                  std::string_view key, std::string_view bytes,
                  unsigned char* out, size_t size) {
  if (key.empty()) key = "";  // a null pointer would mean: no key was given
  // One context per call: they are cheap, next to fetching an algorithm.
  const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(
      EVP_MAC_CTX_new(algorithm), &EVP_MAC_CTX_free);
  const auto add = [&](std::string_view message) {
    Check(EVP_MAC_init(context.get(), Bytes(key), key.size(), settings) == 1 &&
          EVP_MAC_update(context.get(), Bytes(message), message.size()) == 1);
  };
  size_t written = 0;
  Check(context != nullptr);
  add(bytes);
  Check(EVP_MAC_final(context.get(), out, &written, size) == 1 &&
        written == size);
  // SipHash's context holds what of `bytes` does not fill a word of eight, and
  // is freed as it is; `bytes` may be a secret. Zeros go over it, and a second
  // time over the copy of it that each start makes.
  for (int i = 0; i < 2; ++i) add(std::string_view("\0\0\0\0\0\0\0", 7));
}

// Never freed: still in use while the program ends.
const EVP_MD* Sha256Algorithm() {
  static const EVP_MD* const algorithm = Fetch(EVP_MD_fetch, "SHA256");
  return algorithm;
}

}  // namespace

// As 64 hexadecimal digits in lower case.
std::string Sha256(std::string_view bytes) {
  Digest digest;
  Check(EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr,
                   Sha256Algorithm(), nullptr) == 1);
  return Hex(digest);
}

struct Sha256Stream::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context = {
      EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  Check(state_->context != nullptr &&
        EVP_DigestInit_ex(state_->context.get(), Sha256Algorithm(), nullptr) ==
            1);
}

Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::Add(std::string_view bytes) {
  Check(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) ==
        1);
}

std::string Sha256Stream::Finish() {
  Digest digest;
  Check(EVP_DigestFinal_ex(state_->context.get(), digest.data(), nullptr) == 1);
  return Hex(digest);
}

namespace {

Digest Hmac(std::string_view key, std::string_view bytes) {
  static EVP_MAC* const algorithm = Fetch(EVP_MAC_fetch, "HMAC");
  // OpenSSL takes a pointer to char that is not const, and does not write to
  // it.
  char digest[] = "SHA256";
  const OSSL_PARAM settings[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  Digest result;
  Authenticate(algorithm, settings, key, bytes, result.data(), result.size());
  return result;
}

}  // namespace

std::string HmacSha256(std::string_view key, std::string_view bytes) {
  return Hex(Hmac(key, bytes));
}

// No copy of it is left behind, as of other results there may be.
Secret HmacSha256Key(const Secret& key, std::string_view bytes) {
  Digest digest = Hmac(key.Reveal(), bytes);
  Secret result(std::string_view(reinterpret_cast<const char*>(digest.data()),
                                 digest.size()));
  OPENSSL_cleanse(digest.data(), digest.size());
  return result;
}

// SipHash-2-4, 64 bits: a keyed digest for short texts, which shows nothing
// about them without the key.
uint64_t SipHash(uint64_t key0, uint64_t key1, std::string_view bytes) {
  static EVP_MAC* const algorithm = Fetch(EVP_MAC_fetch, "SIPHASH");
  uint64_t result = 0;
  size_t size = sizeof result;
  const OSSL_PARAM settings[] = {
      OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
      OSSL_PARAM_construct_end()};
  // The key as the bytes that the algorithm's authors define, whatever the
  // machine.
  const uint64_t key[] = {htole64(key0), htole64(key1)};
  Authenticate(algorithm, settings,
               std::string_view(reinterpret_cast<const char*>(key), sizeof key),
               bytes, reinterpret_cast<unsigned char*>(&result), size);
  return le64toh(result);
}

// The length is not a secret: digests of one kind have one length.
bool SameInConstantTime(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace patform
