#pragma once

#include <optional>
#include <string_view>

#include "providers/emulator/http/server.h"
#include "providers/emulator/service.h"

// Who asks a vault, and what they may do there.
namespace patform::emulator {

// The vault's envelope of errors. `inner`: innererror's code; "": there is
// none.
http::ServerResponse VaultError(int status, std::string_view code,
                                std::string_view message,
                                std::string_view inner = "");

// The challenge; nullopt: the request has a bearer for Key Vault. One of an app
// is as good as a user's, other than for Azure DevOps.
std::optional<http::ServerResponse> NotSignedInToVault(
    const Service& service, const http::ServerRequest& request);

// The refusal of the role (switch `vault_role`); nullopt: it allows it.
std::optional<http::ServerResponse> ForbiddenInVault(
    const Service& service, std::string_view operation);

}  // namespace patform::emulator
