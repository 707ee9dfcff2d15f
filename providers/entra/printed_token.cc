#include "providers/entra/printed_token.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/entra/bearer.h"
#include "providers/entra/claims.h"
#include "providers/entra/sign_in_errors.h"
#include "providers/http/secret_json.h"

namespace patform::entra {
namespace {

namespace json = boost::json;

constexpr int kMostLines = 3;
constexpr http::SecretJson::Limits kLimits = {64 << 10, 8};

// Unix seconds, as a number or as digits.
std::optional<absl::Time> Seconds(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return std::nullopt;
  int64_t seconds = 0;
  if (const int64_t* number = value->if_int64()) {
    seconds = *number;
  } else if (!absl::SimpleAtoi(AbslView(http::TextMember(object, key)),
                               &seconds)) {
    return std::nullopt;
  }
  return absl::FromUnixSeconds(seconds);
}

// az's local time without a zone. In the hour that a zone has twice the sooner
// one is right or too early, which costs a call of az; but one that has passed
// would cost it each time.
std::optional<absl::Time> LocalTime(std::string_view text, absl::Time now,
                                    absl::TimeZone zone) {
  std::string moment(text.substr(0, text.find('.')));
  std::replace(moment.begin(), moment.end(), ' ', 'T');  // as abseil has it
  absl::CivilSecond civil;
  if (!absl::ParseCivilTime(moment, &civil)) return std::nullopt;
  const absl::TimeZone::TimeInfo info = zone.At(civil);
  return info.pre > now ? info.pre : info.post;
}

absl::Time ExpiresAt(const json::object& object, std::string_view bearer,
                     absl::Time now, absl::TimeZone zone) {
  for (const char* key : {"expires_on", "expiration_date"}) {
    if (const auto at = Seconds(object, key)) return *at;
  }
  const std::string_view text = http::TextMember(object, "expiresOn");
  absl::Time at;
  std::string ignored;
  if (absl::ParseTime(absl::RFC3339_full, AbslView(text), &at, &ignored)) {
    return at;
  }
  // The token itself knows of no zones. It need not be readable.
  const SignedIn user = SignedInBy(ReadClaims(bearer));
  if (user.expires != absl::InfiniteFuture()) return user.expires;
  return LocalTime(text, now, zone).value_or(absl::InfiniteFuture());
}

}  // namespace

absl::StatusOr<PrintedToken> ReadPrintedToken(const Secret& out,
                                              const std::string& program,
                                              absl::Time now,
                                              absl::TimeZone zone) {
  const std::string holder = absl::StrCat("what ", program, " printed");
  PrintedToken token;
  const Secret text = OneLine(out);
  if (text.empty()) {
    return absl::UnauthenticatedError(
        absl::StrCat(program, " printed no access token"));
  }
  if (!text.Reveal().starts_with('{')) {
    PATFORM_RETURN_IF_ERROR(CheckBearer(text.Reveal(), holder));
    token.expires = SignedInBy(ReadClaims(text.Reveal())).expires;
    token.bearer = text.Clone();
    return token;
  }
  const http::SecretJson document(text.Reveal(), kLimits);
  if (document.object() == nullptr) {
    return absl::UnauthenticatedError(
        absl::StrCat(holder, " is not JSON (it is not shown)"));
  }
  std::string_view bearer = http::TextMember(*document.object(), "accessToken");
  if (bearer.empty()) bearer = http::TextMember(*document.object(), "token");
  if (bearer.empty()) {
    return absl::UnauthenticatedError(absl::StrCat(
        holder,
        " has neither \"accessToken\" nor \"token\" (it is not shown)"));
  }
  PATFORM_RETURN_IF_ERROR(CheckBearer(bearer, holder));
  token.expires = ExpiresAt(*document.object(), bearer, now, zone);
  token.bearer = Secret(bearer);
  return token;
}

std::string ShownErrors(std::string_view errors, std::string_view only) {
  std::string shown;
  int lines = 0;
  for (const absl::string_view each :
       absl::StrSplit(AbslView(errors), '\n', absl::SkipWhitespace())) {
    std::string_view line = StdView(each);
    if (!line.starts_with(only)) continue;
    line.remove_prefix(only.size());
    while (line.starts_with(' ')) line.remove_prefix(1);
    if (++lines > kMostLines) break;
    absl::StrAppend(&shown, shown.empty() ? "" : " / ", ShownDescription(line));
  }
  return shown;
}

}  // namespace patform::entra
