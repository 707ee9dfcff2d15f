#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <string_view>

// Reading JSON that somebody else wrote: what is not there or of another type
// reads as empty.
namespace patform::pull_requests {

// A parsed body.
class Document {
 public:
  explicit Document(std::string_view body) {
    boost::json::error_code error;
    value_ = boost::json::parse(
        boost::json::string_view(body.data(), body.size()), error);
    if (error) value_ = nullptr;
  }

  // Null: the body is not a JSON object.
  const boost::json::object* root() const { return value_.if_object(); }
  // Null: it is not an array.
  const boost::json::array* list() const { return value_.if_array(); }

 private:
  boost::json::value value_;
};

inline const boost::json::object* Object(const boost::json::object& object,
                                         const char* name) {
  const boost::json::value* member = object.if_contains(name);
  return member == nullptr ? nullptr : member->if_object();
}

inline const boost::json::array* Array(const boost::json::object& object,
                                       const char* name) {
  const boost::json::value* member = object.if_contains(name);
  return member == nullptr ? nullptr : member->if_array();
}

inline std::string_view Text(const boost::json::object& object,
                             const char* name) {
  const boost::json::value* member = object.if_contains(name);
  const boost::json::string* text =
      member == nullptr ? nullptr : member->if_string();
  return text == nullptr ? std::string_view()
                         : std::string_view(text->data(), text->size());
}

inline int64_t Number(const boost::json::object& object, const char* name) {
  const boost::json::value* member = object.if_contains(name);
  const int64_t* number = member == nullptr ? nullptr : member->if_int64();
  return number == nullptr ? 0 : *number;
}

inline bool Flag(const boost::json::object& object, const char* name) {
  const boost::json::value* member = object.if_contains(name);
  const bool* flag = member == nullptr ? nullptr : member->if_bool();
  return flag != nullptr && *flag;
}

}  // namespace patform::pull_requests
