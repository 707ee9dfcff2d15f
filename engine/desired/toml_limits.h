#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "engine/desired/toml_value.h"

namespace patform {

// What one file may hold. A pull request writes these files, and the parser
// behind this recurses on nesting and dots, keeps about half a kilobyte for
// each value, and has no limits of its own. No honest file comes near them.
inline constexpr int kMaxKeyParts = 16;         // a.b.c has three
inline constexpr int kMaxNesting = 16;          // [ and { that are open
inline constexpr size_t kMaxWordBytes = 4096;   // without quotes
inline constexpr size_t kMaxTextBytes = 32768;  // of one string, as written
inline constexpr size_t kMaxLineBytes = 32768;
inline constexpr int kMaxValues = 250'000;  // keys, items and tables

struct TomlExcess {
  Position at;
  std::string what;       // "nested too deep"
  std::string fix;        // "at most 16 levels"
  bool too_many = false;  // it is kMaxValues
};

// The first place where `text` goes beyond these limits. Looks at each byte
// once and keeps nothing; whether it is TOML is the parser's business. Up to
// where the text stops being TOML, strings and comments are recognized as the
// parser does it.
std::optional<TomlExcess> FindExcess(std::string_view text);

}  // namespace patform
