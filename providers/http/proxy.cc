#include "providers/http/proxy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"

// Proxies as curl, Git and the Azure CLI read them from the environment. There
// is no standard; where those tools differ, the reading here is the one that
// sends less through a proxy or refuses.
namespace patform::http {
namespace {

// nullopt: a name, or an IPv6 address.
std::optional<uint32_t> Ipv4(const std::string& text) {
  in_addr address;
  if (inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
  return ntohl(address.s_addr);
}

// `entry` as ADDRESS/BITS, as Go understands it, and curl since 7.86.
bool InNetwork(const std::string& entry, const std::string& host) {
  const std::vector<std::string> parts = absl::StrSplit(entry, '/');
  int bits = 0;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[1], &bits) || bits < 0 ||
      bits > 32) {
    return false;
  }
  const std::optional<uint32_t> network = Ipv4(parts[0]);
  const std::optional<uint32_t> address = Ipv4(host);
  if (!network || !address) return false;
  // A shift by 32 is undefined.
  if (bits == 0) return true;
  return (*network ^ *address) >> (32 - bits) == 0;
}

// `name`: which variable it came from, for messages. The value is in none of
// them, for it may hold a password.
absl::StatusOr<Proxy> ParseProxy(const std::string& name, std::string value) {
  const auto bad = [&name](std::string_view why) {
    return absl::InvalidArgumentError(
        absl::StrCat("the proxy in ", name, " cannot be used: ", AbslView(why),
                     ". It must read http://HOST:PORT"));
  };
  Proxy proxy;
  if (absl::StartsWith(value, "http://")) {
    value = value.substr(7);
  } else if (absl::StrContains(value, "://")) {
    return bad("only http:// proxies (with CONNECT) are supported");
  }
  // The last one: an @ in a password that nobody encoded.
  const size_t at = value.rfind('@');
  if (at != std::string::npos) {
    std::string plain = PercentDecode(value.substr(0, at));
    // Basic credentials always have a colon (RFC 7617).
    if (!absl::StrContains(plain, ":")) plain += ":";
    proxy.authorization =
        Secret(absl::StrCat("Basic ", absl::Base64Escape(plain)));
    value = value.substr(at + 1);
  }
  // Many write a trailing slash.
  value = value.substr(0, value.find('/'));
  // What curl takes for a proxy without a port is 1080, a browser takes 80; the
  // scheme is http, so it is 80.
  proxy.port = 80;
  if (absl::StartsWith(value, "[")) {
    const size_t close = value.find(']');
    if (close == std::string::npos) return bad("] is missing");
    proxy.host = value.substr(1, close - 1);
    value = value.substr(close + 1);
    // Checked, since it becomes part of a CONNECT request and of messages.
    // What is behind a NUL, inet_pton does not see.
    in6_addr address;
    if (absl::StrContains(proxy.host, '\0') ||
        inet_pton(AF_INET6, proxy.host.c_str(), &address) != 1) {
      return bad("the text between [ and ] is not an IPv6 address");
    }
  } else {
    const size_t colon = std::min(value.find(':'), value.size());
    proxy.host = value.substr(0, colon);
    value = value.substr(colon);
    if (!proxy.host.empty() && !IsHostName(proxy.host)) {
      return bad("its host has a character in it that no host name has");
    }
  }
  if (!value.empty() &&
      (value[0] != ':' || !absl::SimpleAtoi(value.substr(1), &proxy.port) ||
       proxy.port < 1 || proxy.port > 65535)) {
    return bad("its port is not a number from 1 to 65535");
  }
  if (proxy.host.empty()) return bad("its host is missing");
  return proxy;
}

}  // namespace

// As it appears in messages and in a request line.
std::string Proxy::Authority() const {
  const bool v6 = absl::StrContains(host, ":");
  return absl::StrCat(v6 ? "[" : "", host, v6 ? "]:" : ":", port);
}

bool Excepted(const std::string& no_proxy, const std::string& host, int port) {
  // Commas, as everybody has it, or spaces, as older tools do.
  for (absl::string_view part :
       absl::StrSplit(no_proxy, absl::ByAnyChar(", \t"), absl::SkipEmpty())) {
    std::string entry = absl::AsciiStrToLower(part);
    if (entry == "*") return true;
    // A port, but not the end of an IPv6 address, which has more than one
    // colon.
    const size_t colon = entry.rfind(':');
    int entry_port = 0;
    if (colon != std::string::npos && entry.find(':') == colon &&
        absl::SimpleAtoi(entry.substr(colon + 1), &entry_port)) {
      if (entry_port != port) continue;
      entry = entry.substr(0, colon);
    }
    // "*.example.com", ".example.com" and "example.com" all mean the name and
    // what is below it. Tools differ; this is the widest of their readings.
    if (absl::StartsWith(entry, "*.")) entry = entry.substr(1);
    const std::string bare = entry[0] == '.' ? entry.substr(1) : entry;
    if (host == bare || absl::EndsWith(host, absl::StrCat(".", bare)) ||
        InNetwork(entry, host)) {
      return true;
    }
  }
  return false;
}

// Lower case first, as curl does. HTTP_PROXY is not read: plain requests go to
// loopback only.
absl::StatusOr<std::optional<Proxy>> ProxyFor(
    const Url& url, const EnvironmentLookup& environment) {
  // Loopback first, so that an emulator works behind any proxy.
  if (!url.tls || IsLoopback(url.host)) return std::nullopt;
  for (const char* name : {"no_proxy", "NO_PROXY"}) {
    const std::optional<std::string> list = environment(name);
    if (list && Excepted(*list, url.host, url.port)) return std::nullopt;
  }
  for (const char* name :
       {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    const std::optional<std::string> value = environment(name);
    if (!value || value->empty()) continue;
    absl::StatusOr<Proxy> proxy = ParseProxy(name, *value);
    // Refused instead of ignored: a request that bypasses the proxy of its
    // network may go where its owner does not want it.
    if (!proxy.ok()) return proxy.status();
    return std::optional<Proxy>(*std::move(proxy));
  }
  return std::nullopt;
}

}  // namespace patform::http
