#include "providers/sinks/remote/record_fields.h"

#include <boost/json.hpp>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/base/strings.h"
#include "providers/sinks/record_json.h"

// By way of record_json.cc: what a record is and which one is refused stands
// there alone.
namespace patform::sinks {
namespace {

namespace json = boost::json;

// Numbers and flags, which are texts here.
constexpr const char* kNumbers[] = {"format", "generation"};
constexpr char kFlag[] = "renewed_by_update";

std::string FieldName(const std::string& prefix, std::string_view member) {
  return prefix + absl::StrReplaceAll(AbslView(member), {{"_", "-"}});
}

}  // namespace

std::map<std::string, std::string> RecordToFields(const SinkRecord& record,
                                                  const std::string& prefix) {
  std::map<std::string, std::string> fields;
  const json::value value = json::parse(RecordToJson(record));
  for (const auto& [name, member] : value.get_object()) {
    const json::string* text = member.if_string();
    std::string field = text == nullptr
                            ? json::serialize(member)
                            : std::string(text->data(), text->size());
    if (field.empty()) continue;
    fields[FieldName(prefix, std::string_view(name.data(), name.size()))] =
        std::move(field);
  }
  return fields;
}

std::optional<SinkRecord> RecordFromFields(
    const std::map<std::string, std::string>& fields,
    const std::string& prefix) {
  // Members that may be empty are left out by some stores.
  json::object object;
  for (const char* name : {"id", "workspace", "organization", "token",
                           "address", "owner", "valid_to", "written_at"}) {
    const auto field = fields.find(FieldName(prefix, name));
    object[name] = field == fields.end() ? "" : field->second;
  }
  for (const char* name : kNumbers) {
    const auto field = fields.find(FieldName(prefix, name));
    int64_t number = 0;
    if (field == fields.end() || !absl::SimpleAtoi(field->second, &number)) {
      return std::nullopt;
    }
    object[name] = number;
  }
  const auto flag = fields.find(FieldName(prefix, kFlag));
  object[kFlag] = flag != fields.end() && flag->second == "true";
  return RecordFromJson(json::serialize(object));
}

}  // namespace patform::sinks
