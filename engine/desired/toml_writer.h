#pragma once

#include <string>
#include <string_view>

// What `import` writes. Not toml++'s formatter: it sorts keys, has no comments,
// and leaves characters as they are that a terminal would act on.
namespace patform {

// A TOML basic string of `text`, quotes included, on one line. Control
// characters, all that would not be seen, and what makes a CI system's log
// command are written as \uXXXX; bytes that are not UTF-8 become U+FFFD.
std::string TomlString(std::string_view text);

// A key: bare where TOML allows it, else a basic string.
std::string TomlKey(std::string_view key);

}  // namespace patform
