#include "engine/plan/canonical_json.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <vector>

namespace patform {
namespace {

namespace json = boost::json;

void Write(const json::value& value, std::string& out) {
  if (const json::object* object = value.if_object()) {
    std::vector<const json::key_value_pair*> members;
    for (const json::key_value_pair& member : *object) {
      members.push_back(&member);
    }
    std::sort(members.begin(), members.end(),
              [](const auto* a, const auto* b) { return a->key() < b->key(); });
    out += '{';
    for (size_t i = 0; i < members.size(); ++i) {
      if (i > 0) out += ',';
      out += json::serialize(json::string(members[i]->key()));
      out += ':';
      Write(members[i]->value(), out);
    }
    out += '}';
  } else if (const json::array* array = value.if_array()) {
    out += '[';
    for (size_t i = 0; i < array->size(); ++i) {
      if (i > 0) out += ',';
      Write((*array)[i], out);
    }
    out += ']';
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

std::string Canonical(const json::value& value) {
  std::string out;
  Write(value, out);
  return out;
}

json::object ToJson(const Approval& approval) {
  json::array changes;
  for (const ApprovedChange& change : approval.changes) {
    json::object facts;
    for (const auto& [key, value] : change.facts) facts[key] = value;
    changes.push_back(json::object{{"address", change.address},
                                   {"organization", change.organization},
                                   {"facts", std::move(facts)}});
  }
  return {{"version", 1},
          {"workspace", approval.workspace},
          {"owner", approval.owner},
          {"changes", std::move(changes)}};
}

}  // namespace patform
