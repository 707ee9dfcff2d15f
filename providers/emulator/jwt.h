#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The emulator's own: it is the test double of the service that reads what
// providers/entra sends, and two who share code cannot disagree.
namespace patform::emulator {

// The resource id of Azure DevOps in Entra.
constexpr std::string_view kAzureDevOpsAudience =
    "499b84ac-1321-427f-aa17-267ca6975798";

struct Claims {
  std::string audience{kAzureDevOpsAudience};
  std::string tenant;     // tid
  std::string object_id;  // oid
  std::string user;       // upn; empty: an app
  std::string scopes;     // scp, separated by spaces; empty: an app
  bool app_only = false;
  int64_t issued = 0;  // Unix seconds
  int64_t not_before = 0;
  int64_t expires = 0;
};

// A JWT with HMAC-SHA256: this service signs and checks by itself.
std::string MintJwt(std::string_view key, const Claims& claims);

// nullopt: no JWT, or not signed with this key. Looks at no date.
std::optional<Claims> ReadJwt(std::string_view key, std::string_view token);

// The same of a bearer that somebody else signed: nothing is checked.
std::optional<Claims> ReadUnchecked(std::string_view token);

}  // namespace patform::emulator
