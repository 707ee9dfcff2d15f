#pragma once

#include <string>
#include <string_view>

namespace patform {

// A TOML basic string of `text`, quotes included, on one line. Control
// characters and all that would not be seen stand as \uXXXX; bytes that are no
// UTF-8 become U+FFFD.
std::string TomlString(std::string_view text);

// A key: bare where TOML allows it, else a basic string.
std::string TomlKey(std::string_view key);

}  // namespace patform
