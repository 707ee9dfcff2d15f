#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/environment.h"
#include "engine/base/secret.h"
#include "engine/model/desired_state.h"
#include "engine/ports/grants.h"
#include "engine/ports/programs.h"
#include "engine/ports/secret_sink.h"
#include "engine/ports/settings.h"
#include "providers/entra/credential.h"
#include "providers/entra/state_files.h"
#include "providers/http/retry.h"
#include "providers/http/transport.h"

namespace patform::entra {

// What sources work with. Pointers are of what outlives every source; each is
// set in a run, and in tests those that the source at hand uses.
struct Machine {
  EnvironmentLookup environment;
  std::function<absl::StatusOr<Secret>(const std::string& path)> read_secret;
  std::function<absl::StatusOr<Secret>()> read_stdin;  // to its end
  Clock* clock = nullptr;
  const Grants* grants = nullptr;
  Programs* programs = nullptr;
  Sinks* sinks = nullptr;
  std::function<std::unique_ptr<http::Transport>()> new_transport;
  http::RetryState* retry = nullptr;
  StateFiles* state_files = nullptr;
  std::function<uint64_t()> random;  // 64 bits of the kernel's
  std::function<bool()> interrupted;
  // Runs what must not be broken off when the user interrupts; see ToTheEnd().
  std::function<void(absl::FunctionRef<void()>)> uninterrupted;
};

// A refresh token that was exchanged has to be kept, whatever happens.
void ToTheEnd(const Machine& machine, absl::FunctionRef<void()> call);

// A row of the table in sources.cc: one value of [auth] `source`. A new source
// is a file with its row.
struct SourceRow {
  SettingsType type;
  std::unique_ptr<CredentialSource> (*make)(const AuthConfig& auth,
                                            const Machine& machine);
};

// What this program can do; the first is the default.
const std::vector<SettingsType>& Sources();

// The one that `auth` names, or that the operator put in its place.
// kInvalidArgument: not one of Sources().
absl::StatusOr<std::unique_ptr<CredentialSource>> MakeCredential(
    const AuthConfig& auth, const Machine& machine);

}  // namespace patform::entra
