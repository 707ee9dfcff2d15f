#include "engine/desired/toml_reader.h"

#include <toml++/toml.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "engine/base/strings.h"

namespace patform {
namespace {

Position PositionOf(const toml::source_region& region) {
  Position at;
  at.line = static_cast<int>(region.begin.line);
  at.column = static_cast<int>(region.begin.column);
  if (region.end.line == region.begin.line &&
      region.end.column > region.begin.column) {
    at.length = static_cast<int>(region.end.column - region.begin.column);
  }
  return at;
}

// toml++ counts a last line's end as a character when it meets the end of the
// text; a place that people are shown is at most one behind the line.
void ClampColumn(std::string_view text, Position& at) {
  for (int line = 1; line < at.line; ++line) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  at.column = std::min(at.column, CodePoints(text) + 1);
}

absl::Time InstantOf(const toml::date_time& t) {
  const absl::CivilSecond civil(t.date.year, t.date.month, t.date.day,
                                t.time.hour, t.time.minute, t.time.second);
  return absl::FromCivil(civil, absl::UTCTimeZone()) +
         absl::Nanoseconds(t.time.nanosecond) -
         absl::Minutes(t.offset ? t.offset->minutes : 0);
}

TomlValue Convert(const toml::node& node) {
  TomlValue value;
  value.at = PositionOf(node.source());
  switch (node.type()) {
    case toml::node_type::string:
      value.type = TomlValue::Type::kString;
      value.text = node.as_string()->get();
      break;
    case toml::node_type::integer:
      value.type = TomlValue::Type::kInteger;
      value.number = node.as_integer()->get();
      break;
    case toml::node_type::floating_point:
      value.type = TomlValue::Type::kFloat;
      break;
    case toml::node_type::boolean:
      value.type = TomlValue::Type::kBoolean;
      value.flag = node.as_boolean()->get();
      break;
    case toml::node_type::date_time: {
      const toml::date_time& t = node.as_date_time()->get();
      value.type = t.offset ? TomlValue::Type::kInstant
                            : TomlValue::Type::kLocalDateTime;
      value.instant = InstantOf(t);
      break;
    }
    case toml::node_type::date:
    case toml::node_type::time:
      value.type = TomlValue::Type::kLocalDateTime;
      break;
    case toml::node_type::array:
      value.type = TomlValue::Type::kArray;
      for (const toml::node& item : *node.as_array()) {
        value.items.push_back(Convert(item));
      }
      break;
    case toml::node_type::table:
      value.type = TomlValue::Type::kTable;
      for (auto&& [key, member] : *node.as_table()) {
        TomlValue::Member m;
        m.key = std::string(key.str());
        m.at = PositionOf(key.source());
        m.value = Convert(member);
        value.members.push_back(std::move(m));
      }
      // toml++ keeps tables sorted by key.
      std::stable_sort(value.members.begin(), value.members.end(),
                       [](const auto& a, const auto& b) {
                         return std::tie(a.at.line, a.at.column) <
                                std::tie(b.at.line, b.at.column);
                       });
      break;
    default:
      break;
  }
  return value;
}

}  // namespace

TomlResult ParseToml(const std::string& text) {
  TomlResult result;
  try {
    const toml::table table =
        toml::parse(std::string_view(text), std::string_view());
    result.root = Convert(table);
    result.ok = true;
  } catch (const toml::parse_error& error) {
    result.at = PositionOf(error.source());
    result.at.length = 1;
    ClampColumn(text, result.at);
    result.error = std::string(error.description());
  }
  return result;
}

const TomlValue::Member* TomlValue::Find(const std::string& key) const {
  for (const Member& member : members) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

const char* TypeName(TomlValue::Type type) {
  switch (type) {
    case TomlValue::Type::kString:
      return "a string";
    case TomlValue::Type::kInteger:
      return "an integer";
    case TomlValue::Type::kFloat:
      return "a number with a point";
    case TomlValue::Type::kBoolean:
      return "true or false";
    case TomlValue::Type::kInstant:
      return "an instant";
    case TomlValue::Type::kLocalDateTime:
      return "a date or time without an offset";
    case TomlValue::Type::kArray:
      return "a list";
    case TomlValue::Type::kTable:
      return "a table";
  }
  return "a value";
}

}  // namespace patform
