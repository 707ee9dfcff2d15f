#include "providers/entra/certificate.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "engine/base/digest.h"
#include "providers/entra/certificate_proof.h"
#include "tests/providers/entra/signing_in.h"

namespace patform::entra {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Key NewKey(const char* kind, int bits) {
  return {bits == 0 ? EVP_EC_gen("P-256")
                    : EVP_PKEY_Q_keygen(nullptr, nullptr, kind,
                                        static_cast<size_t>(bits)),
          &EVP_PKEY_free};
}

std::string TextOf(BIO* bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  std::string text(bytes, static_cast<size_t>(size));
  BIO_free_all(bio);
  return text;
}

// `passphrase`: null for a key that anybody can read.
Secret KeyPem(EVP_PKEY* key, const char* passphrase = nullptr) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key,
                           passphrase == nullptr ? nullptr : EVP_aes_128_cbc(),
                           nullptr, 0, nullptr, const_cast<char*>(passphrase));
  return Secret(TextOf(bio));
}

// Good from `from` to `to`, Unix seconds.
X509* NewCertificate(EVP_PKEY* key, int64_t from, int64_t to) {
  X509* certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  ASN1_TIME_set(X509_getm_notBefore(certificate), from);
  ASN1_TIME_set(X509_getm_notAfter(certificate), to);
  X509_set_pubkey(certificate, key);
  X509_sign(certificate, key, EVP_sha256());
  return certificate;
}

struct Pair {
  Secret certificate;
  Secret key;
  std::string thumbprint;  // hexadecimal
};

Pair NewPair(EVP_PKEY* key, int64_t from, int64_t to) {
  X509* certificate = NewCertificate(key, from, to);
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  Pair pair = {Secret(TextOf(bio)), KeyPem(key), ""};
  BIO* der = BIO_new(BIO_s_mem());
  i2d_X509_bio(der, certificate);
  pair.thumbprint = Sha256(TextOf(der));
  X509_free(certificate);
  return pair;
}

std::string Decoded(std::string_view part) {
  std::string bytes;
  EXPECT_TRUE(absl::WebSafeBase64Unescape(
      absl::string_view(part.data(), part.size()), &bytes));
  return bytes;
}

bool IsSignedBy(EVP_PKEY* key, std::string_view text,
                const std::string& signature) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* settings = nullptr;
  EVP_DigestVerifyInit(context, &settings, EVP_sha256(), nullptr, key);
  EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING);
  EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, 32);
  const int right = EVP_DigestVerify(
      context, reinterpret_cast<const unsigned char*>(signature.data()),
      signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
      text.size());
  EVP_MD_CTX_free(context);
  return right == 1;
}

std::string Fault(const Secret& certificate, const Secret& key) {
  return std::string(Certificate::Parse(certificate, key).status().message());
}

constexpr int64_t kFrom = 1'794'000'000;
constexpr int64_t kTo = 1'800'000'000;

TEST(Certificate, WhatItIsNot) {
  const Key key = NewKey("RSA", 2048);
  const Pair good = NewPair(key.get(), kFrom, kTo);
  const char* const kNoKey =
      "`private_key` is not a private key in PEM without a passphrase "
      "(-----BEGIN PRIVATE KEY)";
  const char* const kNotRsa =
      "`private_key` is not an RSA key of at least 2048 bits";
  EXPECT_EQ(Fault(good.certificate, good.key), "");
  EXPECT_EQ(Fault(Secret("hunter2"), good.key),
            "`certificate` is not a certificate in PEM (-----BEGIN "
            "CERTIFICATE)");
  EXPECT_EQ(Fault(good.certificate, Secret("hunter2")), kNoKey);
  EXPECT_EQ(Fault(good.certificate, Secret()), kNoKey);
  // Nobody is asked for a passphrase.
  EXPECT_EQ(Fault(good.certificate, KeyPem(key.get(), "hunter2")), kNoKey);
  const Key curve = NewKey("EC", 0);
  const Pair other = NewPair(curve.get(), kFrom, kTo);
  EXPECT_EQ(Fault(other.certificate, other.key), kNotRsa);
  const Key small = NewKey("RSA", 1024);
  EXPECT_EQ(Fault(good.certificate, KeyPem(small.get())), kNotRsa);
  const Key second = NewKey("RSA", 2048);
  EXPECT_EQ(Fault(good.certificate, KeyPem(second.get())),
            "`private_key` does not belong to `certificate`");
}

TEST(CertificateProof, SignsAnAssertion) {
  const Key key = NewKey("RSA", 2048);
  const Pair pair = NewPair(key.get(), kFrom, kTo);
  absl::StatusOr<Certificate> certificate =
      Certificate::Parse(pair.certificate, pair.key);
  ASSERT_TRUE(certificate.ok()) << certificate.status();
  EXPECT_EQ(certificate->not_after(), absl::FromUnixSeconds(kTo));

  SigningIn world;  // its time is 1,795,000,000
  TokenEndpoint endpoint(RegistrationOfTests(), world.machine(), "x");
  CertificateProof proof(*std::move(certificate), &world.clock,
                         [] { return uint64_t{10}; });
  EXPECT_EQ(proof.Ends(), absl::FromUnixSeconds(kTo));
  Form form;
  ASSERT_EQ(proof.AddTo(form, endpoint, world.InAMinute()), absl::OkStatus());
  const std::string body(form.body().Reveal());
  const std::string start =
      "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-"
      "type%3Ajwt-bearer&client_assertion=";
  ASSERT_EQ(body.substr(0, start.size()), start);
  const std::string jwt = body.substr(start.size());
  const std::vector<std::string> parts = absl::StrSplit(jwt, '.');
  ASSERT_EQ(parts.size(), 3u);
  const std::string thumbprint = Base64Url(absl::HexStringToBytes(
      absl::string_view(pair.thumbprint.data(), pair.thumbprint.size())));
  EXPECT_EQ(Decoded(parts[0]),
            R"({"alg":"PS256","typ":"JWT","x5t#S256":")" + thumbprint + "\"}");
  EXPECT_EQ(
      boost::json::serialize(boost::json::parse(Decoded(parts[1]))),
      R"({"aud":"https://login.microsoftonline.com/contoso.example/oauth2/v2.0/)"
      R"(token","iss":"11111111-2222-3333-4444-555555555555",)"
      R"("sub":"11111111-2222-3333-4444-555555555555",)"
      R"("jti":"000000000000000a000000000000000a","iat":1795000000,)"
      R"("nbf":1795000000,"exp":1795000300})");
  EXPECT_TRUE(
      IsSignedBy(key.get(), parts[0] + "." + parts[1], Decoded(parts[2])));
  EXPECT_FALSE(IsSignedBy(key.get(), parts[0], Decoded(parts[2])));
}

TEST(CertificateProof, AnExpiredOneIsNotSent) {
  const Key key = NewKey("RSA", 2048);
  const Pair pair = NewPair(key.get(), kFrom, kFrom + 3600);
  SigningIn world;
  TokenEndpoint endpoint(RegistrationOfTests(), world.machine(), "x");
  CertificateProof proof(Certificate::Parse(pair.certificate, pair.key).value(),
                         &world.clock, [] { return uint64_t{10}; });
  Form form;
  EXPECT_EQ(proof.AddTo(form, endpoint, world.InAMinute()),
            absl::UnauthenticatedError(
                "signing in: the certificate of `certificate` is good from "
                "2026-11-06 to 2026-11-06, and today is 2026-11-18 by this "
                "machine's clock. Add a new one to the app registration"));
  EXPECT_TRUE(form.body().empty());
}

}  // namespace
}  // namespace patform::entra
