#pragma once

#include <string>
#include <vector>

#include "engine/base/secret.h"
#include "engine/desired/interpolate.h"
#include "engine/desired/problems.h"
#include "engine/desired/toml_value.h"
#include "engine/model/desired_state.h"

namespace patform {

// The types that the language knows, sorted. Which of them a program can
// write to is its own matter.
std::vector<std::string> SinkTypeNames();

// What fills in ${NAME}, and what the fingerprint of the values is keyed with;
// null or empty: with nothing.
struct Variables {
  const EnvironmentLookup& lookup;
  const Secret* fingerprint_key = nullptr;
};

// [sink.NAME]. Relative paths are resolved against `directory`, that of the
// main file.
SinkConfig ReadSink(Problems& problems, const TomlValue::Member& member,
                    const std::string& organization,
                    const std::string& directory, const Variables& variables);

// [auth].
AuthConfig ReadAuth(Problems& problems, const TomlValue& table,
                    const std::string& organization,
                    const Variables& variables);

}  // namespace patform
