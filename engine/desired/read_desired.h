#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/base/diagnostic.h"
#include "engine/base/environment.h"
#include "engine/base/secret.h"
#include "engine/model/desired_state.h"
#include "engine/ports/files.h"
#include "engine/ports/secret_sink.h"
#include "engine/ports/settings.h"

namespace patform {

// A larger file is refused before it is read.
inline constexpr int64_t kMaxConfigBytes = 16 << 20;

struct ReadInput {
  // A file, or a directory that holds patform.toml; empty: there is none, the
  // policy file is read without one.
  std::string path;
  std::string policy_path;  // a file with only [policy]; empty: none
  absl::Time now;           // dates are checked against it
  // For ${NAME} in [sink.*], [auth] and [identity.*].
  EnvironmentLookup environment;
  // What this program can do: [sink.*], [auth] and [identity.*] may use nothing
  // else. Of the sources the first is the default of [auth].
  absl::Span<const SinkType> sink_types;
  absl::Span<const SettingsType> auth_sources;
  std::string auth_overridden_by;  // as in AuthConfig
  // Sinks::Canonical; empty: two sinks never keep places in one store.
  std::function<absl::StatusOr<std::string>(const SinkConfig&)> canonical;
  // Not null and not empty: what fingerprints of the values of ${NAME} are
  // keyed with, so that nobody who sees one can try values against it.
  const Secret* fingerprint_key = nullptr;
  // Told of each realm once, as soon as a token in it has been read and no
  // error was found so far, so that what takes long can begin. The rest may
  // still turn out not to be valid.
  std::function<void(const AuthConfig&, const Realm&)> expects;
  // Is what `expects` is to begin still to come, or going on? It is then left a
  // core. May be empty.
  std::function<bool()> waiting;
};

struct ReadResult {
  std::optional<DesiredState> state;  // absent when there is an error
  std::vector<Diagnostic> diagnostics;
};

// Reads the configuration: every problem at once, in the order of the files
// and lines. Pure but for `files`.
ReadResult ReadDesired(Files& files, const ReadInput& input);

// Fills in the source lines that `diagnostics` lack, of files below
// `directory`, the main file's, and of the policy file; secrets in them are
// covered.
void FillSourceLines(Files& files, const std::string& directory,
                     const std::string& policy_path,
                     std::vector<Diagnostic>& diagnostics);

}  // namespace patform
