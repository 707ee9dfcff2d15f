#include "providers/entra/token_endpoint.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/http/retry.h"
#include "providers/http/secret_json.h"

namespace patform::entra {
namespace {

namespace json = boost::json;

// Of one call, with what is sent again.
constexpr absl::Duration kLongestCall = absl::Minutes(2);
// Answers have three tokens of some thousand bytes each.
constexpr http::SecretJson::Limits kLimits = {256 << 10, 8};
// Beyond that the arithmetic of times is of no use, and no token lives so long.
constexpr int64_t kLongestSeconds = 366 * 24 * 3600;

// A whole number of seconds; older services send it as a text. nullopt: absent,
// or not one.
std::optional<absl::Duration> Seconds(const json::object& object,
                                      const char* key) {
  const json::value* member = object.if_contains(key);
  if (member == nullptr) return std::nullopt;
  int64_t seconds = 0;
  if (const int64_t* number = member->if_int64()) {
    seconds = *number;
  } else if (!absl::SimpleAtoi(AbslView(http::TextMember(object, key)),
                               &seconds)) {
    return std::nullopt;
  }
  return absl::Seconds(std::clamp<int64_t>(seconds, 0, kLongestSeconds));
}

Secret SecretMember(const json::object& object, const char* key) {
  return Secret(http::TextMember(object, key));
}

// It goes into a header, and a line end would be a header of its own.
bool IsToken(const Secret& token) {
  const std::string_view text = token.Reveal();
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7f;
  });
}

absl::Status NotAnAnswer(const std::string& what) {
  return absl::DataLossError(
      absl::StrCat("signing in: the answer of the sign-in service ", what,
                   ". A proxy on the way may have answered in its place"));
}

}  // namespace

// By hand, because the value may be a token: no copy of it may be left behind.
Form& Form::Add(std::string_view name, std::string_view value) {
  constexpr char kHex[] = "0123456789ABCDEF";
  if (!body_.empty()) body_.Append("&");
  body_.Append(name);
  body_.Append("=");
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) ||
        std::string_view("-._~").find(c) != std::string_view::npos) {
      body_.Append(std::string_view(&c, 1));
      continue;
    }
    const char spelled[] = {'%', kHex[byte >> 4], kHex[byte & 15]};
    body_.Append(std::string_view(spelled, sizeof(spelled)));
  }
  return *this;
}

Form& Form::Add(const Form& more) {
  if (!body_.empty() && !more.body_.empty()) body_.Append("&");
  body_.Append(more.body_.Reveal());
  return *this;
}

TokenEndpoint::TokenEndpoint(Registration registration, const Machine& machine,
                             std::string login)
    : registration_(std::move(registration)),
      machine_(machine),
      login_(std::move(login)) {}

std::string TokenEndpoint::Address(std::string_view leaf) const {
  const http::Url& at = registration_.authority;
  return absl::StrCat(at.tls ? "https://" : "http://", at.Authority(), "/",
                      registration_.tenant, "/oauth2/v2.0/", AbslView(leaf));
}

absl::StatusOr<http::Response> TokenEndpoint::Post(std::string_view leaf,
                                                   const Form& form,
                                                   Resend resend,
                                                   Deadline deadline) {
  http::Request request;
  request.method = "POST";
  request.url = registration_.authority;
  request.url.target = absl::StrCat("/", PercentEncode(registration_.tenant),
                                    "/oauth2/v2.0/", AbslView(leaf));
  request.headers = {{"Accept", "application/json"}};
  request.content_type = "application/x-www-form-urlencoded";
  request.body = form.body().Clone();
  // Entra counts before it does anything.
  request.repeat_when_limited = true;
  request.harmless_twice = resend == Resend::kHarmless;
  // The audience and the secret are in the body, so nothing of it is logged.
  // One call at a time: whoever waits wants the same answer.
  const std::lock_guard<std::mutex> lock(mutex_);
  if (transport_ == nullptr) transport_ = machine_.new_transport();
  absl::StatusOr<http::Response> answer = http::SendWithRetry(
      *transport_, *machine_.clock, *machine_.retry, request,
      std::min(deadline, After(*machine_.clock, kLongestCall)));
  if (answer.ok()) return answer;
  absl::Status status = Annotate(answer.status(), "signing in");
  // A sign-in changes nothing that has to be looked at again.
  if (absl::IsUnknown(status)) return absl::UnavailableError(status.message());
  return status;
}

absl::Status TokenEndpoint::Refused(const http::Response& response,
                                    Refusal* refusal) const {
  const absl::Time now = machine_.clock->Now();
  Refusal read = ReadRefusal(response, now);
  absl::Status status = SignInError(read, {&registration_, login_}, now);
  if (refusal != nullptr) *refusal = std::move(read);
  return status;
}

absl::StatusOr<TokenAnswer> TokenEndpoint::Redeem(const Form& form,
                                                  Resend resend,
                                                  Deadline deadline,
                                                  Refusal* refusal) {
  Form whole;
  whole.Add("client_id", registration_.client_id).Add(form);
  PATFORM_ASSIGN_OR_RETURN(const http::Response response,
                           Post("token", whole, resend, deadline));
  const http::SecretJson body(response.body.Reveal(), kLimits);
  // Nothing but 200 with JSON is an answer: a proxy may send a page with 200,
  // and a redirect is followed by nobody.
  if (response.status != 200 || body.object() == nullptr) {
    return Refused(response, refusal);
  }
  const json::object& object = *body.object();
  TokenAnswer answer;
  answer.access_token = SecretMember(object, "access_token");
  if (!IsToken(answer.access_token)) {
    return NotAnAnswer("has no access token that could be sent");
  }
  answer.refresh_token = SecretMember(object, "refresh_token");
  answer.id_token = SecretMember(object, "id_token");
  answer.scope = std::string(http::TextMember(object, "scope"));
  const std::optional<absl::Duration> lifetime = Seconds(object, "expires_in");
  if (!lifetime) return NotAnAnswer("does not say how long it is good for");
  answer.lifetime = *lifetime;
  // Not Entra's, but other authorities say so.
  answer.refresh_lifetime = Seconds(object, "refresh_token_expires_in");
  return answer;
}

absl::StatusOr<DeviceCode> TokenEndpoint::AskDeviceCode(Deadline deadline) {
  Form form;
  form.Add("client_id", registration_.client_id)
      .Add("scope", registration_.scopes);
  PATFORM_ASSIGN_OR_RETURN(
      const http::Response response,
      Post("devicecode", form, Resend::kHarmless, deadline));
  const http::SecretJson body(response.body.Reveal(), kLimits);
  if (response.status != 200 || body.object() == nullptr) {
    return Refused(response, nullptr);
  }
  const json::object& object = *body.object();
  DeviceCode code;
  code.device_code = SecretMember(object, "device_code");
  code.user_code = std::string(http::TextMember(object, "user_code"));
  code.verification_uri =
      std::string(http::TextMember(object, "verification_uri"));
  code.message = std::string(http::TextMember(object, "message"));
  if (code.device_code.empty() || code.user_code.empty() ||
      code.verification_uri.empty()) {
    return NotAnAnswer("has no code to sign in with");
  }
  // What RFC 8628 gives where the answer does not say, and Entra's lifetime.
  code.lifetime = Seconds(object, "expires_in").value_or(absl::Minutes(15));
  code.interval = Seconds(object, "interval").value_or(absl::Seconds(5));
  return code;
}

}  // namespace patform::entra
