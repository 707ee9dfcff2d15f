#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/environment.h"
#include "providers/http/transport.h"

namespace patform::http {

// The way to a server, each step on its own, for people who ask where it ends.
struct Way {
  absl::StatusOr<std::string> proxy;  // HOST:PORT; "": none
  // Of the proxy, or else of the server.
  absl::StatusOr<std::vector<std::string>> addresses;
  absl::StatusOr<Response> answer;  // to a GET without any credential
};

Way WayTo(const Url& url, Transport& transport,
          const EnvironmentLookup& environment,
          const std::function<bool()>& interrupted, Deadline deadline);

// Where the certificates that are trusted come from: SSL_CERT_FILE and
// SSL_CERT_DIR, or else the TLS library's own store.
std::string TrustStore(const EnvironmentLookup& environment);

}  // namespace patform::http
