#include "engine/base/canonical_json.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <string_view>
#include <vector>

#include "engine/base/json_text.h"
#include "engine/base/strings.h"

// One text for one value, whatever order its members were written in: digests
// are made of it, and two plans that say the same must have one digest. Drawn()
// is for people: the same order, without what is empty and without the noise of
// JSON.
namespace patform {
namespace {

namespace json = boost::json;

// Members by key, in the order of their bytes; no spaces; numbers and texts as
// Boost.JSON writes them, which is the same on each machine.
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
      // Keys are texts too: quotes and controls in them are escaped.
      AppendQuoted({members[i]->key().data(), members[i]->key().size()}, out);
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
  } else if (const json::string* text = value.if_string()) {
    AppendQuoted({text->data(), text->size()}, out);
  } else {
    out += json::serialize(value);
  }
}

// What a reader does not miss: null, false, and whatever is empty. Zero is
// kept.
bool IsNothing(const json::value& value) {
  if (const json::string* text = value.if_string()) return text->empty();
  if (const json::array* array = value.if_array()) return array->empty();
  if (const json::object* object = value.if_object()) return object->empty();
  if (const bool* flag = value.if_bool()) return !*flag;
  return value.is_null();
}

// Like YAML on one line. Only shown: it does not have to be read back.
void Draw(const json::value& value, std::string& out) {
  const char* separator = "";
  const auto next = [&] {
    out += separator;
    separator = ", ";
  };
  if (const json::object* object = value.if_object()) {
    // A map for its order; the views are into `value`, which lives longer.
    std::map<std::string_view, const json::value*> members;
    for (const json::key_value_pair& member : *object) {
      if (IsNothing(member.value())) continue;
      members[{member.key().data(), member.key().size()}] = &member.value();
    }
    out += '{';
    for (const auto& [key, member] : members) {
      next();
      out.append(key).append(": ");
      Draw(*member, out);
    }
    out += '}';
  } else if (const json::array* array = value.if_array()) {
    out += '[';
    for (const json::value& item : *array) {
      next();
      Draw(item, out);
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

// An empty list reads "nothing" rather than "[]".
std::string Drawn(const json::value& value) {
  if (IsNothing(value) && !value.is_bool()) return "nothing";
  std::string out;
  Draw(value, out);
  // As a whole, for what a log acts on may begin in one value and end in the
  // next.
  return Visible(out);
}

// `canonical`: from a saved plan, so it may be anything.
std::string DrawnText(const std::string& canonical) {
  json::error_code error;
  const json::value value =
      json::parse(json::string_view(canonical.data(), canonical.size()), error);
  return error ? Visible(canonical) : Drawn(value);
}

}  // namespace patform
