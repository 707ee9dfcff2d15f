// The client against real sockets: keep-alive, limits, cuts and TLS.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "providers/emulator/http/certificate.h"
#include "providers/emulator/http/connection.h"
#include "providers/emulator/http/server.h"
#include "providers/http/http_client.h"

namespace patform::http {
namespace {

Deadline Soon(int ms = 5000) {
  return std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
}

ClientOptions NoEnvironment() {
  ClientOptions options;
  options.environment = [](const std::string&) -> std::optional<std::string> {
    return std::nullopt;
  };
  return options;
}

Request To(int port, const std::string& method = "GET", bool tls = false,
           const std::string& host = "localhost") {
  Request request;
  request.method = method;
  request.url = *ParseUrl(absl::StrCat(tls ? "https" : "http", "://", host, ":",
                                       port, "/path?x=1"));
  if (method == "POST") {
    request.content_type = "application/json";
    request.body = Secret("{}");
  }
  return request;
}

// Answers each connection with fixed bytes once something was read, then
// closes it.
class RawServer {
 public:
  explicit RawServer(std::string bytes) : bytes_(std::move(bytes)) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    bind(fd_, reinterpret_cast<sockaddr*>(&address), size);
    listen(fd_, 16);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      for (;;) {
        const int client = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) return;
        ++connections_;
        char seen[4096];
        if (recv(client, seen, sizeof(seen), 0) > 0) {
          send(client, bytes_.data(), bytes_.size(), MSG_NOSIGNAL);
        }
        close(client);
      }
    });
  }
  ~RawServer() {
    shutdown(fd_, SHUT_RDWR);
    close(fd_);
    thread_.join();
  }
  int port() const { return port_; }
  int connections() const { return connections_; }

 private:
  const std::string bytes_;
  int fd_;
  int port_;
  std::atomic<int> connections_{0};
  std::thread thread_;
};

// Answers the first request of each connection and keeps it open; reads the
// second and closes. `leaves`: nobody listens from then on.
class ForgetfulServer {
 public:
  explicit ForgetfulServer(bool leaves = false) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    bind(fd_, reinterpret_cast<sockaddr*>(&address), size);
    listen(fd_, 16);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, leaves] {
      for (;;) {
        const int client = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) return;
        const std::string answer =
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        char seen[4096];
        if (recv(client, seen, sizeof(seen), 0) > 0) {
          ++requests_;
          send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
          if (recv(client, seen, sizeof(seen), 0) > 0) ++requests_;
          if (leaves) shutdown(fd_, SHUT_RDWR);
        }
        close(client);
      }
    });
  }
  ~ForgetfulServer() {
    shutdown(fd_, SHUT_RDWR);
    close(fd_);
    thread_.join();
  }
  int port() const { return port_; }
  int requests() const { return requests_; }

 private:
  int fd_;
  int port_;
  std::atomic<int> requests_{0};
  std::thread thread_;
};

// The server may have carried out what it read before it closed: what is sent
// again says so, and what must not be is not.
TEST(HttpClient, AConnectionThatBreaksUnderTheSecondRequest) {
  const struct {
    const char* method;
    bool once;
    bool leaves;
    absl::StatusCode code;
    int requests;
    bool repeated;
  } cases[] = {
      {"GET", false, false, absl::StatusCode::kOk, 3, false},
      {"PUT", false, false, absl::StatusCode::kOk, 3, true},
      {"PATCH", false, false, absl::StatusCode::kOk, 3, true},
      {"PUT", true, false, absl::StatusCode::kUnknown, 2, false},
      {"POST", false, false, absl::StatusCode::kUnknown, 2, false},
      {"GET", false, true, absl::StatusCode::kUnavailable, 2, false},
      {"PUT", false, true, absl::StatusCode::kUnknown, 2, false},
  };
  for (const auto& c : cases) {
    ForgetfulServer server(c.leaves);
    ClientFactory factory(NoEnvironment());
    const auto client = factory.NewClient();
    ASSERT_TRUE(client->Send(To(server.port()), Soon()).ok());
    Request request = To(server.port(), c.method);
    request.once = c.once;
    const auto second = client->Send(request, Soon());
    const std::string row =
        absl::StrCat(c.method, c.once ? " once" : "", c.leaves ? " gone" : "");
    EXPECT_EQ(second.status().code(), c.code) << row << second.status();
    EXPECT_EQ(server.requests(), c.requests) << row;
    EXPECT_EQ(second.ok() && second->repeated, c.repeated) << row;
  }
}

TEST(HttpClient, KeepsItsConnectionAndSendsWhatItIsTold) {
  std::vector<ServerRequest> seen;
  auto server = Server::Start({}, [&seen](const ServerRequest& request) {
    seen.push_back(request);
    ServerResponse response;
    response.headers = {{"X-Answer", "yes"}};
    response.body = "hello";
    return response;
  });
  ASSERT_TRUE(server.ok());
  ClientFactory factory(NoEnvironment());
  const auto client = factory.NewClient();
  const Secret bearer("b3arer");
  for (int i = 0; i < 20; ++i) {
    Request request = To((*server)->port(), i % 2 == 0 ? "GET" : "POST");
    request.bearer = &bearer;
    const auto response = client->Send(request, Soon());
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body.Reveal(), "hello");
    EXPECT_EQ(response->Find("x-answer"), "yes");
  }
  EXPECT_EQ((*server)->connections_accepted(), 1);
  ASSERT_EQ(seen.size(), 20u);
  EXPECT_EQ(seen[1].method, "POST");
  EXPECT_EQ(seen[1].target, "/path?x=1");
  EXPECT_EQ(seen[1].body, "{}");
  EXPECT_EQ(seen[1].Find("Authorization"), "Bearer b3arer");
  EXPECT_EQ(seen[1].Find("Accept-Encoding"), std::nullopt);
}

TEST(HttpClient, ARedirectIsAnAnswerLikeAnyOther) {
  std::atomic<int> elsewhere = 0;
  auto other = Server::Start({}, [&elsewhere](const ServerRequest&) {
    ++elsewhere;
    return ServerResponse();
  });
  const int port = (*other)->port();
  auto server = Server::Start({}, [port](const ServerRequest&) {
    ServerResponse response;
    response.status = 302;
    response.headers = {
        {"Location", absl::StrCat("http://localhost:", port, "/")}};
    return response;
  });
  ClientFactory factory(NoEnvironment());
  const auto response =
      factory.NewClient()->Send(To((*server)->port()), Soon());
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(elsewhere, 0);
}

TEST(HttpClient, AnswersOfEveryShape) {
  const struct {
    const char* name;
    std::string bytes;
    std::string want;  // the body, or ! and the error's code
  } cases[] = {
      {"length", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "abc"},
      {"chunked",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc"
       "\r\n0\r\n\r\n",
       "abc"},
      {"until close", "HTTP/1.1 200 OK\r\n\r\nabc", "abc"},
      {"1xx first",
       "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: "
       "1\r\n\r\nx",
       "x"},
      {"204", "HTTP/1.1 204 No Content\r\n\r\n", ""},
      {"cut in the body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
       "!UNKNOWN"},
      {"a status that is none", "HTTP/1.1 002 OK\r\nContent-Length: 0\r\n\r\n",
       "!DATA_LOSS"},
      {"cut in the head", "HTTP/1.1 200 OK\r\nConte", "!UNKNOWN"},
      {"nothing", "", "!UNKNOWN"},
      {"garbage", "SSH-2.0-OpenSSH\r\n\r\n", "!DATA_LOSS"},
      {"huge head",
       absl::StrCat("HTTP/1.1 200 OK\r\nX: ", std::string(90000, 'x'),
                    "\r\n\r\n"),
       "!RESOURCE_EXHAUSTED"},
      {"huge body",
       absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n",
                    std::string(2000, 'x')),
       "!RESOURCE_EXHAUSTED"},
  };
  for (const auto& c : cases) {
    RawServer server(c.bytes);
    ClientOptions options = NoEnvironment();
    options.max_body = 1000;
    ClientFactory factory(options);
    const auto response =
        factory.NewClient()->Send(To(server.port(), "POST"), Soon());
    EXPECT_EQ(response.ok()
                  ? std::string(response->body.Reveal())
                  : "!" + absl::StatusCodeToString(response.status().code()),
              c.want)
        << c.name << " " << response.status();
    EXPECT_EQ(server.connections(), 1) << c.name;
  }
}

std::unique_ptr<Server> Dripping() {
  auto server = Server::Start({}, [](const ServerRequest&) {
    ServerResponse response;
    response.body = std::string(100, 'x');
    response.fate = ServerResponse::Fate::kSlowDrip;
    response.drip_every = std::chrono::milliseconds(50);
    return response;
  });
  EXPECT_TRUE(server.ok());
  return *std::move(server);
}

TEST(HttpClient, ASlowAnswerMeetsTheDeadline) {
  const auto server = Dripping();
  ClientFactory factory(NoEnvironment());
  const auto client = factory.NewClient();
  const auto read = client->Send(To(server->port()), Soon(300));
  EXPECT_EQ(read.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(
      absl::StrContains(read.status().message(), "no whole answer within"))
      << read.status();
  const auto write = client->Send(To(server->port(), "POST"), Soon(300));
  EXPECT_EQ(write.status().code(), absl::StatusCode::kUnknown);
  EXPECT_TRUE(absl::StrContains(write.status().message(),
                                "the answer did not arrive in time"))
      << write.status();
}

// The answer to a change is worth more than the time of whoever interrupts.
TEST(HttpClient, AnInterruptEndsAQuestionWhoseAnswerDrips) {
  const auto server = Dripping();
  std::atomic<bool> interrupted = false;
  ClientOptions options = NoEnvironment();
  options.interrupted = [&interrupted] { return interrupted.load(); };
  ClientFactory factory(options);
  for (const char* method : {"GET", "PUT"}) {
    interrupted = false;
    std::thread user([&interrupted] {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      interrupted = true;
    });
    const auto began = std::chrono::steady_clock::now();
    const auto answer =
        factory.NewClient()->Send(To(server->port(), method), Soon(1500));
    const auto took = std::chrono::steady_clock::now() - began;
    user.join();
    const bool reads = std::string(method) == "GET";
    EXPECT_EQ(answer.status().code(), reads ? absl::StatusCode::kCancelled
                                            : absl::StatusCode::kUnknown);
    EXPECT_EQ(took < std::chrono::milliseconds(1200), reads) << method;
  }
}

TEST(HttpClient, AnnouncementsAreNotTheAnswerAndNotWithoutEnd) {
  const std::string hint = "HTTP/1.1 103 Early Hints\r\n\r\n";
  const std::string end = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  const struct {
    int hints;
    const char* before;
    bool good;
  } rows[] = {
      {16, "", true},
      {17, "", false},
      {0, "HTTP/1.1 101 Switching Protocols\r\n\r\n", false},
  };
  for (const auto& row : rows) {
    std::string bytes = row.before;
    for (int i = 0; i < row.hints; ++i) bytes += hint;
    RawServer server(bytes + end);
    ClientFactory factory(NoEnvironment());
    const auto answer = factory.NewClient()->Send(To(server.port()), Soon());
    EXPECT_EQ(answer.ok(), row.good) << row.hints << answer.status();
    if (!row.good) {
      EXPECT_EQ(answer.status().code(), absl::StatusCode::kDataLoss);
    }
  }
}

// What a server sends behind an answer must not become the next one.
TEST(HttpClient, WhatFollowsAnAnswerIsNotTheNextOne) {
  for (const char* status :
       {"200 OK\r\nContent-Length: 4\r\n\r\ngood", "204 No Content\r\n\r\n",
        "304 Not Modified\r\nContent-Length: 9\r\n\r\n"}) {
    RawServer server(
        absl::StrCat("HTTP/1.1 ", status,
                     "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad"));
    ClientFactory factory(NoEnvironment());
    const auto client = factory.NewClient();
    for (int i = 1; i <= 2; ++i) {
      const auto answer = client->Send(To(server.port(), "POST"), Soon());
      ASSERT_TRUE(answer.ok()) << answer.status();
      EXPECT_NE(answer->body.Reveal(), "bad");
      EXPECT_EQ(server.connections(), i);
    }
  }
}

TEST(HttpClient, NobodyListens) {
  int port = 0;
  {
    RawServer gone("");
    port = gone.port();
  }
  ClientFactory factory(NoEnvironment());
  const auto response = factory.NewClient()->Send(To(port), Soon());
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(MayHaveBeenDone(response.status()));
}

TEST(HttpClient, AnInterruptEndsTheWaitBeforeTheRequest) {
  ClientOptions options = NoEnvironment();
  options.interrupted = [] { return true; };
  RawServer server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  ClientFactory factory(options);
  EXPECT_EQ(
      factory.NewClient()->Send(To(server.port()), Soon()).status().code(),
      absl::StatusCode::kCancelled);
}

TEST(HttpClient, HeadersCanNotBeSplit) {
  RawServer server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  ClientFactory factory(NoEnvironment());
  const auto client = factory.NewClient();
  Request request = To(server.port());
  request.headers = {{"X", "a\r\nEvil: 1"}};
  EXPECT_EQ(client->Send(request, Soon()).status().code(),
            absl::StatusCode::kInvalidArgument);
  for (const char* target : {"/a\r\nEvil: 1", "/a\n", "/\x7f"}) {
    request = To(server.port());
    request.url.target = target;
    EXPECT_EQ(client->Send(request, Soon()).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  for (const char* name : {"", "X: a\r\nEvil", "Evil: 1, X", "X Y"}) {
    request = To(server.port());
    request.headers = {{name, "a"}};
    EXPECT_EQ(client->Send(request, Soon()).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  request = To(server.port(), "POST");
  request.content_type = "a\r\nEvil: 1";
  EXPECT_EQ(client->Send(request, Soon()).status().code(),
            absl::StatusCode::kInvalidArgument);
  request = To(server.port());
  request.url.target = "/a b";
  EXPECT_EQ(client->Send(request, Soon()).status().code(),
            absl::StatusCode::kInvalidArgument);
  request = To(server.port());
  const Secret bearer("a\nb");
  request.bearer = &bearer;
  EXPECT_EQ(client->Send(request, Soon()).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(server.connections(), 0);
}

class Tls : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto certificate = MakeSelfSigned({});
    ASSERT_TRUE(certificate.ok());
    Server::Options options;
    options.cert_pem = certificate->cert_pem;
    options.key_pem = certificate->key_pem;
    auto server = Server::Start(options, [](const ServerRequest&) {
      ServerResponse response;
      response.body = "secure";
      return response;
    });
    ASSERT_TRUE(server.ok());
    server_ = *std::move(server);
    path_ =
        absl::StrCat(::testing::TempDir(), "/patform-tls-", getpid(), ".pem");
    std::ofstream(path_) << certificate->cert_pem;
  }
  void TearDown() override {
    unsetenv("SSL_CERT_FILE");
    unlink(path_.c_str());
  }
  absl::StatusOr<Response> Get(const std::string& trust,
                               const std::string& host) {
    return GetFrom(server_->port(), trust, host);
  }
  absl::StatusOr<Response> GetFrom(int port, const std::string& trust,
                                   const std::string& host) {
    // OpenSSL reads it from the process.
    setenv("SSL_CERT_FILE", trust.c_str(), 1);
    ClientOptions options = NoEnvironment();
    options.environment =
        [trust](const std::string& name) -> std::optional<std::string> {
      if (name == "SSL_CERT_FILE") return trust;
      return std::nullopt;
    };
    ClientFactory factory(options);
    return factory.NewClient()->Send(To(port, "GET", true, host), Soon());
  }

  std::unique_ptr<Server> server_;
  std::string path_;
};

TEST_F(Tls, TheRightCertificateIsTaken) {
  for (const char* host : {"localhost", "127.0.0.1"}) {
    const auto response = Get(path_, host);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->body.Reveal(), "secure");
  }
}

// Answers one connection and goes, with the goodbye of TLS or without.
class OneTlsAnswer {
 public:
  OneTlsAnswer(const Certificate& certificate, std::string answer, bool goodbye,
               int version = TLS1_3_VERSION)
      : context_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_, version);
    SSL_CTX_set_security_level(context_, 0);
    BIO* pem = BIO_new_mem_buf(certificate.cert_pem.data(),
                               static_cast<int>(certificate.cert_pem.size()));
    X509* x509 = PEM_read_bio_X509(pem, nullptr, nullptr, nullptr);
    SSL_CTX_use_certificate(context_, x509);
    X509_free(x509);
    BIO_free(pem);
    pem = BIO_new_mem_buf(certificate.key_pem.data(),
                          static_cast<int>(certificate.key_pem.size()));
    EVP_PKEY* key = PEM_read_bio_PrivateKey(pem, nullptr, nullptr, nullptr);
    SSL_CTX_use_PrivateKey(context_, key);
    EVP_PKEY_free(key);
    BIO_free(pem);
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    bind(fd_, reinterpret_cast<sockaddr*>(&address), size);
    listen(fd_, 4);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, answer = std::move(answer), goodbye] {
      const int client = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) return;
      Connection connection(client, context_);
      char seen[4096];
      if (!connection.Handshake() || connection.Read(seen, sizeof(seen)) == 0) {
        return;
      }
      connection.Write(answer);
      if (goodbye) connection.Close();
    });
  }
  ~OneTlsAnswer() {
    shutdown(fd_, SHUT_RDWR);
    close(fd_);
    thread_.join();
    SSL_CTX_free(context_);
  }
  int port() const { return port_; }

 private:
  SSL_CTX* const context_;
  int fd_ = -1, port_ = 0;
  std::thread thread_;
};

// An answer without a length ends where its sender says goodbye, and not where
// somebody on the way cuts the line.
TEST_F(Tls, AStreamWithoutItsEndDoesNotCompleteAnAnswer) {
  const auto certificate = MakeSelfSigned({});
  std::ofstream(path_) << certificate->cert_pem;
  const std::string head = "HTTP/1.1 200 OK\r\n";
  const struct {
    std::string answer;
    bool goodbye;
    bool whole;
  } rows[] = {
      {head + "\r\n{}", true, true},
      {head + "\r\n{}", false, false},
      {head + "Content-Length: 2\r\n\r\n{}", false, true},
      {head + "Content-Length: 3\r\n\r\n{}", true, false},
      {head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", true, false},
  };
  for (const auto& row : rows) {
    OneTlsAnswer server(*certificate, row.answer, row.goodbye);
    const auto answer = GetFrom(server.port(), path_, "localhost");
    EXPECT_EQ(answer.ok(), row.whole) << row.answer << answer.status();
    if (!row.whole) {
      EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnknown);
    }
  }
}

TEST_F(Tls, WhatIsOlderThanOneTwoIsRefusedForGood) {
  const auto certificate = MakeSelfSigned({});
  std::ofstream(path_) << certificate->cert_pem;
  OneTlsAnswer server(*certificate, "", true, TLS1_1_VERSION);
  const auto answer = GetFrom(server.port(), path_, "localhost");
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(
      absl::StrContains(answer.status().message(),
                        "the other side does not support TLS 1.2 or newer"))
      << answer.status();
}

TEST_F(Tls, AnotherHostsIsRefused) {
  // 127.0.0.2 is the same server under a name that it has no certificate for.
  Server::Options options;
  const auto certificate = MakeSelfSigned({});
  options.host = "127.0.0.2";
  options.cert_pem = certificate->cert_pem;
  options.key_pem = certificate->key_pem;
  auto other = Server::Start(
      options, [](const ServerRequest&) { return ServerResponse(); });
  ASSERT_TRUE(other.ok());
  server_ = *std::move(other);
  std::ofstream(path_) << certificate->cert_pem;
  const auto response = Get(path_, "127.0.0.2");
  EXPECT_EQ(response.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(
      absl::StrContains(response.status().message(), "IP address mismatch"))
      << response.status();
}

TEST_F(Tls, AnUnknownOneIsRefusedWithTheTrustStoreNamed) {
  const auto said = [&](const std::string& store) {
    return std::string(Get(store, "localhost").status().message());
  };
  const std::string tls = absl::StrCat("TLS with localhost:", server_->port());
  // A good one that does not have this server's.
  const auto other = MakeSelfSigned({});
  ASSERT_TRUE(other.ok());
  std::ofstream(path_) << other->cert_pem;
  EXPECT_EQ(said(path_),
            absl::StrCat(tls,
                         " failed: self-signed certificate. Trusted are "
                         "SSL_CERT_FILE=",
                         path_, ". Nothing was sent"));
  const struct {
    std::string store;
    const char* why;
  } kFaults[] = {
      {"/nonexistent.pem", "cannot be read: No such file or directory"},
      {"/dev/null", "contains no certificate in PEM form"},
      {"/", "is a directory (SSL_CERT_DIR takes one)"},
      {"/dev/null/x", "cannot be read: Not a directory"},
  };
  for (const auto& fault : kFaults) {
    EXPECT_EQ(said(fault.store),
              absl::StrCat("SSL_CERT_FILE is ", fault.store, ", which ",
                           fault.why, ", so nothing in it is trusted. ", tls,
                           " failed (self-signed certificate); nothing was "
                           "sent"));
  }
}

// Answers one request over TLS with a body that has no length, and ends the
// connection with or without saying so.
class EndingServer {
 public:
  EndingServer(const Certificate& certificate, bool close_notify) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    bind(fd_, reinterpret_cast<sockaddr*>(&address), size);
    listen(fd_, 1);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, certificate, close_notify] {
      const int client = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) return;
      SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
      BIO* const cert = BIO_new_mem_buf(certificate.cert_pem.data(), -1);
      BIO* const key = BIO_new_mem_buf(certificate.key_pem.data(), -1);
      X509* const x509 = PEM_read_bio_X509(cert, nullptr, nullptr, nullptr);
      EVP_PKEY* const pkey =
          PEM_read_bio_PrivateKey(key, nullptr, nullptr, nullptr);
      SSL_CTX_use_certificate(context, x509);
      SSL_CTX_use_PrivateKey(context, pkey);
      SSL* const ssl = SSL_new(context);
      SSL_set_fd(ssl, client);
      char seen[4096];
      if (SSL_accept(ssl) == 1 && SSL_read(ssl, seen, sizeof(seen)) > 0) {
        const std::string bytes = "HTTP/1.1 200 OK\r\n\r\nall of it";
        SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size()));
        if (close_notify) SSL_shutdown(ssl);
      }
      SSL_free(ssl);
      SSL_CTX_free(context);
      X509_free(x509);
      EVP_PKEY_free(pkey);
      BIO_free(cert);
      BIO_free(key);
      close(client);
    });
  }
  ~EndingServer() {
    shutdown(fd_, SHUT_RDWR);
    close(fd_);
    thread_.join();
  }
  int port() const { return port_; }

 private:
  int fd_;
  int port_;
  std::thread thread_;
};

// Whoever is in between can end a connection, but cannot say in TLS that the
// server meant it: what came so far may be half of a list.
TEST_F(Tls, AnEndThatNobodySignedCompletesNoAnswer) {
  const auto certificate = MakeSelfSigned({});
  std::ofstream(path_) << certificate->cert_pem;
  for (const bool close_notify : {true, false}) {
    EndingServer server(*certificate, close_notify);
    setenv("SSL_CERT_FILE", path_.c_str(), 1);
    ClientFactory factory(NoEnvironment());
    const auto response = factory.NewClient()->Send(
        To(server.port(), "GET", true, "127.0.0.1"), Soon());
    if (close_notify) {
      ASSERT_TRUE(response.ok()) << response.status();
      EXPECT_EQ(response->body.Reveal(), "all of it");
    } else {
      EXPECT_EQ(response.status().code(), absl::StatusCode::kUnknown);
    }
  }
}

// For a name, not only for an address: localhost is in the certificate of
// this server, its other name is not.
TEST_F(Tls, AnotherNameIsRefused) {
  // Signed for one name, and by no means for localhost.
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const x509 = X509_new();
  X509_set_version(x509, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -60);
  X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
  X509_set_pubkey(x509, key);
  X509_NAME* const name = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(
      name, "CN", MBSTRING_ASC,
      reinterpret_cast<const unsigned char*>("other.example"), -1, -1, 0);
  X509_set_issuer_name(x509, name);
  X509_sign(x509, key, EVP_sha256());
  BIO* const cert_pem = BIO_new(BIO_s_mem());
  BIO* const key_pem = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(cert_pem, x509);
  PEM_write_bio_PrivateKey(key_pem, key, nullptr, nullptr, 0, nullptr, nullptr);
  const auto text = [](BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return std::string(data, static_cast<size_t>(size));
  };
  Server::Options options;
  options.cert_pem = text(cert_pem);
  options.key_pem = text(key_pem);
  BIO_free(cert_pem);
  BIO_free(key_pem);
  X509_free(x509);
  EVP_PKEY_free(key);
  auto other = Server::Start(
      options, [](const ServerRequest&) { return ServerResponse(); });
  ASSERT_TRUE(other.ok()) << other.status();
  server_ = *std::move(other);
  std::ofstream(path_) << options.cert_pem;
  const auto response = Get(path_, "localhost");
  EXPECT_EQ(response.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(
      absl::StrContains(response.status().message(), "hostname mismatch"))
      << response.status();
}

}  // namespace
}  // namespace patform::http
