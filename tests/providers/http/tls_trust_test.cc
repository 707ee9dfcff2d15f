// The system's authorities: a folder with a file for each, found by a hash of
// its name, and one file with all of them. Whoever is in either is trusted.
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "providers/emulator/http/server.h"
#include "providers/http/http_client.h"

namespace patform::http {
namespace {

constexpr long kDay = 24 * 60 * 60;

// One that signs others, called `name`, valid until `days` from now.
class Authority {
 public:
  explicit Authority(const std::string& name, int days = 30)
      : key_(EVP_EC_gen("P-256")), x509_(New(name, days, key_)) {
    X509_set_issuer_name(x509_, X509_get_subject_name(x509_));
    Add(x509_, NID_basic_constraints, "critical,CA:TRUE");
    Add(x509_, NID_subject_key_identifier, "hash");
    X509_sign(x509_, key_, EVP_sha256());
  }
  ~Authority() {
    X509_free(x509_);
    EVP_PKEY_free(key_);
  }
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  // The same key and name, with an end that is past.
  std::string Expired() const {
    X509* const past = X509_dup(x509_);
    X509_gmtime_adj(X509_getm_notBefore(past), -9 * kDay);
    X509_gmtime_adj(X509_getm_notAfter(past), -kDay);
    X509_sign(past, key_, EVP_sha256());
    const std::string pem = Pem(past);
    X509_free(past);
    return pem;
  }
  std::string pem() const { return Pem(x509_); }
  // What OpenSSL calls its file in a folder.
  std::string FileName() const {
    return absl::StrFormat("%08lx.0", X509_subject_name_hash(x509_));
  }
  // A server for localhost that it has signed.
  std::unique_ptr<Server> Serve() const {
    EVP_PKEY* const key = EVP_EC_gen("P-256");
    X509* const leaf = New("server", 5, key);
    X509_set_issuer_name(leaf, X509_get_subject_name(x509_));
    Add(leaf, NID_subject_alt_name, "DNS:localhost");
    // As all authorities do it: two of one name are told apart by it.
    Add(leaf, NID_authority_key_identifier, "keyid", x509_);
    X509_sign(leaf, key_, EVP_sha256());
    auto server = Start(leaf, key);
    X509_free(leaf);
    EVP_PKEY_free(key);
    return server;
  }
  // One that shows this certificate.
  std::unique_ptr<Server> ServeItself() const { return Start(x509_, key_); }

 private:
  static std::unique_ptr<Server> Start(X509* certificate, EVP_PKEY* key) {
    Server::Options options;
    options.cert_pem = Pem(certificate);
    BIO* const bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    options.key_pem = Text(bio);
    auto server = Server::Start(options, [](const ServerRequest&) {
      ServerResponse response;
      response.body = "secure";
      return response;
    });
    return server.ok() ? *std::move(server) : nullptr;
  }
  static X509* New(const std::string& name, int days, EVP_PKEY* key) {
    X509* const x509 = X509_new();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 7);
    X509_gmtime_adj(X509_getm_notBefore(x509), -10 * kDay);
    X509_gmtime_adj(X509_getm_notAfter(x509), days * kDay);
    X509_set_pubkey(x509, key);
    X509_NAME_add_entry_by_txt(
        X509_get_subject_name(x509), "CN", MBSTRING_ASC,
        reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    return x509;
  }
  static void Add(X509* x509, int nid, const char* value,
                  X509* issuer = nullptr) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, x509, nullptr, nullptr, 0);
    X509_EXTENSION* const extension =
        X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
  }
  static std::string Pem(X509* x509) {
    BIO* const bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, x509);
    return Text(bio);
  }
  static std::string Text(BIO* bio) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(bio, &bytes);
    std::string text(bytes, static_cast<size_t>(size));
    BIO_free(bio);
    return text;
  }

  EVP_PKEY* const key_;
  X509* const x509_;
};

class SystemTrust : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = absl::StrCat(::testing::TempDir(), "/patform-trust-", getpid());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ + "/certs");
    // OpenSSL reads them from the process.
    setenv("SSL_CERT_DIR", (folder_ + "/certs").c_str(), 1);
    setenv("SSL_CERT_FILE", (folder_ + "/all.pem").c_str(), 1);
  }
  void TearDown() override {
    unsetenv("SSL_CERT_DIR");
    unsetenv("SSL_CERT_FILE");
    std::filesystem::remove_all(folder_);
  }
  void InFolder(const Authority& authority, const std::string& pem) {
    std::ofstream(absl::StrCat(folder_, "/certs/", authority.FileName()))
        << pem;
  }
  void InFile(const std::string& pem) {
    std::ofstream(folder_ + "/all.pem") << pem;
  }
  // "secure", or what was said.
  static std::string Ask(const Server& server) {
    ClientOptions options;
    options.environment = [](const std::string&) -> std::optional<std::string> {
      return std::nullopt;
    };
    ClientFactory factory(options);
    Request request;
    request.method = "GET";
    request.url = *ParseUrl(absl::StrCat("https://localhost:", server.port()));
    const auto answer = factory.NewClient()->Send(
        request, std::chrono::steady_clock::now() + std::chrono::seconds(5));
    if (!answer.ok()) return std::string(answer.status().message());
    return std::string(answer->body.Reveal());
  }

  std::string folder_;
};

TEST_F(SystemTrust, OfTheFolderAlone) {
  const Authority authority("one");
  const auto server = authority.Serve();
  InFolder(authority, authority.pem());
  EXPECT_EQ(Ask(*server), "secure");
}

TEST_F(SystemTrust, OfTheFileAlone) {
  const Authority authority("one");
  const auto server = authority.Serve();
  InFile(Authority("two").pem() + authority.pem());
  EXPECT_EQ(Ask(*server), "secure");
}

// A folder that knows the name, but not the one that signed.
TEST_F(SystemTrust, AnotherOfThatNameInTheFolder) {
  const Authority authority("one"), other("one");
  const auto server = authority.Serve();
  InFolder(other, other.pem());
  InFile(authority.pem());
  EXPECT_EQ(Ask(*server), "secure");
}

// Authorities are renewed under their name and with their key.
TEST_F(SystemTrust, TheOneOfTheFolderHasEnded) {
  const Authority authority("one");
  const auto server = authority.Serve();
  InFolder(authority, authority.Expired());
  EXPECT_NE(Ask(*server), "secure");
  InFile(authority.pem());
  EXPECT_EQ(Ask(*server), "secure");
}

// A server that has signed itself is trusted as it is; another one of its name
// is not.
TEST_F(SystemTrust, OneThatSignedItself) {
  const Authority own("localhost"), other("localhost");
  const auto server = own.ServeItself();
  InFolder(other, other.pem());
  EXPECT_NE(Ask(*server), "secure");
  InFile(own.pem());
  EXPECT_EQ(Ask(*server), "secure");
  InFile(other.pem());
  InFolder(own, own.pem());
  EXPECT_EQ(Ask(*server), "secure");
}

TEST_F(SystemTrust, NobodyElse) {
  const Authority authority("one"), other("two");
  const auto server = authority.Serve();
  InFolder(other, other.pem());
  InFile(other.pem());
  EXPECT_EQ(Ask(*server),
            absl::StrCat("TLS with localhost:", server->port(),
                         " failed: unable to get local issuer certificate. "
                         "Trusted are the system's certificates (set "
                         "SSL_CERT_FILE to use others). Nothing was sent"));
}

}  // namespace
}  // namespace patform::http
