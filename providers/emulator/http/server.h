#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// A small blocking HTTP/1.1 server for loopback: one thread per connection,
// keep-alive, TLS where a certificate is given. The emulator and the wire
// tests are built on it; it is not made to face a network. Not cpp-httplib,
// because the tests need what a good server prevents: a connection cut before
// its answer, a body that drips byte by byte, and to know which connection a
// request came on.
namespace patform::http {

using ServerHeaders = std::vector<std::pair<std::string, std::string>>;

struct ServerRequest {
  std::string method;
  std::string target;  // as sent: path and query
  ServerHeaders headers;
  std::string body;
  int64_t connection = 0;  // counted from 1 as they are accepted

  // The first header of that name, in any case of letters.
  std::optional<std::string_view> Find(std::string_view name) const;
};

struct ServerResponse {
  enum class Fate {
    kAnswer,
    kCutBefore,  // the connection ends before a byte of the answer
    kSlowDrip,   // the body is sent one byte at a time, `drip_every` apart
  };

  int status = 200;
  // Without Content-Length and Connection; "Date" in place of this machine's.
  ServerHeaders headers;
  std::string body;
  Fate fate = Fate::kAnswer;
  std::chrono::milliseconds delay{0};  // before the fate
  std::chrono::milliseconds drip_every{20};
};

class Server {
 public:
  // Called from many threads at once.
  using Handler = std::function<ServerResponse(const ServerRequest&)>;

  struct Options {
    std::string host = "127.0.0.1";  // an address, not a name
    int port = 0;                    // 0: any free one
    std::string cert_pem;            // empty: plain HTTP
    std::string key_pem;
    int max_connections = 256;  // the next one waits for one to end
    int64_t max_body = 4 << 20;
    std::chrono::seconds idle{60};  // a silent connection is closed then
  };

  // Listens and serves from the return on. SIGPIPE is ignored from now on.
  // kInvalidArgument for the host or the certificate, kUnavailable for a port
  // that is taken.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Options& options,
                                                       Handler handler);

  // Stops.
  ~Server();

  int port() const;
  int64_t connections_accepted() const;

  // Cuts what is open and waits for every handler to return. Idempotent.
  void Stop();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace patform::http
