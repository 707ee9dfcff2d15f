#include "providers/emulator/key_vault/access.h"

#include <boost/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/strings.h"
#include "providers/emulator/tokens/vss_error.h"

// The numbers of the 401 answers are the service's own; the words behind them
// are near to its.
namespace patform::emulator {
namespace {

namespace json = boost::json;

// Both are audiences of Key Vault's tokens, with a slash at the end or not.
constexpr char kResource[] = "https://vault.azure.net";
constexpr char kResourceId[] = "cfa8b339-82a2-471a-a3c9-0fc0be7a4093";

// Every 401 has it, so that a client with a bad token learns which is right.
http::ServerResponse Challenge(std::string_view message) {
  http::ServerResponse response = VaultError(401, "Unauthorized", message);
  response.headers.emplace_back(
      "WWW-Authenticate",
      absl::StrCat("Bearer authorization=\"https://login.microsoftonline.com/",
                   TenantId(kTenant), "\", resource=\"", kResource, "\""));
  return response;
}

// The action of RBAC that an operation is.
std::string_view ActionOf(std::string_view operation) {
  if (operation == "vault_set") return "setSecret";
  if (operation == "vault_get") return "getSecret";
  if (operation == "vault_update") return "update";
  if (operation == "vault_delete") return "delete";
  if (operation == "vault_recover") return "recover";
  if (operation == "vault_purge") return "purge";
  return "readMetadata";
}

}  // namespace

http::ServerResponse VaultError(int status, std::string_view code,
                                std::string_view message,
                                std::string_view inner) {
  json::object error = {{"code", code}, {"message", message}};
  if (!inner.empty()) error["innererror"] = {{"code", inner}};
  return JsonAnswer(status,
                    json::serialize(json::object{{"error", std::move(error)}}));
}

// In this order: that there is a bearer at all, whose it is, and what for.
std::optional<http::ServerResponse> NotSignedInToVault(
    const Service& service, const http::ServerRequest& request) {
  const std::string header(request.Find("Authorization").value_or(""));
  if (!absl::StartsWithIgnoreCase(header, "Bearer ")) {
    return Challenge("AKV10000: Request is missing a Bearer or PoP token.");
  }
  const std::string token = header.substr(7);
  std::optional<Claims> claims = service.auth.ReadOwn(token);
  if (!claims && service.switches.Is("bearers", "any")) {
    claims = ReadUnchecked(token);
  }
  if (!claims) {
    return Challenge(
        "[BearerReadAccessTokenFailed] AKV10000: Error validating token.");
  }
  absl::string_view audience = claims->audience;
  while (absl::ConsumeSuffix(&audience, "/")) continue;
  if (!absl::EqualsIgnoreCase(audience, kResource) &&
      !absl::EqualsIgnoreCase(audience, kResourceId)) {
    return Challenge(absl::StrCat("AKV10022: Invalid audience. Expected ",
                                  kResource, ", found: ", claims->audience,
                                  "."));
  }
  const int64_t now = absl::ToUnixSeconds(service.clock.Now());
  if (claims->expires <= now || claims->not_before > now) {
    return Challenge("AKV10063: The lifetime of the token is over.");
  }
  if (claims->tenant != TenantId(kTenant)) {
    return Challenge(absl::StrCat(
        "AKV10032: Invalid issuer. Expected one of https://sts.windows.net/",
        TenantId(kTenant), "/, found https://sts.windows.net/", claims->tenant,
        "/."));
  }
  return std::nullopt;
}

std::optional<http::ServerResponse> ForbiddenInVault(
    const Service& service, std::string_view operation) {
  const std::string_view action = ActionOf(operation);
  const std::string& role = service.switches.Get("vault_role");
  const bool reads = action == "readMetadata";
  const bool writes = action == "setSecret" || action == "update";
  if (role == "officer" || (role == "writer" && (reads || writes)) ||
      (role == "reader" && reads)) {
    return std::nullopt;
  }
  return VaultError(
      403, "Forbidden",
      absl::StrCat("Caller is not authorized to perform action on resource.\r\n"
                   "If role assignments, deny assignments or role definitions "
                   "were changed recently, please observe propagation time.\r\n"
                   "Action: 'Microsoft.KeyVault/vaults/secrets/",
                   AbslView(action), action == "delete" ? "" : "/action", "'"),
      "ForbiddenByRbac");
}

}  // namespace patform::emulator
