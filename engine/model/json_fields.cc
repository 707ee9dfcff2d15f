#include "engine/model/json_fields.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"

// After the first fault each getter returns something harmless. So a file is
// read straight through, and one check at the end tells whether any of it may
// be used.
namespace patform {

namespace json = boost::json;

namespace {

std::string Std(const json::string& text) {
  return std::string(text.data(), text.size());
}

}  // namespace

// `path` is how messages call it: "changes[3].after".
JsonFields::JsonFields(const json::value& value, std::string path,
                       absl::Status& status)
    : object_(value.if_object()), path_(std::move(path)), status_(&status) {
  // Members are looked up in an empty object after a fault.
  static const json::object& nothing = *new json::object;
  if (object_ != nullptr) return;
  object_ = &nothing;
  if (status_->ok()) {
    *status_ = absl::InvalidArgumentError(
        absl::StrCat(Visible(path_), " is not an object"));
  }
}

void JsonFields::Fail(const char* key, const std::string& expected) const {
  // Only the first: those behind it follow from it.
  if (!status_->ok()) return;
  *status_ = absl::InvalidArgumentError(absl::StrCat(
      Visible(path_), path_.empty() ? "" : ".", key, ": expected ", expected));
}

const json::value* JsonFields::Find(const char* key) const {
  return object_->if_contains(key);
}

// Absent counts as null, so older files without the member can be read.
bool JsonFields::IsNull(const char* key) const {
  const json::value* value = Find(key);
  return value == nullptr || value->is_null();
}

std::string JsonFields::Text(const char* key) const {
  const json::value* value = Find(key);
  if (value == nullptr || !value->is_string()) {
    Fail(key, "a text");
    return "";
  }
  return Std(value->get_string());
}

// Boost.JSON keeps 1.0 as a double: it is refused, as is anything that does not
// fit.
int64_t JsonFields::Integer(const char* key, int64_t least) const {
  const json::value* value = Find(key);
  if (value == nullptr || !value->is_int64() || value->get_int64() < least) {
    Fail(key, absl::StrCat("an integer from ", least));
    return least;
  }
  return value->get_int64();
}

bool JsonFields::Flag(const char* key) const {
  const json::value* value = Find(key);
  if (value == nullptr || !value->is_bool()) {
    Fail(key, "true or false");
    return false;
  }
  return value->get_bool();
}

std::optional<absl::Time> JsonFields::InstantOrNull(const char* key) const {
  if (IsNull(key)) return std::nullopt;
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, Text(key), &time, nullptr)) {
    Fail(key, "an instant");
    return std::nullopt;
  }
  return time;
}

// Null means "never" in a file.
absl::Time JsonFields::Instant(const char* key) const {
  return InstantOrNull(key).value_or(absl::InfiniteFuture());
}

AuthorizationId JsonFields::Id(const char* key) const {
  const std::optional<AuthorizationId> id = AuthorizationId::Parse(Text(key));
  if (!id) Fail(key, "an authorization id");
  return id.value_or(AuthorizationId());
}

const json::array* JsonFields::Array(const char* key) const {
  const json::value* value = Find(key);
  const json::array* array = value == nullptr ? nullptr : value->if_array();
  if (array == nullptr) Fail(key, "a list");
  return array;
}

std::vector<std::string> JsonFields::Texts(const char* key) const {
  std::vector<std::string> texts;
  const json::array* array = Array(key);
  if (array == nullptr) return texts;
  for (const json::value& item : *array) {
    if (!item.is_string()) {
      Fail(key, "a list of texts");
      return {};
    }
    texts.push_back(Std(item.get_string()));
  }
  return texts;
}

ScopeSet JsonFields::Scopes(const char* key) const {
  return ScopeSet::Of(Texts(key));
}

std::map<std::string, std::string> JsonFields::TextMap(const char* key) const {
  std::map<std::string, std::string> map;
  const json::value* value = Find(key);
  const json::object* object = value == nullptr ? nullptr : value->if_object();
  if (object == nullptr) {
    Fail(key, "an object");
    return map;
  }
  for (const json::key_value_pair& member : *object) {
    if (!member.value().is_string()) {
      Fail(key, "an object of texts");
      return {};
    }
    map[std::string(member.key().data(), member.key().size())] =
        Std(member.value().get_string());
  }
  return map;
}

// "30d", or what absl reads ("12h30m"). A day has 24 hours here.
absl::Duration JsonFields::Span(const char* key) const {
  const std::string text = Text(key);
  absl::Duration span;
  int64_t days = 0;
  if (absl::EndsWith(text, "d") &&
      absl::SimpleAtoi(text.substr(0, text.size() - 1), &days)) {
    return absl::Hours(24) * days;
  }
  if (!absl::ParseDuration(text, &span)) Fail(key, "a span of time");
  return span;
}

// A text, since JSON's readers disagree about the digits of a number.
double JsonFields::Number(const char* key) const {
  double number = 0;
  if (!absl::SimpleAtod(Text(key), &number)) Fail(key, "a number, as a text");
  return number;
}

std::vector<std::string> JsonFields::Keys() const {
  std::vector<std::string> keys;
  for (const json::key_value_pair& member : *object_) {
    keys.emplace_back(member.key().data(), member.key().size());
  }
  return keys;
}

json::kind JsonFields::KindOf(const char* key) const {
  const json::value* value = Find(key);
  return value == nullptr ? json::kind::null : value->kind();
}

JsonFields JsonFields::Object(const char* key) const {
  static const json::value& null = *new json::value;
  const json::value* value = Find(key);
  return JsonFields(value == nullptr ? null : *value,
                    absl::StrCat(path_, path_.empty() ? "" : ".", key),
                    *status_);
}

// Stops at the first fault: an index behind it would be misleading.
void JsonFields::Each(
    const char* key, const std::function<void(const JsonFields&)>& read) const {
  const json::array* array = Array(key);
  if (array == nullptr) return;
  for (size_t i = 0; i < array->size() && status_->ok(); ++i) {
    read(JsonFields(
        (*array)[i],
        absl::StrCat(path_, path_.empty() ? "" : ".", key, "[", i, "]"),
        *status_));
  }
}

// Absent and infinite are both null.
json::value InstantJson(const std::optional<absl::Time>& time) {
  if (!time || *time == absl::InfiniteFuture()) return nullptr;
  return json::string(FormatInstant(*time));
}

// The shortest text that is read as the same double: 0.1 stays 0.1. 17 digits
// are always enough (IEEE 754).
json::string NumberJson(double number) {
  constexpr int kMostDigits = 17;
  std::string text;
  double read = 0;
  for (int digits = 1; digits <= kMostDigits; ++digits) {
    text = absl::StrFormat("%.*g", digits, number);
    if (absl::SimpleAtod(text, &read) && read == number) break;
  }
  return json::string(text);
}

json::array TextsJson(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.push_back(json::string(text));
  return array;
}

json::object TextMapJson(const std::map<std::string, std::string>& map) {
  json::object object;
  for (const auto& [key, value] : map) object[key] = value;
  return object;
}

json::array ScopesJson(const ScopeSet& scopes) {
  json::array array;
  for (std::string_view scope : scopes.items()) {
    array.push_back(json::string(scope.data(), scope.size()));
  }
  return array;
}

}  // namespace patform
