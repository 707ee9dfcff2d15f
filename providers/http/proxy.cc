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

namespace patform::http {
namespace {

std::optional<uint32_t> Ipv4(const std::string& text) {
  in_addr address;
  if (inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
  return ntohl(address.s_addr);
}

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
  if (bits == 0) return true;
  return (*network ^ *address) >> (32 - bits) == 0;
}

std::string PercentDecode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    std::string byte;
    if (text[i] == '%' && i + 2 < text.size() + 0 &&
        absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) &&
        absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2]))) {
      out += absl::HexStringToBytes(std::string(text.substr(i + 1, 2)));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

absl::StatusOr<Proxy> ParseProxy(const std::string& name, std::string value) {
  const auto bad = [&name](std::string_view why) {
    return absl::InvalidArgumentError(
        absl::StrCat("the proxy in ", name, " can not be used: ", AbslView(why),
                     ". It must read http://HOST:PORT"));
  };
  Proxy proxy;
  if (absl::StartsWith(value, "http://")) {
    value = value.substr(7);
  } else if (absl::StrContains(value, "://")) {
    return bad("only http:// proxies (with CONNECT) are supported");
  }
  const size_t at = value.rfind('@');
  if (at != std::string::npos) {
    std::string plain = PercentDecode(value.substr(0, at));
    if (!absl::StrContains(plain, ":")) plain += ":";
    proxy.authorization =
        Secret(absl::StrCat("Basic ", absl::Base64Escape(plain)));
    value = value.substr(at + 1);
  }
  value = value.substr(0, value.find('/'));
  proxy.port = 80;
  if (absl::StartsWith(value, "[")) {
    const size_t close = value.find(']');
    if (close == std::string::npos) return bad("] is missing");
    proxy.host = value.substr(1, close - 1);
    value = value.substr(close + 1);
    in6_addr address;
    if (inet_pton(AF_INET6, proxy.host.c_str(), &address) != 1) {
      return bad("what stands between [ and ] is no IPv6 address");
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

std::string Proxy::Authority() const {
  const bool v6 = absl::StrContains(host, ":");
  return absl::StrCat(v6 ? "[" : "", host, v6 ? "]:" : ":", port);
}

bool Excepted(const std::string& no_proxy, const std::string& host, int port) {
  for (absl::string_view part :
       absl::StrSplit(no_proxy, absl::ByAnyChar(", \t"), absl::SkipEmpty())) {
    std::string entry = absl::AsciiStrToLower(part);
    if (entry == "*") return true;
    const size_t colon = entry.rfind(':');
    int entry_port = 0;
    if (colon != std::string::npos && entry.find(':') == colon &&
        absl::SimpleAtoi(entry.substr(colon + 1), &entry_port)) {
      if (entry_port != port) continue;
      entry = entry.substr(0, colon);
    }
    if (absl::StartsWith(entry, "*.")) entry = entry.substr(1);
    const std::string bare = entry[0] == '.' ? entry.substr(1) : entry;
    if (host == bare || absl::EndsWith(host, absl::StrCat(".", bare)) ||
        InNetwork(entry, host)) {
      return true;
    }
  }
  return false;
}

absl::StatusOr<std::optional<Proxy>> ProxyFor(const Url& url,
                                              const Environment& environment) {
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
    if (!proxy.ok()) return proxy.status();
    return std::optional<Proxy>(*std::move(proxy));
  }
  return std::nullopt;
}

}  // namespace patform::http
