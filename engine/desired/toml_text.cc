#include "engine/desired/toml_text.h"

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"

// A table as flat texts, "a.b" -> value, for the comparison of two
// configurations that have to be equal as they are written. Only compared and
// shown, never read.
namespace patform {
namespace {

// Texts in a list are quoted, so that ["a, b"] and ["a", "b"] differ.
std::string Text(const TomlValue& value) {
  switch (value.type) {
    case TomlValue::Type::kString:
      return value.text;
    case TomlValue::Type::kInteger:
      return absl::StrCat(value.number);
    case TomlValue::Type::kBoolean:
      return value.flag ? "true" : "false";
    case TomlValue::Type::kInstant:
      return FormatInstant(value.instant);
    case TomlValue::Type::kFloat:
    case TomlValue::Type::kLocalDateTime:
      return Word(value.type);  // no key takes one
    case TomlValue::Type::kArray: {
      std::string text = "[";
      for (const TomlValue& item : value.items) {
        const bool quoted = item.type == TomlValue::Type::kString;
        absl::StrAppend(&text, text.size() > 1 ? ", " : "", quoted ? "'" : "",
                        Text(item), quoted ? "'" : "");
      }
      return text + "]";
    }
    case TomlValue::Type::kTable: {
      std::string text = "{";
      for (const auto& [key, inner] : TableText(value)) {
        absl::StrAppend(&text, text.size() > 1 ? ", " : "", key, " = ", inner);
      }
      return text + "}";
    }
  }
  return "";
}

}  // namespace

// Tables within tables become dotted keys.
std::map<std::string, std::string> TableText(const TomlValue& table) {
  std::map<std::string, std::string> fields;
  for (const TomlValue::Member& member : table.members) {
    if (member.value.type != TomlValue::Type::kTable) {
      fields[member.key] = Text(member.value);
      continue;
    }
    for (const auto& [key, text] : TableText(member.value)) {
      fields[absl::StrCat(member.key, ".", key)] = text;
    }
  }
  return fields;
}

}  // namespace patform
