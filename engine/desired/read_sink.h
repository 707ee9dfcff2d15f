#pragma once

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "engine/base/environment.h"
#include "engine/base/secret.h"
#include "engine/desired/place_rules.h"
#include "engine/desired/problems.h"
#include "engine/desired/toml_value.h"
#include "engine/model/desired_state.h"
#include "engine/ports/files.h"
#include "engine/ports/secret_sink.h"
#include "engine/ports/settings.h"

namespace patform {

// What the texts of a table may refer to.
struct SettingsContext {
  std::string organization;  // {organization}
  std::string directory;     // that of the main file: of relative paths
  const EnvironmentLookup& variables;  // ${NAME}
  // What the fingerprint of the variables' values is keyed with; null or empty:
  // with nothing.
  const Secret* fingerprint_key = nullptr;
  // The sinks that a place of [auth] can be in: read before it.
  KnownSinkConfigs known = {};
  // Where files that settings name are read from, and what notes which were.
  Files* files = nullptr;
  std::vector<std::string>* read = nullptr;
};

// [sink.NAME], of one of `types`.
SinkConfig ReadSink(Problems& problems, const TomlValue::Member& member,
                    absl::Span<const SinkType> types,
                    const SettingsContext& context);

// [auth], with one of `sources`; the first is the default.
AuthConfig ReadAuth(Problems& problems, const TomlValue& table,
                    absl::Span<const SettingsType> sources,
                    const SettingsContext& context);

// [identity.NAME], likewise; it must say its source.
AuthConfig ReadIdentity(Problems& problems, const TomlValue::Member& member,
                        absl::Span<const SettingsType> sources,
                        const SettingsContext& context);

}  // namespace patform
