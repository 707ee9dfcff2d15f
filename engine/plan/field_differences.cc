#include "engine/plan/field_differences.h"

#include <set>

#include "engine/base/canonical_json.h"

namespace patform {

namespace json = boost::json;

namespace {

const std::string& At(const Fields& fields, const std::string& key) {
  static const std::string& null = *new std::string("null");
  const auto found = fields.find(key);
  return found == fields.end() ? null : found->second;
}

}  // namespace

Fields FieldsOf(const json::object& object) {
  Fields fields;
  for (const json::key_value_pair& member : object) {
    fields[std::string(member.key().data(), member.key().size())] =
        Canonical(member.value());
  }
  return fields;
}

std::vector<FieldDifference> DifferencesOf(const Fields& before,
                                           const Fields& now) {
  std::set<std::string> keys;
  for (const Fields* fields : {&before, &now}) {
    for (const auto& [key, value] : *fields) keys.insert(key);
  }
  std::vector<FieldDifference> differences;
  for (const std::string& key : keys) {
    const std::string& was = At(before, key);
    const std::string& is = At(now, key);
    if (was == is) continue;
    differences.push_back({key, DrawnText(was), DrawnText(is)});
  }
  return differences;
}

}  // namespace patform
