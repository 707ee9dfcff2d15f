#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "engine/desired/toml_value.h"

namespace patform {

// A line for each value, with its place: to compare two readings of a text.
inline void Dump(const TomlValue& value, const std::string& path,
                 std::string& out) {
  const auto place = [](const Position& at) {
    return absl::StrCat(at.line, ":", at.column, "+", at.length);
  };
  absl::StrAppend(&out, path, " ", Word(value.type), " at ", place(value.at),
                  " \"", value.text, "\" ", value.number, " ", value.flag, " ",
                  absl::ToUnixNanos(value.instant), "\n");
  for (size_t i = 0; i < value.items.size(); ++i) {
    Dump(value.items[i], absl::StrCat(path, "[", i, "]"), out);
  }
  for (const TomlValue::Member& member : value.members) {
    Dump(member.value,
         absl::StrCat(path, "/", member.key, "@", place(member.at)), out);
  }
}

inline std::string Dump(const TomlValue& value) {
  std::string out;
  Dump(value, "", out);
  return out;
}

}  // namespace patform
