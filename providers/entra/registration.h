#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/model/desired_state.h"
#include "engine/ports/settings.h"
#include "providers/http/url.h"

// As which application, and where, the sources that talk to Microsoft Entra
// themselves sign in.
namespace patform::entra {

// Whose sign-ins are Microsoft's for all but national clouds.
inline constexpr char kGlobalAuthority[] = "https://login.microsoftonline.com";

struct Registration {
  http::Url authority;    // without a path
  std::string tenant;     // a GUID, or a domain
  std::string client_id;  // a GUID
  std::string scopes;     // separated by spaces
  // Both as the configuration has them, ${NAME} not filled in: for messages.
  std::string shown_tenant;
  std::string shown_client_id;
};

// The text of a key; `otherwise`: it is not there. From AuthConfig::settings
// for use, from `written` for messages: what the environment filled in is not
// shown to whoever wrote the configuration.
std::string TextOf(const std::map<std::string, SettingValue>& from,
                   const char* key, std::string otherwise = "");

// The keys of [auth] that these sources share. None has a client id built in:
// tenants block those of other products.
std::vector<SettingKey> RegistrationKeys();

// Before anything is sent. kInvalidArgument: a value that the service would not
// take, or an authority that is neither Microsoft's nor in `hosts`, which are
// the operator's (AllowedHosts::by_operator).
absl::StatusOr<Registration> RegistrationOf(
    const AuthConfig& auth, const std::vector<std::string>& hosts);

// What to ask for where an access token for `resource` is wanted: whatever the
// application has a consent for there, and the next refresh token.
std::string ScopesFor(const std::string& resource);

// Is the authority one of Microsoft's own?
bool IsMicrosofts(const Registration& registration);

// "": `text` is one. Otherwise what is expected, as the end of a sentence.
std::string FaultOfClientId(std::string_view text);
std::string FaultOfTenant(std::string_view text);

// Where an administrator approves the application for the whole tenant. For
// people.
std::string AdminConsentUrl(const Registration& registration);

}  // namespace patform::entra
