#include "providers/sinks/remote/variable_group_wire.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/likeness.h"
#include "engine/base/strings.h"
#include "providers/sinks/record_json.h"

namespace patform::sinks {
namespace {

namespace json = boost::json;

constexpr std::string_view kRecordEnding = ".patform";
// Of the group as a whole: when patform last changed it.
constexpr std::string_view kWritten = "patform.written";
// A group of a thousand variables takes some hundred kilobytes.
constexpr http::SecretJson::Limits kLimits = {8 << 20, 16};

// What a PUT has to repeat, or it is lost (learn.microsoft.com, Variablegroups
// - Update).
constexpr const char* kKept[] = {
    "id",          "name",         "type",
    "description", "providerData", "variableGroupProjectReferences"};

json::string_view View(std::string_view text) {
  return json::string_view(text.data(), text.size());
}

absl::Time TimeOf(std::string_view text) {
  absl::Time time;
  return absl::ParseTime(absl::RFC3339_full, std::string(text), &time, nullptr)
             ? time
             : absl::InfinitePast();
}

void AppendMember(Secret& body, std::string_view name,
                  const json::value& value) {
  body.Append(",");
  http::AppendJson(body, name);
  body.Append(":");
  body.Append(json::serialize(value));
}

void AppendPlain(Secret& body, std::string_view name, std::string_view value) {
  AppendMember(body, name,
               json::object{{"value", View(value)}, {"isSecret", false}});
}

}  // namespace

std::string RecordVariable(std::string_view name) {
  return absl::StrCat(AbslView(name), AbslView(kRecordEnding));
}

absl::StatusOr<std::vector<VariableGroup>> VariableGroup::ListOf(
    std::string_view body) {
  const auto whole = std::make_shared<http::SecretJson>(body, kLimits);
  const json::object* list = whole->object();
  const json::value* value =
      list == nullptr ? nullptr : list->if_contains("value");
  const json::array* groups = value == nullptr ? nullptr : value->if_array();
  if (groups == nullptr) return absl::DataLossError("no list of groups");
  std::vector<VariableGroup> found;
  for (const json::value& each : *groups) {
    VariableGroup group;
    group.whole_ = whole;
    group.group_ = each.if_object();
    if (group.group_ == nullptr) return absl::DataLossError("no group");
    const json::value* id = group.group_->if_contains("id");
    const json::value* variables = group.group_->if_contains("variables");
    // Without either it could not be written back.
    if (id == nullptr || !id->is_int64() || variables == nullptr ||
        !variables->is_object()) {
      return absl::DataLossError("a group without `id` or `variables`");
    }
    group.id_ = id->get_int64();
    group.name_ = http::TextMember(*group.group_, "name");
    group.linked_ = http::TextMember(*group.group_, "type") == "AzureKeyVault";
    group.modified_ = TimeOf(http::TextMember(*group.group_, "modifiedOn"));
    found.push_back(std::move(group));
  }
  return found;
}

std::vector<std::string> VariableGroup::Recorded() const {
  std::vector<std::string> names;
  for (const json::key_value_pair& variable : variables()) {
    std::string name(variable.key());
    if (RecordOf(name)) names.push_back(std::move(name));
  }
  return names;
}

const json::object& VariableGroup::variables() const {
  return group_->at("variables").get_object();
}

// The service compares names of variables without regard to case.
const json::value* VariableGroup::Find(std::string_view name) const {
  const std::string folded = Folded(std::string(name));
  for (const json::key_value_pair& variable : variables()) {
    if (Folded(std::string(variable.key())) == folded) {
      return &variable.value();
    }
  }
  return nullptr;
}

bool VariableGroup::Has(std::string_view name) const {
  return Find(name) != nullptr;
}

std::optional<SinkRecord> VariableGroup::RecordOf(std::string_view name) const {
  const json::value* variable = Find(RecordVariable(name));
  const json::object* fields =
      variable == nullptr ? nullptr : variable->if_object();
  if (fields == nullptr) return std::nullopt;
  return RecordFromJson(http::TextMember(*fields, "value"));
}

absl::Time VariableGroup::Written() const {
  const json::value* variable = Find(kWritten);
  const json::object* fields =
      variable == nullptr ? nullptr : variable->if_object();
  return fields == nullptr ? absl::InfinitePast()
                           : TimeOf(http::TextMember(*fields, "value"));
}

std::string VariableGroup::ForeignBeside(std::string_view but) const {
  for (const json::key_value_pair& variable : variables()) {
    const std::string name(variable.key());
    const bool record = std::string_view(name).ends_with(kRecordEnding);
    if (name == kWritten || record || Has(RecordVariable(name)) ||
        SameFolded(name, but)) {
      continue;
    }
    return name;
  }
  return "";
}

void VariableGroup::Begin(std::string_view name, absl::Time written,
                          Secret& body) const {
  body.Append("{");
  for (const char* key : kKept) {
    const json::value* value = group_->if_contains(key);
    if (value == nullptr) continue;
    // The first one begins no list.
    if (body.size() > 1) body.Append(",");
    http::AppendJson(body, key);
    body.Append(":");
    body.Append(json::serialize(*value));
  }
  body.Append(",\"variables\":{");
  http::AppendJson(body, kWritten);
  body.Append(":{\"isSecret\":false,\"value\":");
  http::AppendJson(body, FormatInstant(written));
  body.Append("}");
  const std::string own = Folded(std::string(name));
  const std::string record = Folded(RecordVariable(name));
  for (const json::key_value_pair& variable : variables()) {
    const std::string each = Folded(std::string(variable.key()));
    if (each == own || each == record || each == kWritten) continue;
    AppendMember(body,
                 std::string_view(variable.key().data(), variable.key().size()),
                 variable.value());
  }
}

Secret VariableGroup::With(std::string_view name, const Secret& value,
                           const SinkRecord& record, absl::Time written) const {
  Secret body;
  Begin(name, written, body);
  AppendPlain(body, RecordVariable(name), RecordToJson(record));
  body.Append(",");
  http::AppendJson(body, name);
  body.Append(":{\"isSecret\":true,\"value\":");
  http::AppendJson(body, value.Reveal());
  body.Append("}}}");
  return body;
}

Secret VariableGroup::Without(std::string_view name, absl::Time written) const {
  Secret body;
  Begin(name, written, body);
  body.Append("}}");
  return body;
}

}  // namespace patform::sinks
