#pragma once

#include <optional>
#include <string>

#include "engine/desired/toml_value.h"

namespace patform {

// What is wrong with a text that is not TOML, in the words of whoever wrote it.
struct TomlFault {
  Position at;
  std::string what;
  std::string fix;     // may be empty
  int other_line = 0;  // where the same thing is already; 0: nowhere
};

// What people get wrong most: a table or a key that is there already, a text
// without its quotes, "True", "key: value". nullopt: none of these, on the line
// at which the parser gave up.
std::optional<TomlFault> ExplainToml(const std::string& text, int line);

}  // namespace patform
