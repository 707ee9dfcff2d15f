// What a server may answer: the bytes are sent to the real client over a
// connection on loopback, which then ends. The client either gives an answer
// or an error that says whether the request may have been carried out.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "providers/http/http_client.h"
#include "tests/fuzz/fuzz.h"

namespace patform::http {
namespace {

// Answers every connection with the bytes given, and closes it.
class Server {
 public:
  Server() : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    FUZZ_CHECK(bind(listener_, any, size) == 0, "bind");
    FUZZ_CHECK(listen(listener_, 8) == 0, "listen");
    FUZZ_CHECK(getsockname(listener_, any, &size) == 0, "getsockname");
    port_ = ntohs(address.sin_port);
    std::thread([this] { Serve(); }).detach();
  }

  int port() const { return port_; }
  void Answer(std::string_view bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    answer_ = std::string(bytes);
  }

 private:
  void Serve() {
    for (;;) {
      const int peer = accept(listener_, nullptr, nullptr);
      if (peer < 0) continue;
      std::string request;
      char bytes[4096];
      while (request.find("\r\n\r\n") == std::string::npos) {
        const ssize_t n = read(peer, bytes, sizeof(bytes));
        if (n <= 0) break;
        request.append(bytes, static_cast<size_t>(n));
      }
      std::string answer;
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        answer = answer_;
      }
      for (size_t at = 0; at < answer.size();) {
        const ssize_t n =
            send(peer, answer.data() + at, answer.size() - at, MSG_NOSIGNAL);
        if (n <= 0) break;
        at += static_cast<size_t>(n);
      }
      // Reset rather than linger: thousands of these follow each other.
      const linger at_once = {1, 0};
      shutdown(peer, SHUT_WR);
      while (read(peer, bytes, sizeof(bytes)) > 0) continue;
      setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
      close(peer);
    }
  }

  const int listener_;
  int port_ = 0;
  std::mutex mutex_;
  std::string answer_;
};

FUZZ_TARGET(std::string_view input) {
  // Never destroyed: its thread runs until the process ends.
  static Server& server = *new Server;
  static ClientFactory& factory = *new ClientFactory([] {
    ClientOptions options;
    options.environment = [](const std::string&) { return std::nullopt; };
    options.max_body = 64 << 10;
    options.max_header = 8 << 10;
    return options;
  }());
  server.Answer(input);
  const std::unique_ptr<Transport> client = factory.NewClient();
  const Secret bearer("bearer-value");
  Request request;
  request.method = "POST";
  request.url.tls = false;
  request.url.host = "127.0.0.1";
  request.url.port = server.port();
  request.bearer = &bearer;
  request.content_type = "application/json";
  request.body = Secret("{}");
  const absl::StatusOr<Response> response = client->Send(
      request, std::chrono::steady_clock::now() + std::chrono::seconds(5));
  if (response.ok()) {
    FUZZ_CHECK(response->status >= 200 && response->status <= 999, input);
    FUZZ_CHECK(response->body.size() <= input.size(), input);
    for (const Header& header : response->headers) {
      FUZZ_CHECK(header.value.find_first_of("\r\n") == std::string::npos,
                 header.value);
    }
    return;
  }
  const std::string message(response.status().message());
  FUZZ_CHECK(fuzz::FitForTerminal(message), message);
  // It was sent, so a create must never be taken for not done.
  FUZZ_CHECK(MayHaveBeenDone(response.status()), message);
  FUZZ_CHECK(message.find("bearer-value") == std::string::npos, message);
}

}  // namespace
}  // namespace patform::http
