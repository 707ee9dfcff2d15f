#include "providers/http/way.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "providers/http/proxy.h"
#include "providers/http/resolve.h"

namespace patform::http {

Way WayTo(const Url& url, Transport& transport,
          const EnvironmentLookup& environment,
          const std::function<bool()>& interrupted, Deadline deadline) {
  Way way;
  std::string host = url.host;
  int port = url.port;
  const absl::StatusOr<std::optional<Proxy>> proxy = ProxyFor(url, environment);
  if (!proxy.ok()) {
    way.proxy = proxy.status();
  } else if (proxy->has_value()) {
    way.proxy = (*proxy)->Authority();
    // The name of the server is the proxy's to look up.
    host = (*proxy)->host;
    port = (*proxy)->port;
  } else {
    way.proxy = "";
  }
  // Looked up here although the client does so as well: it would report the
  // first failure alone, and this is to show each step.
  const auto endpoints = Resolve(host, port, deadline, interrupted);
  if (endpoints.ok()) {
    std::vector<std::string> addresses;
    for (const auto& endpoint : *endpoints) {
      addresses.push_back(endpoint.address().to_string());
    }
    way.addresses = std::move(addresses);
  } else {
    way.addresses = endpoints.status();
  }
  // Without a credential: whoever asks where the way ends must not send one to
  // whoever stands in it.
  Request request;
  request.method = "GET";
  request.url = url;
  way.answer = transport.Send(request, deadline);
  return way;
}

std::string TrustStore(const EnvironmentLookup& environment) {
  std::string text;
  for (const char* name : {"SSL_CERT_FILE", "SSL_CERT_DIR"}) {
    const std::string value = environment(name).value_or("");
    if (value.empty()) continue;
    absl::StrAppend(&text, text.empty() ? "" : ", ", name, "=", Visible(value));
  }
  return text.empty() ? "the system's" : text;
}

}  // namespace patform::http
