// The parser is compiled here, in one place, rather than taken from its shared
// library: it is faster so, and start-up links one library less.
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
// Some broken texts break its assertions, and are then found out by the line
// that follows: neither die of them nor, which clang does where NDEBUG is set,
// take them for true.
#undef NDEBUG
#define TOML_ASSERT(condition) static_assert(true)

#include "engine/desired/toml_reader.h"

#include <toml++/toml.h>

#include <algorithm>
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

TomlValue Convert(toml::node& node);

// The members in the file's order: toml++ keeps them sorted by key.
std::vector<TomlValue::Member> Members(toml::table& table) {
  struct Entry {
    const toml::key* key;
    toml::node* value;
  };
  std::vector<Entry> entries;
  entries.reserve(table.size());
  for (auto&& [key, value] : table) entries.push_back({&key, &value});
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) {
                     return a.key->source().begin < b.key->source().begin;
                   });
  std::vector<TomlValue::Member> members(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    members[i].key = std::string(entries[i].key->str());
    members[i].at = PositionOf(entries[i].key->source());
    members[i].value = Convert(*entries[i].value);
  }
  return members;
}

// Takes the texts out of `node`.
TomlValue Convert(toml::node& node) {
  TomlValue value;
  value.at = PositionOf(node.source());
  switch (node.type()) {
    case toml::node_type::string:
      value.type = TomlValue::Type::kString;
      value.text = std::move(node.as_string()->get());
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
      value.items.reserve(node.as_array()->size());
      for (toml::node& item : *node.as_array()) {
        value.items.push_back(Convert(item));
      }
      break;
    case toml::node_type::table:
      value.type = TomlValue::Type::kTable;
      value.members = Members(*node.as_table());
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
    toml::table table = toml::parse(std::string_view(text), std::string_view());
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

const TomlValue::Member* TomlValue::Find(std::string_view key) const {
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
