#pragma once

#include <string>
#include <string_view>

#include "providers/emulator/http/server.h"
#include "providers/emulator/service.h"
#include "providers/emulator/tokens/target.h"

// Azure Key Vault's REST API of secrets, api-versions 7.0 to 2026-04-01: one
// vault at the root of the emulator's address, because Microsoft's SDKs find
// nothing below a path. Not there: keys, certificates, backup and restore.
//
// Whose bearer may do what is the switch `vault_role`, for all callers:
//
//   officer  everything (Key Vault Secrets Officer)
//   writer   readMetadata, setSecret, update: what an apply needs
//   reader   readMetadata (Key Vault Reader): what a plan needs
//   none     nothing
//
// Facts: the REST reference of secrets, "Authentication, requests and
// responses", "Azure Key Vault REST API error codes", "Azure Key Vault
// soft-delete overview", and the answers that azure-sdk-for-js has recorded.
namespace patform::emulator {

// "": this is not a request of a vault. Otherwise its operation, for faults and
// counts; one that no vault has is "vault_other".
std::string VaultOperationOf(std::string_view method, const Target& target);

http::ServerResponse AnswerVault(Service& service, const std::string& operation,
                                 const http::ServerRequest& request,
                                 const Target& target);

}  // namespace patform::emulator
