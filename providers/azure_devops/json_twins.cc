#include "providers/azure_devops/json_twins.h"

#include <boost/json/basic_parser_impl.hpp>
#include <set>
#include <string>
#include <vector>

#include "providers/azure_devops/answer_faults.h"

// RFC 8259 leaves open what two members of one name mean. Boost.JSON takes the
// last one, a proxy or a logger perhaps the first, and then they have seen two
// different tokens.
namespace patform::azure_devops {
namespace {

namespace json = boost::json;

// Takes the parser's events; remembers the keys of every open object. Values
// may be secrets and are not looked at.
class KeyHandler {
 public:
  // Boost.JSON asks the handler for limits; the size of the body is one
  // already.
  static constexpr size_t max_object_size = static_cast<size_t>(-1);
  static constexpr size_t max_array_size = static_cast<size_t>(-1);
  static constexpr size_t max_key_size = static_cast<size_t>(-1);
  static constexpr size_t max_string_size = static_cast<size_t>(-1);

  bool twins() const { return twins_; }

  using Code = json::error_code;
  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) {
    open_.emplace_back();
    return true;
  }
  bool on_object_end(size_t, Code&) {
    open_.pop_back();
    return true;
  }
  bool on_array_begin(Code&) { return true; }
  bool on_array_end(size_t, Code&) { return true; }
  // A key may come in parts; on_key() has the last one.
  bool on_key_part(json::string_view part, size_t, Code&) {
    key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, size_t, Code&) {
    key_.append(part.data(), part.size());
    // One set for each object that is open: a name may be used again in another
    // one.
    twins_ = !open_.back().insert(key_).second || twins_;
    key_.clear();
    return true;
  }
  bool on_string_part(json::string_view, size_t, Code&) { return true; }
  // Not even copied.
  bool on_string(json::string_view, size_t, Code&) { return true; }
  bool on_number_part(json::string_view, Code&) { return true; }
  bool on_int64(int64_t, json::string_view, Code&) { return true; }
  bool on_uint64(uint64_t, json::string_view, Code&) { return true; }
  bool on_double(double, json::string_view, Code&) { return true; }
  bool on_bool(bool, Code&) { return true; }
  bool on_null(Code&) { return true; }
  bool on_comment_part(json::string_view, Code&) { return true; }
  bool on_comment(json::string_view, Code&) { return true; }

 private:
  std::vector<std::set<std::string>> open_;
  std::string key_;
  bool twins_ = false;
};

}  // namespace

// False also where the body is not JSON: another check reports that.
bool HasTwins(std::string_view body) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::basic_parser<KeyHandler> parser(options);
  json::error_code error;
  const size_t used = parser.write_some(false, body.data(), body.size(), error);
  return !error && used == body.size() && parser.handler().twins();
}

}  // namespace patform::azure_devops
