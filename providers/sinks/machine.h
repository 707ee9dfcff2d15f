#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/environment.h"
#include "engine/base/secret.h"
#include "engine/model/desired_state.h"
#include "engine/ports/grants.h"
#include "engine/ports/programs.h"
#include "providers/http/http_client.h"
#include "providers/http/transport.h"

namespace patform::sinks {

// What sinks work with. Pointers are of what outlives every sink; each is set
// in a run, and in tests those that the sink at hand uses.
struct Machine {
  EnvironmentLookup environment;
  std::function<absl::StatusOr<Secret>(const std::string& path)> read_secret;
  Clock* clock = nullptr;
  const Grants* grants = nullptr;
  Programs* programs = nullptr;
  std::function<std::unique_ptr<http::Transport>()> new_transport;
  // Makes such transports for a store with authorities or a client certificate
  // of its own. kInvalidArgument: those are not of use.
  std::function<
      absl::StatusOr<std::function<std::unique_ptr<http::Transport>()>>(
          const http::TlsOptions& tls)>
      new_transports_with;
  std::function<uint64_t()> random;  // 64 bits of the kernel's
  // Writes whole lines to standard output at once, for the CI whose job this
  // is: the one place where a secret leaves this process by a stream. Of no
  // lines it writes nothing, and answers whether it could. kFailedPrecondition:
  // a program reads JSON there, or it is a file. kUnknown: a part was written.
  std::function<absl::Status(const Secret& lines)> print;
  // A bearer for `resource`, "https://vault.azure.net", of the user who signs
  // in so. kUnauthenticated: the message shows what to do.
  std::function<absl::StatusOr<Secret>(
      const AuthConfig& auth, const std::string& resource, Deadline deadline)>
      bearer;
};

}  // namespace patform::sinks
