#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace patform {

// A place in one file. 1-based, in code points.
struct Position {
  int line = 0;
  int column = 0;
  int length = 1;
};

// A TOML document as plain values, tables in file order.
struct TomlValue {
  enum class Type {
    kString,
    kInteger,
    kFloat,
    kBoolean,
    kInstant,        // a date-time with an offset
    kLocalDateTime,  // any other date or time
    kArray,
    kTable,
  };
  struct Member;

  Type type = Type::kTable;
  Position at;
  std::string text;              // kString
  int64_t number = 0;            // kInteger
  bool flag = false;             // kBoolean
  absl::Time instant;            // kInstant
  std::vector<TomlValue> items;  // kArray
  std::vector<Member> members;   // kTable

  const Member* Find(std::string_view key) const;
};

struct TomlValue::Member {
  std::string key;
  Position at;  // of the key
  TomlValue value;
};

// "a string", "an integer" …
const char* TypeName(TomlValue::Type type);

}  // namespace patform
