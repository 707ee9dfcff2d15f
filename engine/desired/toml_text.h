#pragma once

#include <map>
#include <string>

#include "engine/desired/toml_value.h"

namespace patform {

// What a table contains, by key ("warn.max_lifetime" for a table within),
// without how it is laid out: for telling two versions of it apart.
std::map<std::string, std::string> TableText(const TomlValue& table);

}  // namespace patform
