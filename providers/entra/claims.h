#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/ports/token_service.h"

namespace patform::entra {

// What a bearer claims of itself, unverified: a hint, never a decision. Empty
// where it is opaque or has no such claim.
struct Claims {
  std::string oid;          // the user, or the application
  std::string audience;     // aud
  std::string scopes;       // scp, separated by spaces
  std::string name;         // upn or preferred_username
  std::string tenant;       // tid, a GUID
  std::string nonce;        // of an id_token: whose request it answers
  std::string application;  // its name, or else its id: app_displayname, appid
  int64_t expires = 0;      // Unix seconds; 0: no such claim
  int64_t not_before = 0;   // likewise
  bool app_only = false;    // idtyp app, or no scp
};

Claims ReadClaims(std::string_view bearer);

// The resource of Azure DevOps, as an audience.
inline constexpr char kAzureDevOps[] = "499b84ac-1321-427f-aa17-267ca6975798";
// A command that prints an access token for it.
inline constexpr char kGetAccessToken[] =
    "az account get-access-token --resource "
    "499b84ac-1321-427f-aa17-267ca6975798 --query accessToken -o tsv";

// Is `audience` one of the names of Azure DevOps?
bool IsAzureDevOps(std::string_view audience);

// What people call the resource: "Microsoft Graph (https://graph…)". The
// audience alone, where it has no name here; made visible.
std::string AudienceName(std::string_view audience);

// What they tell of who is signed in.
SignedIn SignedInBy(const Claims& claims);

}  // namespace patform::entra
