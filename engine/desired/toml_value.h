#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/words.h"

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

// For messages.
inline constexpr WordFor<TomlValue::Type> kTypeWords[] = {
    {TomlValue::Type::kString, "a string"},
    {TomlValue::Type::kInteger, "an integer"},
    {TomlValue::Type::kFloat, "a number with a point"},
    {TomlValue::Type::kBoolean, "true or false"},
    {TomlValue::Type::kInstant, "an instant"},
    {TomlValue::Type::kLocalDateTime, "a date or time without an offset"},
    {TomlValue::Type::kArray, "a list"},
    {TomlValue::Type::kTable, "a table"}};
constexpr auto& WordsOf(TomlValue::Type) { return kTypeWords; }
static_assert(AllInOrder(kTypeWords, TomlValue::Type::kTable));

}  // namespace patform
