#include "providers/entra/registration.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/entra/claims.h"
#include "providers/http/allowed_hosts.h"

namespace patform::entra {
namespace {

// Global, US Government, and China's under both of its names.
// Names that only Microsoft serves, or its operator in China does.
const std::vector<std::string>& KnownAuthorities() {
  static const auto& hosts = *new std::vector<std::string>{
      "login.microsoftonline.com", "login.microsoftonline.us",
      "login.partner.microsoftonline.cn", "login.chinacloudapi.cn"};
  return hosts;
}

// 8-4-4-4-12 hexadecimal digits.
bool IsGuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t at = 0; at < text.size(); ++at) {
    const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
    if (dash ? text[at] != '-'
             : !absl::ascii_isxdigit(static_cast<unsigned char>(text[at]))) {
      return false;
    }
  }
  return true;
}

// Both scopes that managing tokens takes since 2025, a refresh token, and who
// signed in.
std::string DefaultScopes() {
  return absl::StrCat(kAzureDevOps, "/vso.pats ", kAzureDevOps,
                      "/vso.pats_manage offline_access openid profile");
}

// Whoever gets a refresh token can mint, and so can whoever answers in the
// authority's place.
absl::StatusOr<http::Url> ReadAuthority(const AuthConfig& auth,
                                        const std::vector<std::string>& hosts) {
  const std::string written = TextOf(auth.written, "authority");
  const absl::StatusOr<http::Url> url =
      http::ParseUrl(TextOf(auth.settings, "authority", kGlobalAuthority));
  // The tenant has a key of its own.
  if (!url.ok() || url->target != "/") {
    return absl::InvalidArgumentError(
        absl::StrCat("[auth] `authority` is \"", Visible(written),
                     "\"; expected https://HOST without a path"));
  }
  if (http::AllowedHosts{KnownAuthorities(), hosts}.Contains(*url)) return url;
  return absl::InvalidArgumentError(absl::StrCat(
      "[auth] `authority` is \"", Visible(written),
      "\", which is not one of Microsoft's sign-in hosts. Nothing was sent. If "
      "you trust it, allow it where patform is run: --allow-host HOST[:PORT] "
      "or PATFORM_ALLOW_HOSTS"));
}

// The value of `key`, if it is of the shape that `fault` asks for.
absl::StatusOr<std::string> Shaped(const AuthConfig& auth, const char* key,
                                   std::string (*fault)(std::string_view)) {
  std::string value = TextOf(auth.settings, key);
  const std::string expected = fault(value);
  if (expected.empty()) return value;
  return absl::InvalidArgumentError(absl::StrCat(
      "[auth] `", key, "` is \"", Visible(TextOf(auth.written, key)),
      "\"; expected ", expected));
}

}  // namespace

std::string TextOf(const std::map<std::string, SettingValue>& from,
                   const char* key, std::string otherwise) {
  const auto found = from.find(key);
  const std::string* value =
      found == from.end() ? nullptr : std::get_if<std::string>(&found->second);
  return value == nullptr ? std::move(otherwise) : *value;
}

std::string FaultOfClientId(std::string_view text) {
  if (IsGuid(text)) return "";
  return "the \"Application (client) ID\" of your app registration, a GUID";
}

// `common` and its like let a user of any tenant in, and a guest signs in to
// the wrong one: an organization is of one tenant, so that one is named.
std::string FaultOfTenant(std::string_view text) {
  // No empty label: it becomes part of a path, where ".." means something.
  const bool domain = http::IsHostName(text) && !text.starts_with('.') &&
                      !text.ends_with('.') &&
                      text.find("..") == std::string_view::npos &&
                      text.find('.') != std::string_view::npos;
  if (IsGuid(text) || domain) return "";
  return "the \"Directory (tenant) ID\", a GUID, or a domain of the tenant, "
         "such as contoso.onmicrosoft.com";
}

// Both ids are required. A default tenant would sign a guest in to the wrong
// one, and a client id that comes with a product is blocked by many tenants.
std::vector<SettingKey> RegistrationKeys() {
  using Kind = SettingKey::Kind;
  return {
      {"tenant",
       Kind::kText,
       /*required=*/true,
       "The tenant of the organization: its id, or one of its domains.",
       {},
       FaultOfTenant,
       "\"contoso.onmicrosoft.com\""},
      {"client_id",
       Kind::kText,
       /*required=*/true,
       "The application (client) id of your own app registration.",
       {},
       FaultOfClientId,
       "\"11111111-2222-3333-4444-555555555555\""},
      {"authority", Kind::kText, /*required=*/false,
       "Where to sign in. Default https://login.microsoftonline.com."},
      {"scopes", Kind::kText, /*required=*/false,
       "What to ask for, separated by spaces. Default: both scopes for "
       "managing tokens, and a refresh token."},
  };
}

std::string ScopesFor(const std::string& resource) {
  return absl::StrCat(resource, "/.default offline_access");
}

bool IsMicrosofts(const Registration& registration) {
  return http::AllowedHosts{KnownAuthorities(), {}}.Contains(
      registration.authority);
}

absl::StatusOr<Registration> RegistrationOf(
    const AuthConfig& auth, const std::vector<std::string>& hosts) {
  Registration made;
  PATFORM_ASSIGN_OR_RETURN(made.authority, ReadAuthority(auth, hosts));
  PATFORM_ASSIGN_OR_RETURN(made.tenant, Shaped(auth, "tenant", FaultOfTenant));
  PATFORM_ASSIGN_OR_RETURN(made.client_id,
                           Shaped(auth, "client_id", FaultOfClientId));
  made.scopes = TextOf(auth.settings, "scopes", DefaultScopes());
  made.shown_tenant = Visible(TextOf(auth.written, "tenant", made.tenant));
  made.shown_client_id =
      Visible(TextOf(auth.written, "client_id", made.client_id));
  return made;
}

std::string AdminConsentUrl(const Registration& registration) {
  const http::Url& at = registration.authority;
  return absl::StrCat(at.tls ? "https://" : "http://", at.Authority(), "/",
                      registration.shown_tenant,
                      "/adminconsent?client_id=", registration.shown_client_id);
}

}  // namespace patform::entra
