#pragma once

#include <string>

#include "absl/types/span.h"
#include "engine/base/environment.h"
#include "engine/base/secret.h"
#include "engine/desired/problems.h"
#include "engine/desired/toml_value.h"
#include "engine/model/desired_state.h"
#include "engine/ports/secret_sink.h"
#include "engine/ports/settings.h"

namespace patform {

// What fills in ${NAME}, and what the fingerprint of the values is keyed with;
// null or empty: with nothing.
struct Variables {
  const EnvironmentLookup& lookup;
  const Secret* fingerprint_key = nullptr;
};

// [sink.NAME], of one of `types`. Relative paths are resolved against
// `directory`, that of the main file.
SinkConfig ReadSink(Problems& problems, const TomlValue::Member& member,
                    absl::Span<const SinkType> types,
                    const std::string& organization,
                    const std::string& directory, const Variables& variables);

// [auth], with one of `sources`; the first is the default.
AuthConfig ReadAuth(Problems& problems, const TomlValue& table,
                    absl::Span<const SettingsType> sources,
                    const std::string& organization,
                    const Variables& variables);

}  // namespace patform
