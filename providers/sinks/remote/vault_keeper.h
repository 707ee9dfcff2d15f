#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "engine/ports/secret_sink.h"
#include "providers/sinks/row.h"

namespace patform::sinks {

// A sign-in that is kept in a field of a secret. The only part of this sink
// that reads one, so a policy for it opens data to reading; it writes no
// record, and refuses a path that has one.
absl::StatusOr<std::unique_ptr<SecretKeeper>> OpenVaultKeeper(
    const Opening& opening);

}  // namespace patform::sinks
