#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "engine/ports/token_service.h"
#include "providers/azure_devops/pat_service.h"

// The PAT Lifecycle Management API of Azure DevOps Services.
namespace patform::azure_devops {

// For plans: nothing that can change a token is made. kInvalidArgument as in
// PatService::Make; nothing is sent.
absl::StatusOr<std::unique_ptr<TokenReader>> MakeTokenReader(Config config);

absl::StatusOr<std::unique_ptr<TokenWriter>> MakeTokenWriter(Config config);

}  // namespace patform::azure_devops
