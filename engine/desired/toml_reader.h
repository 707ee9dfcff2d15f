#pragma once

#include <string>

#include "engine/desired/toml_value.h"

namespace patform {

// The value, or where and why the text is not TOML.
struct TomlResult {
  bool ok = false;
  TomlValue root;
  Position at;
  std::string error;
};

// `text` must be UTF-8 (checked by the caller). Never throws.
TomlResult ParseToml(const std::string& text);

}  // namespace patform
