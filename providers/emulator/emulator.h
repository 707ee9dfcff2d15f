#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "providers/emulator/http/server.h"
#include "providers/emulator/service.h"
#include "providers/emulator/tokens/target.h"

namespace patform::emulator {

// The whole service as one function of requests. Safe to call from any
// thread.
class Emulator {
 public:
  struct Options {
    std::vector<std::string> organizations = {"contoso"};
    std::string data;               // SQLite file; empty: in memory
    std::optional<absl::Time> now;  // the service's time at the start
    std::function<absl::Time()> machine_time;
    Switches switches;
    std::function<int64_t()> connections;  // accepted so far; may be empty
    bool tls = false;
  };

  // kUnavailable for the data file.
  static absl::StatusOr<std::unique_ptr<Emulator>> Make(Options options);

  http::ServerResponse Handle(const http::ServerRequest& request);

 private:
  Emulator(Options options, std::unique_ptr<SqliteLog> log,
           std::string signing_key);

  http::ServerResponse HandleApi(const http::ServerRequest& request,
                                 const Target& target);

  Options options_;
  std::mutex mutex_;
  Service service_;
};

}  // namespace patform::emulator
