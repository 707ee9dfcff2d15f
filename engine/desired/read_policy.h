#pragma once

#include "engine/desired/problems.h"
#include "engine/desired/toml_value.h"
#include "engine/model/desired_state.h"

namespace patform {

PolicyConfig ReadPolicy(Problems& problems, const TomlValue& table);

// Both at once: of two rules the stricter one.
PolicyConfig Stricter(const PolicyConfig& a, const PolicyConfig& b);

}  // namespace patform
