#include "providers/entra/claims.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

// The claims of a bearer are read as a hint for messages, never as a decision.
// Its signature is not checked (only the service has a reason to), and
// Microsoft calls the content of an access token opaque to clients.
namespace patform::entra {
namespace {

namespace json = boost::json;

// "": absent, or not a text.
std::string Text(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? "" : std::string(text->data(), text->size());
}

// Whole seconds, as Entra sends them; anything else counts as not given.
int64_t Seconds(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  const int64_t* seconds = value == nullptr ? nullptr : value->if_int64();
  return seconds == nullptr ? 0 : *seconds;
}

// Of both forms of a resource's name, the GUID and the address. Azure Resource
// Manager and others have several addresses.
struct Audience {
  const char* audience;  // without a slash at its end
  const char* name;
};
constexpr Audience kAudiences[] = {
    {"https://management.azure.com", "Azure Resource Manager"},
    {"https://management.core.windows.net", "Azure Resource Manager"},
    {"797f4846-ba00-4fd7-ba43-dac1f8f63013", "Azure Resource Manager"},
    {"https://graph.microsoft.com", "Microsoft Graph"},
    {"00000003-0000-0000-c000-000000000000", "Microsoft Graph"},
    {"https://graph.windows.net", "Azure AD Graph"},
    {"00000002-0000-0000-c000-000000000000", "Azure AD Graph"},
    {"https://vault.azure.net", "Azure Key Vault"},
    {"cfa8b339-82a2-471a-a3c9-0fc0be7a4093", "Azure Key Vault"},
    {"https://storage.azure.com", "Azure Storage"},
    {"https://database.windows.net", "Azure SQL"},
    {"https://api.loganalytics.io", "Log Analytics"},
    {"2ff814a6-3304-4ab8-85cb-cd0e6f879c1d", "Azure Databricks"},
    {"6dae42f8-4368-4678-94ff-3960e28e3630", "Azure Kubernetes Service"},
    {"api://AzureADTokenExchange", "a federated credential"},
};

// "https://vault.azure.net/" and "…/.default" are the same resource.
std::string_view Resource(std::string_view audience) {
  constexpr std::string_view kDefault = "/.default";
  if (audience.ends_with(kDefault)) audience.remove_suffix(kDefault.size());
  while (audience.ends_with('/')) audience.remove_suffix(1);
  return audience;
}

bool Same(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(AbslView(Resource(a)), AbslView(b));
}

}  // namespace

bool IsAzureDevOps(std::string_view audience) {
  return Same(audience, kAzureDevOps) ||
         Same(audience, "https://app.vssps.visualstudio.com") ||
         Same(audience, "https://vssps.dev.azure.com") ||
         Same(audience, "https://dev.azure.com");
}

std::string AudienceName(std::string_view audience) {
  const auto* const row = std::find_if(
      std::begin(kAudiences), std::end(kAudiences),
      [&](const Audience& each) { return Same(audience, each.audience); });
  const std::string shown = Visible(audience);
  return row == std::end(kAudiences)
             ? shown
             : absl::StrCat(row->name, " (", shown, ")");
}

Claims ReadClaims(std::string_view bearer) {
  Claims claims;
  const size_t first = bearer.find('.');
  // A JWT has three parts. Where `first` is npos, `first + 1` is 0, and the
  // check below finds it.
  const size_t second = bearer.find('.', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) {
    return claims;
  }
  // Not wiped: without its signature it opens nothing.
  std::string payload;
  // base64url without padding (RFC 7515); WebSafeBase64Unescape() takes both.
  if (!absl::WebSafeBase64Unescape(
          AbslView(bearer.substr(first + 1, second - first - 1)), &payload)) {
    return claims;
  }
  json::error_code ec;
  const json::value parsed = json::parse(payload, ec);
  const json::object* object = ec ? nullptr : parsed.if_object();
  if (object == nullptr) return claims;
  claims.oid = Text(*object, "oid");
  claims.audience = Text(*object, "aud");
  claims.scopes = Text(*object, "scp");
  // Version 1 tokens have upn, version 2 ones preferred_username.
  claims.name = Text(*object, "upn");
  if (claims.name.empty()) claims.name = Text(*object, "preferred_username");
  claims.tenant = Text(*object, "tid");
  claims.nonce = Text(*object, "nonce");
  claims.application = Text(*object, "app_displayname");
  if (claims.application.empty()) claims.application = Text(*object, "appid");
  if (claims.application.empty()) claims.application = Text(*object, "azp");
  claims.expires = Seconds(*object, "exp");
  claims.not_before = Seconds(*object, "nbf");
  // `idtyp` is optional in Entra. Without it: a delegated token has scp, one of
  // an app has roles only.
  claims.app_only = Text(*object, "idtyp") == "app" ||
                    (object->if_contains("scp") == nullptr &&
                     object->if_contains("roles") != nullptr);
  return claims;
}

SignedIn SignedInBy(const Claims& claims) {
  SignedIn user;
  user.oid = claims.oid;
  user.name = claims.name;
  // Without an audience it is opaque, which is not the same as a token without
  // scopes.
  if (!claims.audience.empty()) user.scopes = ScopeSet::Parse(claims.scopes);
  if (claims.expires != 0) user.expires = absl::FromUnixSeconds(claims.expires);
  user.app_only = claims.app_only;
  user.tenant = claims.tenant;
  user.audience = IsAzureDevOps(claims.audience)
                      ? "Azure DevOps"
                      : AudienceName(claims.audience);
  user.application = claims.application;
  return user;
}

}  // namespace patform::entra
