// Authorities, names and client certificates of one service alone.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "providers/emulator/http/certificate.h"
#include "providers/http/http_client.h"

namespace patform::http {
namespace {

// Answers one request over TLS with the number of certificates that the client
// has shown.
class AskingServer {
 public:
  explicit AskingServer(const Certificate& own)
      : context_(SSL_CTX_new(TLS_server_method())) {
    BIO* const cert = BIO_new_mem_buf(own.cert_pem.data(), -1);
    BIO* const key = BIO_new_mem_buf(own.key_pem.data(), -1);
    X509* const x509 = PEM_read_bio_X509(cert, nullptr, nullptr, nullptr);
    EVP_PKEY* const pkey =
        PEM_read_bio_PrivateKey(key, nullptr, nullptr, nullptr);
    SSL_CTX_use_certificate(context_, x509);
    SSL_CTX_use_PrivateKey(context_, pkey);
    X509_free(x509);
    EVP_PKEY_free(pkey);
    BIO_free(cert);
    BIO_free(key);
    // Whatever is shown is taken: the tests look at what was shown.
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER,
                       [](int, X509_STORE_CTX*) { return 1; });
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    bind(fd_, reinterpret_cast<sockaddr*>(&address), size);
    listen(fd_, 1);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~AskingServer() {
    shutdown(fd_, SHUT_RDWR);
    close(fd_);
    thread_.join();
    SSL_CTX_free(context_);
  }
  int port() const { return port_; }

 private:
  void Serve() {
    const int client = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    SSL* const ssl = SSL_new(context_);
    SSL_set_fd(ssl, client);
    char seen[4096];
    if (SSL_accept(ssl) == 1 && SSL_read(ssl, seen, sizeof(seen)) > 0) {
      X509* const shown = SSL_get1_peer_certificate(ssl);
      const std::string bytes =
          absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n",
                       shown == nullptr ? 0 : 1);
      X509_free(shown);
      SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size()));
      SSL_shutdown(ssl);
    }
    SSL_free(ssl);
    close(client);
  }

  SSL_CTX* const context_;
  int fd_ = -1;
  int port_ = 0;
  std::thread thread_;
};

ClientOptions NoEnvironment() {
  ClientOptions options;
  options.environment = [](const std::string&) -> std::optional<std::string> {
    return std::nullopt;
  };
  return options;
}

// "shown 1", or what was refused.
std::string Ask(int port, const TlsOptions& tls) {
  const auto factory = ClientFactory::With(NoEnvironment(), tls);
  if (!factory.ok()) return factory.status().ToString();
  Request request;
  request.method = "GET";
  request.url = *ParseUrl(absl::StrCat("https://127.0.0.1:", port, "/"));
  const auto answer = (*factory)->NewClient()->Send(
      request, std::chrono::steady_clock::now() + std::chrono::seconds(5));
  if (!answer.ok()) return answer.status().ToString();
  return absl::StrCat("shown ", std::string(answer->body.Reveal()));
}

TEST(TlsOptions, TrustsItsOwnAuthoritiesAndNoOthers) {
  const auto own = MakeSelfSigned({});
  const auto other = MakeSelfSigned({});
  for (const bool right : {true, false}) {
    AskingServer server(*own);
    TlsOptions tls;
    tls.authorities_pem = absl::StrCat(
        "# two of them\n", right ? own->cert_pem : "", other->cert_pem);
    tls.authorities_name = "the authorities of cluster \"dev\"";
    EXPECT_EQ(Ask(server.port(), tls),
              right ? "shown 0"
                    : absl::StrCat("FAILED_PRECONDITION: TLS with 127.0.0.1:",
                                   server.port(),
                                   " failed: self-signed certificate. Trusted "
                                   "are the authorities of cluster \"dev\". "
                                   "Nothing was sent"));
  }
}

TEST(TlsOptions, ShowsItsClientCertificate) {
  const auto own = MakeSelfSigned({});
  const auto client = MakeSelfSigned({});
  AskingServer server(*own);
  TlsOptions tls;
  tls.authorities_pem = own->cert_pem;
  tls.certificate_pem = client->cert_pem;
  tls.key_pem = Secret(client->key_pem);
  EXPECT_EQ(Ask(server.port(), tls), "shown 1");
}

TEST(TlsOptions, TakesACertificateOfTheNameThatItIsGiven) {
  const auto own = MakeSelfSigned({"api.internal"});
  for (const bool right : {true, false}) {
    AskingServer server(*own);
    TlsOptions tls;
    tls.authorities_pem = own->cert_pem;
    tls.server_name = right ? "api.internal" : "other.internal";
    const std::string got = Ask(server.port(), tls);
    EXPECT_EQ(got == "shown 0", right) << got;
    EXPECT_EQ(absl::StrContains(got, "hostname mismatch"), !right) << got;
  }
}

TEST(TlsOptions, WhatIsOfNoUseIsRefusedWithoutTheKey) {
  const auto one = MakeSelfSigned({});
  const auto other = MakeSelfSigned({});
  const struct {
    const char* name;
    std::string authorities, certificate, key;
    const char* want;
  } rows[] = {
      {"no authority", "nonsense", "", "",
       "INVALID_ARGUMENT: the authorities contain no certificate in PEM form"},
      {"no certificate", "", "nonsense", one->key_pem,
       "INVALID_ARGUMENT: the client certificate is not in PEM form"},
      {"no key", "", one->cert_pem, "nonsense",
       "INVALID_ARGUMENT: the key of the client certificate is not in PEM "
       "form, or is encrypted"},
      {"another's key", "", one->cert_pem, other->key_pem,
       "INVALID_ARGUMENT: the client certificate does not belong to its key, "
       "or is too weak for this machine's TLS"},
  };
  for (const auto& row : rows) {
    TlsOptions tls;
    tls.authorities_pem = row.authorities;
    tls.authorities_name = "the authorities";
    tls.certificate_pem = row.certificate;
    tls.key_pem = Secret(row.key);
    EXPECT_EQ(ClientFactory::With(NoEnvironment(), tls).status().ToString(),
              row.want)
        << row.name;
  }
}

}  // namespace
}  // namespace patform::http
