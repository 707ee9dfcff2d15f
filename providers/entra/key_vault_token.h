#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "engine/base/environment.h"
#include "engine/base/secret.h"

namespace patform::entra {

// An access token that whoever runs the program hands over for Key Vault, in
// PATFORM_KEY_VAULT_TOKEN: for the sources whose own token is for Azure DevOps
// alone. `source`: of [auth], for messages. kUnauthenticated: it is not set, is
// none, or claims to be for something else than `resource`. kUnimplemented:
// `resource` is not Key Vault's.
absl::StatusOr<Secret> KeyVaultToken(const EnvironmentLookup& environment,
                                     const std::string& resource,
                                     const std::string& source);

}  // namespace patform::entra
