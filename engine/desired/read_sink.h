#pragma once

#include <string>
#include <vector>

#include "engine/desired/interpolate.h"
#include "engine/desired/problems.h"
#include "engine/desired/toml_value.h"
#include "engine/model/desired_state.h"

namespace patform {

// The types that the language knows, sorted. Which of them a program can
// write to is its own matter.
std::vector<std::string> SinkTypeNames();

// [sink.NAME]. Relative paths are resolved against `directory`, that of the
// main file.
SinkConfig ReadSink(Problems& problems, const TomlValue::Member& member,
                    const std::string& organization,
                    const std::string& directory,
                    const EnvironmentLookup& environment);

// [auth].
AuthConfig ReadAuth(Problems& problems, const TomlValue& table,
                    const std::string& organization,
                    const EnvironmentLookup& environment);

}  // namespace patform
