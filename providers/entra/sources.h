#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/environment.h"
#include "engine/base/secret.h"
#include "engine/model/desired_state.h"
#include "engine/ports/settings.h"
#include "providers/entra/credential.h"

namespace patform::entra {

// What sources work with.
struct Machine {
  EnvironmentLookup environment;
  std::function<absl::StatusOr<Secret>(const std::string& path)> read_secret;
};

// A row of the table in sources.cc: one value of [auth] `source`. A new source
// is a file with its row.
struct SourceRow {
  SettingsType type;
  std::unique_ptr<CredentialSource> (*make)(const AuthConfig& auth,
                                            const Machine& machine);
};

// What this program can do; the first is the default.
const std::vector<SettingsType>& Sources();

// kInvalidArgument: not one of Sources().
absl::StatusOr<std::unique_ptr<CredentialSource>> MakeCredential(
    const AuthConfig& auth, const Machine& machine);

}  // namespace patform::entra
