#include "providers/http/url.h"

#include <arpa/inet.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"

// A URL as narrow as the program needs it. Where two parsers could read two
// hosts from one text (backslashes, user names, percent-encoded or non-ASCII
// hosts), it is refused: the check of a host and the connection must never
// disagree.
namespace patform::http {
namespace {

// `text` is shown, so it must not have a password in it: see '@' below.
absl::Status Bad(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", Visible(text), "\" is not a usable URL: ", AbslView(why)));
}

// ASCII letters, digits and `extra`.
bool AllIn(std::string_view text, std::string_view extra) {
  return std::all_of(text.begin(), text.end(), [extra](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           extra.find(c) != std::string_view::npos;
  });
}

}  // namespace

// Without the port where it is the scheme's own: a server compares Host with
// its name.
std::string Url::Authority() const {
  const std::string whole = HostAndPort();
  if (port != (tls ? 443 : 80)) return whole;
  return whole.substr(0, whole.rfind(':'));
}

std::string Url::HostAndPort() const {
  const bool v6 = host.find(':') != std::string::npos;
  return v6 ? absl::StrCat("[", host, "]:", port)
            : absl::StrCat(host, ":", port);
}

std::string PercentDecode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() &&
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

bool IsLoopback(std::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  // Only four whole numbers: what else looks like an address might be looked
  // up as a name, and answered by somebody.
  in_addr address;
  return inet_pton(AF_INET, std::string(host).c_str(), &address) == 1 &&
         ntohl(address.s_addr) >> 24 == 127;
}

// Also a literal IPv4 address. An underscore is in no valid host name, but is
// in some internal ones.
bool IsHostName(std::string_view text) {
  return !text.empty() && AllIn(text, "-._");
}

namespace {

// Takes the part between // and the path apart: host, and `port` with its
// colon or empty.
absl::Status ReadAuthority(std::string_view text, std::string_view authority,
                           Url& url, std::string_view& port) {
  // The text is cut before what may be a password: it would be in the message.
  if (authority.find('@') != std::string_view::npos) {
    return Bad(text.substr(0, text.find("//") + 2),
               "a user name or password does not belong in it");
  }
  if (!authority.empty() && authority[0] == '[') {
    const size_t close = authority.find(']');
    if (close == std::string_view::npos) return Bad(text, "] is missing");
    url.host = std::string(authority.substr(1, close - 1));
    // Letters other than a to f are refused by the resolver; a zone (%eth0)
    // here.
    if (url.host.find(':') == std::string::npos || !AllIn(url.host, ":.")) {
      return Bad(text, "the address between [ ] is not IPv6");
    }
    port = authority.substr(close + 1);
  } else {
    const size_t colon = std::min(authority.find(':'), authority.size());
    url.host = std::string(authority.substr(0, colon));
    port = authority.substr(colon);
    if (!url.host.empty() && !IsHostName(url.host)) {
      return Bad(text, "the host name contains a character that it must not");
    }
  }
  // Host names compare without case, and allow lists compare text.
  absl::AsciiStrToLower(&url.host);
  if (url.host.empty()) return Bad(text, "the host is missing");
  return absl::OkStatus();
}

absl::Status ReadPort(std::string_view text, std::string_view port, Url& url) {
  url.port = url.tls ? 443 : 80;
  if (port.empty()) return absl::OkStatus();
  // The size first: a number that overflows is not a port, either.
  if (port[0] != ':' || port.size() < 2 || port.size() > 6 ||
      !absl::SimpleAtoi(AbslView(port.substr(1)), &url.port) || url.port < 1 ||
      url.port > 65535) {
    return Bad(text, "the port must be a number from 1 to 65535");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Url> ParseUrl(std::string_view text) {
  Url url;
  for (char c : text) {
    // Spaces and whatever is not ASCII: two ways to show a host that is another
    // one.
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f) {
      return Bad(text, "it contains a space or a control character");
    }
  }
  std::string_view rest = text;
  if (absl::StartsWith(AbslView(text), "https://")) {
    rest.remove_prefix(8);
  } else if (absl::StartsWith(AbslView(text), "http://")) {
    rest.remove_prefix(7);
    url.tls = false;
  } else {
    return Bad(text, "it must begin with https://");
  }
  const size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  rest.remove_prefix(end);
  // A fragment is never sent; who writes one expects something else.
  if (rest.find('#') != std::string_view::npos) {
    return Bad(text, "a fragment (#…) means nothing here");
  }
  std::string_view port;
  PATFORM_RETURN_IF_ERROR(ReadAuthority(text, authority, url, port));
  PATFORM_RETURN_IF_ERROR(ReadPort(text, port, url));
  // The one exception is a machine talking to itself.
  if (!url.tls && !IsLoopback(url.host)) {
    return Bad(text,
               "plain http is used on loopback only; anywhere else it would "
               "show the credential to the network: use https://");
  }
  if (!rest.empty()) {
    // "?x" after the host: the path is "/".
    url.target =
        rest[0] == '/' ? std::string(rest) : absl::StrCat("/", AbslView(rest));
  }
  return url;
}

}  // namespace patform::http
