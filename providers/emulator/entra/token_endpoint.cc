#include "providers/emulator/entra/token_endpoint.h"

#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "providers/emulator/tokens/vss_error.h"
#include "providers/emulator/tokens/wire.h"

namespace patform::emulator {
namespace {

namespace json = boost::json;

// Not a resource of anybody's: such a token opens no API.
constexpr char kAudience[] = "refresh";
constexpr int64_t kAccess = 3599;              // seconds
constexpr int64_t kRests = 90 * 24 * 60 * 60;  // likewise, without use

// In the form of Entra's: the number is in the text, with the ids behind it.
http::ServerResponse Refuse(const Service& service, const char* error,
                            int number, const char* text) {
  const std::string now = absl::FormatTime(
      "%Y-%m-%d %H:%M:%SZ", service.clock.Now(), absl::UTCTimeZone());
  const std::string id = DerivedGuid("correlation", now);
  return JsonAnswer(
      400, json::serialize(json::object{
               {"error", error},
               {"error_description",
                absl::StrCat("AADSTS", number, ": ", text, " Trace ID: ", id,
                             " Correlation ID: ", id, " Timestamp: ", now)},
               {"error_codes", {number}},
               {"timestamp", now},
               {"trace_id", id},
               {"correlation_id", id}}));
}

// "GUID/vso.pats …/vso.pats_manage offline_access": those of the resource,
// without it.
std::string ScopesOf(std::string_view asked) {
  std::string scopes;
  for (const absl::string_view each :
       absl::StrSplit(absl::string_view(asked.data(), asked.size()), ' ',
                      absl::SkipEmpty())) {
    const size_t slash = each.rfind('/');
    if (slash == absl::string_view::npos) continue;
    // ".default" is what was consented to.
    const absl::string_view scope = each.substr(slash + 1);
    absl::StrAppend(&scopes, scopes.empty() ? "" : " ",
                    scope == ".default" ? "user_impersonation" : scope);
  }
  return scopes;
}

// "https://vault.azure.net" of "https://vault.azure.net/.default"; Azure DevOps
// where it is named by anything but an address.
std::string AudienceOf(std::string_view asked) {
  for (const absl::string_view each :
       absl::StrSplit(absl::string_view(asked.data(), asked.size()), ' ',
                      absl::SkipEmpty())) {
    const size_t slash = each.rfind('/');
    if (slash == absl::string_view::npos ||
        !absl::StartsWith(each, "https://")) {
      continue;
    }
    return std::string(each.substr(0, slash));
  }
  return std::string(kAzureDevOpsAudience);
}

}  // namespace

bool IsSignIn(const Service& service, std::string_view method,
              const Target& target) {
  return !service.switches.Is("sign_in", "off") && method == "POST" &&
         target.path.size() == 4 && target.Is(1, "oauth2") &&
         target.Is(2, "v2.0") && target.Is(3, "token");
}

std::string MintRefreshToken(Service& service, std::string_view user) {
  Claims claims;
  claims.audience = kAudience;
  claims.tenant = TenantId(kTenant);
  claims.user = std::string(user);
  claims.object_id = DerivedGuid("user", claims.user);
  claims.issued = absl::ToUnixSeconds(service.clock.Now());
  claims.expires = claims.issued + kRests;
  // Each one is another.
  claims.scopes = RandomBytes(16);
  for (char& c : claims.scopes) c = static_cast<char>('a' + (c & 15));
  return service.auth.Mint(claims);
}

http::ServerResponse AnswerSignIn(Service& service,
                                  const http::ServerRequest& request) {
  // A form is written like a query.
  const Target form = ParseTarget("/?" + request.body);
  if (form.Find("grant_type").value_or("") != "refresh_token") {
    return Refuse(service, "unsupported_grant_type", 70003,
                  "The app requested an unsupported grant type.");
  }
  const std::string used = form.Find("refresh_token").value_or("");
  const std::optional<Claims> claims = service.auth.ReadOwn(used);
  if (!claims || claims->audience != kAudience) {
    return Refuse(service, "invalid_grant", 9002313, "Malformed token.");
  }
  const int64_t now = absl::ToUnixSeconds(service.clock.Now());
  if (claims->expires <= now) {
    return Refuse(service, "invalid_grant", 700082,
                  "The refresh token has expired due to inactivity.");
  }
  // What Entra does not do: the used one ends.
  if (service.switches.Is("sign_in", "strict") &&
      !service.exchanged.insert(used).second) {
    return Refuse(service, "invalid_grant", 70000,
                  "The provided grant has been used before.");
  }
  // For the same user, with what was asked for: consent is not played here.
  Claims access = *claims;
  access.audience = AudienceOf(form.Find("scope").value_or(""));
  access.scopes = ScopesOf(form.Find("scope").value_or(""));
  access.issued = access.not_before = now;
  access.expires = now + kAccess;
  return JsonAnswer(
      200, json::serialize(json::object{
               {"token_type", "Bearer"},
               {"scope", form.Find("scope").value_or("")},
               {"expires_in", kAccess},
               {"ext_expires_in", kAccess},
               {"access_token", service.auth.Mint(access)},
               {"refresh_token", MintRefreshToken(service, claims->user)}}));
}

}  // namespace patform::emulator
