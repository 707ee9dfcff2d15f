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

// `text` must be UTF-8 (checked by the caller). Never throws. What is plain is
// read by plain_toml.h, anything else by ParseAnyToml().
TomlResult ParseToml(const std::string& text);

// The same by toml++, whatever it is.
TomlResult ParseAnyToml(const std::string& text);

}  // namespace patform
