#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "engine/base/environment.h"
#include "engine/base/secret.h"
#include "providers/http/url.h"

namespace patform::http {

// A proxy that a request goes through, by CONNECT.
struct Proxy {
  std::string host;
  int port = 0;
  Secret authorization;  // value of Proxy-Authorization; may be empty

  std::string Authority() const;  // host:port
};

// The proxy that HTTPS_PROXY, https_proxy, ALL_PROXY, all_proxy and NO_PROXY,
// no_proxy name for `url`; nullopt: none. Loopback never goes through one.
// kInvalidArgument for a proxy that cannot be read (its password unshown).
absl::StatusOr<std::optional<Proxy>> ProxyFor(
    const Url& url, const EnvironmentLookup& environment);

// Does the NO_PROXY list except host:port? Entries are separated by commas
// or spaces: `*`, a name (itself and what is below it), a name with a leading
// dot, an address, an IPv4 network (10.0.0.0/8), each with or without :port.
bool Excepted(const std::string& no_proxy, const std::string& host, int port);

}  // namespace patform::http
