#include "providers/emulator/http/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "gtest/gtest.h"
#include "providers/emulator/http/certificate.h"

namespace patform::http {
namespace {

// A raw connection to loopback.
class Client {
 public:
  explicit Client(int port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address),
                      sizeof(address)),
              0);
  }
  ~Client() { close(socket_); }

  void Send(const std::string& text) {
    EXPECT_EQ(send(socket_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  // Until `end` was read, or the end of the stream.
  std::string ReadUntil(const std::string& end) {
    std::string text;
    char buffer[4096];
    while (end.empty() || !absl::StrContains(text, end)) {
      const ssize_t got = recv(socket_, buffer, sizeof(buffer), 0);
      if (got <= 0) break;
      text.append(buffer, static_cast<size_t>(got));
    }
    return text;
  }
  int socket() const { return socket_; }

 private:
  static int socket(int domain, int type, int protocol) {
    return ::socket(domain, type, protocol);
  }
  int socket_;
};

std::unique_ptr<Server> Serve(Server::Handler handler,
                              Server::Options options = {}) {
  auto server = Server::Start(options, std::move(handler));
  EXPECT_TRUE(server.ok()) << server.status();
  return std::move(server).value();
}

ServerResponse Echo(const ServerRequest& request) {
  ServerResponse response;
  response.body =
      absl::StrCat(request.method, " ", request.target, " ", request.body, ";");
  return response;
}

TEST(Server, KeepsTheConnection) {
  const auto server = Serve(Echo);
  Client client(server->port());
  client.Send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string first = client.ReadUntil(";");
  EXPECT_TRUE(absl::StartsWith(first, "HTTP/1.1 200 OK\r\nDate: ")) << first;
  EXPECT_TRUE(absl::EndsWith(first, "Content-Length: 8\r\n\r\nGET /a ;"))
      << first;
  client.Send("PUT /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nxyz");
  EXPECT_TRUE(absl::EndsWith(client.ReadUntil(";"), "\r\n\r\nPUT /b xyz;"));
  EXPECT_EQ(server->connections_accepted(), 1);
}

TEST(Server, TakesPipelinedChunkedAndSplitRequests) {
  const auto server = Serve(Echo);
  Client client(server->port());
  client.Send(
      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2 HTTP/1.1\r\nHost: x\r\n"
      "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET /3 HT");
  client.Send("TP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string all = client.ReadUntil("");
  EXPECT_TRUE(absl::StrContains(all, "GET /1 ;HTTP/1.1 200"));
  EXPECT_TRUE(absl::StrContains(all, "POST /2 abc;HTTP/1.1 200"));
  EXPECT_TRUE(absl::EndsWith(all, "Connection: close\r\n\r\nGET /3 ;"));
}

TEST(Server, AnswersExpectContinue) {
  const auto server = Serve(Echo);
  Client client(server->port());
  client.Send(
      "PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
      "Content-Length: 2\r\n\r\n");
  EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("ok");
  EXPECT_TRUE(absl::EndsWith(client.ReadUntil(";"), "PUT / ok;"));
}

TEST(Server, HeadAndNoContentHaveNoBody) {
  const auto server = Serve([](const ServerRequest& request) {
    ServerResponse response = Echo(request);
    if (request.method == "DELETE") response = {.status = 204};
    return response;
  });
  Client client(server->port());
  client.Send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(absl::EndsWith(client.ReadUntil("\r\n\r\n"),
                             "Content-Length: 8\r\n\r\n"));
  client.Send("DELETE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string answer = client.ReadUntil("");
  EXPECT_TRUE(absl::StartsWith(answer, "HTTP/1.1 204 No Content\r\n"));
  EXPECT_FALSE(absl::StrContains(answer, "Content-Length"));
}

TEST(Server, RefusesWhatIsTooLargeOrNoHttp) {
  Server::Options options;
  options.max_body = 10;
  const auto server = Serve(Echo, options);
  const struct {
    std::string sent;
    const char* want;
  } rows[] = {
      {"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n", "413"},
      {"GET / HTTP/1.1\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n", "431"},
      {"NONSENSE\r\n\r\n", "400"},
      {"GET /\x01 HTTP/1.1\r\n\r\n", "400"},
      {"PUT / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "400"},
  };
  for (const auto& row : rows) {
    Client client(server->port());
    client.Send(row.sent);
    EXPECT_EQ(client.ReadUntil("").substr(0, 12),
              absl::StrCat("HTTP/1.1 ", row.want));
  }
}

TEST(Server, Fates) {
  const auto server = Serve([](const ServerRequest& request) {
    ServerResponse response;
    response.body = "slowly";
    response.drip_every = std::chrono::milliseconds(1);
    response.fate = request.target == "/cut" ? ServerResponse::Fate::kCutBefore
                                             : ServerResponse::Fate::kSlowDrip;
    return response;
  });
  Client cut(server->port());
  cut.Send("GET /cut HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(cut.ReadUntil(""), "");
  Client slow(server->port());
  slow.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(absl::EndsWith(slow.ReadUntil("slowly"),
                             "Content-Length: 6\r\n\r\nslowly"));
}

TEST(Server, StopCutsWhatIsOpenAndWaits) {
  const auto server = Serve([](const ServerRequest& request) {
    ServerResponse response = Echo(request);
    response.delay = std::chrono::hours(1);
    return response;
  });
  Client idle(server->port());
  Client waiting(server->port());
  waiting.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  server->Stop();
  EXPECT_EQ(idle.ReadUntil(""), "");
  EXPECT_EQ(waiting.ReadUntil(""), "");
  server->Stop();
}

TEST(Server, ServesManyAtOnce) {
  Server::Options options;
  options.max_connections = 4;
  const auto server = Serve(Echo, options);
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&server, i] {
      Client client(server->port());
      for (int j = 0; j < 50; ++j) {
        const std::string target = absl::StrCat("/", i, "-", j);
        client.Send("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_TRUE(
            absl::EndsWith(client.ReadUntil(";"), "GET " + target + " ;"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(server->connections_accepted(), 16);
}

TEST(Server, MistakesAreSaid) {
  const auto first = Serve(Echo);
  Server::Options taken;
  taken.port = first->port();
  const auto second = Server::Start(taken, Echo);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(StdView(second.status().message()),
            absl::StrCat("cannot listen on 127.0.0.1 port ", taken.port,
                         ": Address already in use"));
  Server::Options named;
  named.host = "localhost";
  EXPECT_EQ(StdView(Server::Start(named, Echo).status().message()),
            "\"localhost\" is not an IP address to listen on");
  Server::Options tls;
  tls.cert_pem = "no certificate";
  EXPECT_EQ(StdView(Server::Start(tls, Echo).status().message()),
            "the server's certificate cannot be used");
}

class Tls : public testing::Test {
 protected:
  Tls() {
    auto made = MakeSelfSigned({"pats.example"});
    EXPECT_TRUE(made.ok()) << made.status();
    Server::Options options;
    options.cert_pem = made->cert_pem;
    options.key_pem = made->key_pem;
    server_ = Serve(Echo, options);
    context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    std::unique_ptr<BIO, decltype(&BIO_free)> bio(
        BIO_new_mem_buf(made->cert_pem.data(), -1), &BIO_free);
    std::unique_ptr<X509, decltype(&X509_free)> cert(
        PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &X509_free);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), cert.get());
  }

  // The handshake's verdict for a client that expects that host.
  long Verify(const char* host) {
    Client client(server_->port());
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context_.get()),
                                                  &SSL_free);
    SSL_set1_host(ssl.get(), host);
    SSL_set_fd(ssl.get(), client.socket());
    if (SSL_connect(ssl.get()) != 1) return SSL_get_verify_result(ssl.get());
    EXPECT_GE(SSL_version(ssl.get()), TLS1_2_VERSION);
    const std::string request =
        "GET /tls HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    SSL_write(ssl.get(), request.data(), static_cast<int>(request.size()));
    std::string answer;
    char buffer[4096];
    int got = 0;
    while ((got = SSL_read(ssl.get(), buffer, sizeof(buffer))) > 0) {
      answer.append(buffer, static_cast<size_t>(got));
    }
    EXPECT_TRUE(absl::EndsWith(answer, "GET /tls ;")) << answer;
    // A goodbye, not a cut.
    EXPECT_EQ(SSL_get_error(ssl.get(), got), SSL_ERROR_ZERO_RETURN);
    return X509_V_OK;
  }

  struct Free {
    void operator()(SSL_CTX* p) const { SSL_CTX_free(p); }
  };
  std::unique_ptr<Server> server_;
  std::unique_ptr<SSL_CTX, Free> context_;
};

TEST_F(Tls, TheCertificateIsItsOwnAnchor) {
  EXPECT_EQ(Verify("localhost"), X509_V_OK);
  EXPECT_EQ(Verify("127.0.0.1"), X509_V_OK);
  EXPECT_EQ(Verify("::1"), X509_V_OK);
  EXPECT_EQ(Verify("pats.example"), X509_V_OK);
  EXPECT_EQ(Verify("other.example"), X509_V_ERR_HOSTNAME_MISMATCH);
}

TEST_F(Tls, OldVersionsAreRefused) {
  SSL_CTX_set_security_level(context_.get(), 0);
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context_.get(), TLS1_1_VERSION);
  Client client(server_->port());
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context_.get()),
                                                &SSL_free);
  SSL_set_fd(ssl.get(), client.socket());
  EXPECT_NE(SSL_connect(ssl.get()), 1);
}

TEST(Certificate, ExtraNamesAreNames) {
  EXPECT_FALSE(MakeSelfSigned({"a,DNS:b"}).ok());
}

}  // namespace
}  // namespace patform::http
