#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace patform::http {

struct Url {
  bool tls = true;
  std::string host;  // without brackets, lower case
  int port = 443;
  std::string target = "/";  // path and query, percent-encoded

  // host:port as a Host header and a log line have it.
  std::string Authority() const;
  // The same with its port, the usual one or not.
  std::string HostAndPort() const;
};

// By hand rather than Boost.URL, which takes all of RFC 3986: a bearer goes to
// these addresses, so they are a strict subset, and what is refused is refused
// with its own reason.
//
// https://HOST[:PORT][/PATH][?QUERY]. Plain http is taken for loopback only:
// a bearer never crosses a network in the clear. User names, fragments and
// control characters are refused. kInvalidArgument.
absl::StatusOr<Url> ParseUrl(std::string_view text);

// The inverse of PercentEncode(). A % that begins no byte stays as it is:
// people paste passwords, too.
std::string PercentDecode(std::string_view text);

bool IsLoopback(std::string_view host);

// Could a name server know it, or is it an IPv4 address? Nothing that ends a
// line or a header is in it.
bool IsHostName(std::string_view text);

}  // namespace patform::http
