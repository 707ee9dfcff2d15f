#include "providers/azure_devops/pat_api.h"

#include <string.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <new>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/azure_devops/answer_faults.h"
#include "providers/azure_devops/json_twins.h"
#include "providers/azure_devops/token_errors.h"
#include "providers/http/secret_json.h"

// Reads and writes the bodies of the PAT API. Two things shape it: an answer to
// a create has a secret, so whatever memory the parser uses is wiped; and an
// answer may come from something that is not the service, so a member counts
// only if its type is right, and nothing is completed from guesses.
namespace patform::azure_devops {
namespace {

namespace json = boost::json;

using http::SecretJson;
constexpr SecretJson::Limits kLimits = {kMaxBody, kMaxDepth};

// Absent and null are one: the service writes null for what does not apply, and
// earlier versions leave it out.
bool IsNull(const json::value* member) {
  return member == nullptr || member->is_null();
}

// Order matters only for the error: the first member that is not usable is
// named. A name may be empty, and scopes may be unknown; an id and both dates
// may not.
absl::Status ParseToken(const json::object& object, ActualToken& token) {
  static constexpr char kWhose[] = "the token";
  const std::string_view name = http::TextMember(object, "displayName");
  token.display_name.assign(name.data(), name.size());
  const std::optional<AuthorizationId> id =
      AuthorizationId::Parse(http::TextMember(object, "authorizationId"));
  // A nil id would match other tokens without one.
  if (!id || id->IsNil()) return Lacks(kWhose, "authorizationId");
  token.id = *id;
  const auto from = ParseInstant(http::TextMember(object, "validFrom"));
  if (!from) return Lacks(kWhose, "validFrom");
  token.valid_from = *from;
  const auto to = ParseInstant(http::TextMember(object, "validTo"));
  if (!to) return Lacks(kWhose, "validTo");
  token.valid_to = *to;
  // Unknown scopes are kept as they are: new ones must not break a list.
  token.scopes = ScopeSet::Parse(http::TextMember(object, "scope"));
  const json::value* accounts = object.if_contains("targetAccounts");
  const json::array* list =
      accounts == nullptr ? nullptr : accounts->if_array();
  if (!IsNull(accounts) && list == nullptr) {
    return Lacks(kWhose, "targetAccounts");
  }
  // `null`: valid in all organizations of the user. An empty list is read the
  // same way, the wider of two readings.
  token.all_organizations = list == nullptr || list->empty();
  // More than one is not something this API can make; Create() refuses it.
  if (list != nullptr && list->size() == 1) {
    const json::string* only = list->front().if_string();
    if (only != nullptr) {
      token.organization_id =
          AuthorizationId::Parse(std::string_view(only->data(), only->size()))
              .value_or(AuthorizationId());
    }
  }
  return absl::OkStatus();
}

// Two digits at `at`; -1: they are none.
int TwoDigits(std::string_view text, size_t at) {
  if (at + 2 > text.size()) return -1;
  const int tens = text[at] - '0', ones = text[at + 1] - '0';
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9) return -1;
  return tens * 10 + ones;
}

}  // namespace

// kDataLoss, which the callers turn into kUnknown where something was sent that
// changes tokens.
absl::Status NotUnderstood(const std::string& what) {
  return absl::DataLossError(absl::StrCat(
      what,
      ". The answer cannot be trusted and nothing more was done with it; if "
      "this persists, the API has changed and a newer patform is needed."));
}

absl::Status Lacks(const std::string& whose, const char* member) {
  return NotUnderstood(
      absl::StrCat("the answer has no usable ", member, " for ", whose));
}

// ISO 8601 as .NET writes it: up to seven digits of a second, perhaps an
// offset; the administration API's examples have no zone at all, which means
// UTC. By hand: a list has hundreds of thousands of dates, and
// absl::ParseTime() interprets its format each time.
std::optional<absl::Time> ParseInstant(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00T00:00:00";
  // The shape first, so that the digits below exist.
  if (text.size() < kShape.size()) return std::nullopt;
  for (size_t i = 0; i < kShape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == '0' ? !digit : text[i] != kShape[i]) return std::nullopt;
  }
  const int year = TwoDigits(text, 0) * 100 + TwoDigits(text, 2);
  const int month = TwoDigits(text, 5), day = TwoDigits(text, 8);
  const int hour = TwoDigits(text, 11), minute = TwoDigits(text, 14);
  const int second = TwoDigits(text, 17);
  // What is out of range is carried over (30 February becomes 2 March), which
  // changes the field that was, and for a day always the month as well.
  const absl::CivilSecond civil(year, month, day, hour, minute, second);
  if (year == 0 || civil.month() != month || civil.hour() != hour ||
      civil.minute() != minute || civil.second() != second) {
    return std::nullopt;
  }
  // Both are civil times of one zone, so their difference is exact.
  absl::Time time = absl::FromUnixSeconds(civil - absl::CivilSecond());

  size_t at = kShape.size();
  if (at < text.size() && text[at] == '.') {
    int64_t nanos = 0, unit = 100'000'000;
    const size_t first = ++at;
    // A tenth digit is more than the service has ever written.
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      if (unit == 0) return std::nullopt;
      nanos += (text[at] - '0') * unit;
      unit /= 10;
    }
    if (at == first) return std::nullopt;
    time += absl::Nanoseconds(nanos);
  }
  const std::string_view zone = text.substr(at);
  // No zone: UTC.
  if (zone.empty() || zone == "Z") return time;
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') ||
      zone[3] != ':') {
    return std::nullopt;
  }
  const int hours = TwoDigits(zone, 1), minutes = TwoDigits(zone, 4);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
    return std::nullopt;
  }
  const absl::Duration offset = absl::Hours(hours) + absl::Minutes(minutes);
  // 10:00+02:00 is 08:00 in UTC.
  return zone[0] == '+' ? time - offset : time + offset;
}

// Milliseconds. The service stores 1/300 s (SQL Server's datetime), so whatever
// is sent comes back a little different; comparisons allow for that.
std::string WriteInstant(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

// `error` first: only a result has that member, so its absence distinguishes a
// sign-in page or another JSON document from an answer of this API.
absl::StatusOr<TokenResult> ParseResult(std::string_view body) {
  const SecretJson document(body, kLimits);
  const json::object* object = document.object();
  const json::value* error =
      object == nullptr ? nullptr : object->if_contains("patTokenError");
  if (IsNull(error)) {
    return NotUnderstood("the answer is not a result (no patTokenError)");
  }
  // After the shape, before any member is used.
  if (HasTwins(body)) {
    return NotUnderstood("the answer has a member twice");
  }
  TokenResult result;
  // .NET writes an enumeration as a number where it was not asked for names.
  if (const int64_t* number = error->if_int64()) {
    // The enumeration without its names.
    result.error = TokenErrorName(*number);
  } else {
    result.error = http::TextMember(*object, "patTokenError");
  }
  result.message = http::TextMember(*object, "patTokenErrorMessage");
  const json::value* member = object->if_contains("patToken");
  if (IsNull(member)) return result;
  const json::object* fields = member->if_object();
  ActualToken token;
  // The token of a refusal is usually null, but may be half of one.
  absl::Status parsed = fields == nullptr ? Lacks("the token", "members")
                                          : ParseToken(*fields, token);
  if (!parsed.ok()) {
    // A refusal is a refusal, whatever other members there are.
    if (result.error != "none") return result;
    return parsed;
  }
  result.token = std::move(token);
  // How many organizations it is valid in; ParseToken() has checked that this
  // is a list.
  if (const json::value* accounts = fields->if_contains("targetAccounts");
      !IsNull(accounts)) {
    result.accounts = accounts->as_array().size();
  }
  // Null in every answer but a create's.
  result.secret = Secret(http::TextMember(*fields, "token"));
  return result;
}

// The platform's own errors, which have nothing to do with the API at hand:
// wrapped .NET exceptions with a typeKey that stays the same in all languages.
std::optional<PlatformError> ParsePlatformError(std::string_view body) {
  const SecretJson document(body, kLimits);
  const json::object* object = document.object();
  if (object == nullptr) return std::nullopt;
  PlatformError error;
  error.type_key = http::TextMember(*object, "typeKey");
  error.message = http::TextMember(*object, "message");
  // Any JSON object with a message, but not just any JSON object.
  if (error.type_key.empty() && error.message.empty()) return std::nullopt;
  return error;
}

// What is wrong with a secret, without a character of it. Delivered in the
// place of a token, a message or a page would end up in a place that programs
// read, and the old token would be revoked.
std::string FlawOf(const Secret& secret) {
  // Tokens have had 52 and 84 characters; others may come. What this refuses
  // has never been one.
  constexpr size_t kShortest = 20, kLongest = 1000;
  const std::string_view text = secret.Reveal();
  if (text.empty()) return "no secret";
  if (text.size() < kShortest || text.size() > kLongest) {
    return absl::StrCat("a secret of ",
                        Count(static_cast<long long>(text.size()), "byte"),
                        ", where a token has 52 or 84");
  }
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    // What an HTTP header may carry as a credential (RFC 6750); in particular
    // no line break and no quote, which some sink would have to escape.
    if (absl::ascii_isalnum(byte) ||
        std::string_view("-._~+/=").find(c) != std::string_view::npos) {
      continue;
    }
    return "a secret with a character that no token has";
  }
  return "";
}

// Each member, always: the service takes an absent `scope` for full access, and
// an absent `validTo` for a date of its own.
std::string WriteCreate(const CreateRequest& request) {
  const auto text = [](const std::string& s) {
    return json::string_view(s.data(), s.size());
  };
  return json::serialize(json::object{
      {"displayName", text(request.display_name)},
      {"scope", text(request.scopes.text())},
      {"validTo", WriteInstant(request.valid_to)},
      {"allOrgs", request.all_organizations},
  });
}

// Only what changes: a member that is absent keeps its value. The id is in the
// body, unlike everywhere else in this API.
std::string WriteUpdate(const UpdateRequest& request) {
  json::object object;
  object["authorizationId"] = request.id.ToString();
  if (request.display_name) object["displayName"] = *request.display_name;
  if (request.scopes) object["scope"] = request.scopes->text();
  if (request.valid_to) object["validTo"] = WriteInstant(*request.valid_to);
  if (request.all_organizations) {
    object["allOrgs"] = *request.all_organizations;
  }
  return json::serialize(object);
}

}  // namespace patform::azure_devops
