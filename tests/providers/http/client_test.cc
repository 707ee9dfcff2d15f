// The client against real sockets: keep-alive, limits, cuts and TLS.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "providers/http/certificate.h"
#include "providers/http/http_client.h"
#include "providers/http/server.h"

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

TEST(HttpClient, ASlowAnswerMeetsTheDeadline) {
  auto server = Server::Start({}, [](const ServerRequest&) {
    ServerResponse response;
    response.body = std::string(100, 'x');
    response.fate = ServerResponse::Fate::kSlowDrip;
    response.drip_every = std::chrono::milliseconds(50);
    return response;
  });
  ClientFactory factory(NoEnvironment());
  const auto response =
      factory.NewClient()->Send(To((*server)->port()), Soon(300));
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnknown);
  EXPECT_TRUE(absl::StrContains(response.status().message(),
                                "the answer did not arrive in time"))
      << response.status();
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
    // OpenSSL reads it from the process.
    setenv("SSL_CERT_FILE", trust.c_str(), 1);
    ClientOptions options = NoEnvironment();
    options.environment =
        [trust](const std::string& name) -> std::optional<std::string> {
      if (name == "SSL_CERT_FILE") return trust;
      return std::nullopt;
    };
    ClientFactory factory(options);
    return factory.NewClient()->Send(To(server_->port(), "GET", true, host),
                                     Soon());
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
  const auto response = Get("/nonexistent.pem", "localhost");
  EXPECT_EQ(std::string(response.status().message()),
            absl::StrCat("TLS with localhost:", server_->port(),
                         " failed: self-signed certificate. Trusted are "
                         "SSL_CERT_FILE=/nonexistent.pem. Nothing was sent"));
}

}  // namespace
}  // namespace patform::http
