#include "providers/azure_devops/bearer_hint.h"

#include <string.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

// Why the service may have refused a bearer, as far as the bearer itself tells:
// a hint for a message, never a decision. It is decoded by hand, into memory
// that wipes itself, rather than by a JSON parser that would leave the claims
// (names, ids) and parts of a credential behind.
namespace patform::azure_devops {
namespace {

// The value of a digit of base64url (RFC 4648, section 5); -1: it is not one.
int Digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  if (c == '_') return 63;
  return -1;
}

// Empty: not base64url.
Secret Base64UrlDecode(std::string_view text) {
  Secret out;
  uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    // '=' as well: JWTs are written without padding (RFC 7515).
    const int digit = Digit(c);
    if (digit < 0) return Secret();
    // Bits that were written out already are shifted off at the top.
    bits = bits << 6 | static_cast<uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    const char byte = static_cast<char>(bits >> count & 0xff);
    out.Append(std::string_view(&byte, 1));
  }
  return out;
}

// Of a reader's registration: it may list and may not change.
bool ReadsOnly(std::string_view claims) {
  // Entra writes its claims without spaces. Where this finds nothing there is
  // no hint, and that is all.
  constexpr std::string_view kScopes = "\"scp\":\"";
  const size_t found = claims.find(kScopes);
  if (found == claims.npos) return false;
  std::string_view rest = claims.substr(found + kScopes.size());
  rest = rest.substr(0, rest.find('"'));
  bool reads = false;
  while (!rest.empty()) {
    const std::string_view scope = rest.substr(0, rest.find(' '));
    // Either of them lets it make tokens.
    if (scope == "vso.pats_manage" || scope == "user_impersonation") {
      return false;
    }
    reads = reads || scope == "vso.pats";
    rest.remove_prefix(std::min(rest.size(), scope.size() + 1));
  }
  return reads;
}

}  // namespace

BearerHint HintOf(const Secret& bearer, absl::Time now) {
  const std::string_view text = bearer.Reveal();
  // HEADER.CLAIMS.SIGNATURE.
  const size_t first = text.find('.');
  const size_t second =
      first == text.npos ? text.npos : text.find('.', first + 1);
  // Entra also issues opaque tokens, which have no dots but are longer than
  // any personal access token.
  if (second == text.npos) {
    return text.size() < 200 ? BearerHint::kNoJwt : BearerHint::kNone;
  }
  const Secret claims =
      Base64UrlDecode(text.substr(first + 1, second - first - 1));
  const std::string_view json = claims.Reveal();
  constexpr std::string_view kExpiry = "\"exp\":";
  const size_t found = json.find(kExpiry);
  const BearerHint unless_expired =
      ReadsOnly(json) ? BearerHint::kReadsOnly : BearerHint::kNone;
  if (found == json.npos) return unless_expired;
  // By hand, so that the claims stay in memory that gets wiped.
  int64_t seconds = 0;
  for (size_t at = found + kExpiry.size();
       at < json.size() && json[at] >= '0' && json[at] <= '9' &&
       // Far enough for any date, and the product cannot overflow.
       seconds < (int64_t{1} << 40);
       ++at) {
    seconds = seconds * 10 + (json[at] - '0');
  }
  // By this machine's clock, which the message mentions.
  const bool past = seconds > 0 && absl::FromUnixSeconds(seconds) <= now;
  return past ? BearerHint::kExpired : unless_expired;
}

}  // namespace patform::azure_devops
