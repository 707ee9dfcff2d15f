// URLs and proxies. The first part is the URL, then the proxy, then NO_PROXY.
// Plain http never leaves the machine; a proxy's password is never told.
#include <arpa/inet.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "providers/http/proxy.h"
#include "providers/http/url.h"
#include "tests/fuzz/fuzz.h"

namespace patform::http {
namespace {

bool IsLoopbackAddress(const std::string& host) {
  if (host == "localhost" || host == "::1") return true;
  in_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1 &&
         ntohl(address.s_addr) >> 24 == 127;
}

FUZZ_TARGET(std::string_view input) {
  const std::vector<std::string> parts = fuzz::Parts(input, 3);
  const absl::StatusOr<Url> url = ParseUrl(parts[0]);
  if (!url.ok()) {
    FUZZ_CHECK(absl::IsInvalidArgument(url.status()), parts[0]);
    FUZZ_CHECK(fuzz::FitForTerminal(StdView(url.status().message())), parts[0]);
  } else {
    FUZZ_CHECK(!url->host.empty() && url->port >= 1 && url->port <= 65535,
               parts[0]);
    FUZZ_CHECK(url->tls || IsLoopbackAddress(url->host), url->host);
    FUZZ_CHECK(url->target[0] == '/', url->target);
    const std::string text = absl::StrCat(url->tls ? "https://" : "http://",
                                          url->Authority(), url->target);
    const absl::StatusOr<Url> again = ParseUrl(text);
    FUZZ_CHECK(again.ok(), text);
    FUZZ_CHECK(again->Authority() == url->Authority() &&
                   again->target == url->target && again->tls == url->tls,
               text);
  }
  const std::string encoded = PercentEncode(parts[0]);
  FUZZ_CHECK(encoded.find_first_of("/?#&= \r\n\"") == std::string::npos,
             encoded);

  Url service;
  service.host = url.ok() && url->tls ? url->host : "vssps.dev.azure.com";
  constexpr std::string_view kPassword = "Hunter2Hunter2";
  // A fuzzer learns the word and writes it where a host is told.
  if (parts[1].find(kPassword) != std::string::npos) return;
  for (const std::string& proxy_text :
       {parts[1],
        absl::StrCat("http://u:", std::string(kPassword), "@", parts[1])}) {
    const auto proxy = ProxyFor(
        service, [&](const std::string& name) -> std::optional<std::string> {
          if (name == "HTTPS_PROXY") return proxy_text;
          if (name == "NO_PROXY") return parts[2];
          return std::nullopt;
        });
    if (!proxy.ok()) {
      const std::string message(proxy.status().message());
      FUZZ_CHECK(absl::IsInvalidArgument(proxy.status()), message);
      FUZZ_CHECK(message.find(kPassword) == std::string::npos, message);
      FUZZ_CHECK(fuzz::FitForTerminal(message), message);
    } else if (proxy->has_value()) {
      const std::string authority = (*proxy)->Authority();
      FUZZ_CHECK(!(*proxy)->host.empty() && (*proxy)->port >= 1 &&
                     (*proxy)->port <= 65535,
                 authority);
      FUZZ_CHECK(authority.find(kPassword) == std::string::npos, authority);
      FUZZ_CHECK(fuzz::FitForTerminal(authority), authority);
      const std::string credential((*proxy)->authorization.Reveal());
      FUZZ_CHECK(fuzz::FitForTerminal(credential) &&
                     credential.find('\n') == std::string::npos,
                 credential);
    }
  }
}

}  // namespace
}  // namespace patform::http
