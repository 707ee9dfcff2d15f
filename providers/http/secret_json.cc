#include "providers/http/secret_json.h"

#include <string.h>

#include <algorithm>
#include <new>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

namespace patform::http {

namespace json = boost::json;

void* WipingMemory::do_allocate(size_t bytes, size_t alignment) {
  // The new handler of providers/system/reserve.h is in effect here, too.
  return ::operator new(bytes, std::align_val_t(alignment));
}

void WipingMemory::do_deallocate(void* at, size_t bytes, size_t alignment) {
  explicit_bzero(at, bytes);
  ::operator delete(at, std::align_val_t(alignment));
}

SecretJson::SecretJson(std::string_view body, Limits limits)
    // About three times the body in one piece: most documents then need no
    // second allocation.
    : arena_(std::clamp<size_t>(body.size() * 3, 4 << 10, 256 << 10),
             &memory_) {
  // Nothing is parsed, and object() is null.
  if (body.size() > limits.body) return;
  json::parse_options options;
  // Or a body of brackets would exhaust the stack.
  options.max_depth = limits.depth;
  // The parser's own buffer begins on this stack.
  unsigned char notes[4096];
  // A scope, so that the parser lets go of its notes before they are wiped.
  {
    json::parser parser(&memory_, options, notes, sizeof(notes));
    parser.reset(&arena_);
    json::error_code error;
    // write() takes a whole document and reports what follows it.
    parser.write(body.data(), body.size(), error);
    if (!error) root_ = parser.release();
  }
  explicit_bzero(notes, sizeof(notes));
}

std::string_view TextMember(const json::object& object, const char* key) {
  const json::value* member = object.if_contains(key);
  const json::string* text = member == nullptr ? nullptr : member->if_string();
  return text == nullptr ? std::string_view()
                         : std::string_view(text->data(), text->size());
}

void AppendJson(Secret& to, std::string_view text) {
  to.Append("\"");
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      to.Append(StdView(absl::StrCat(
          "\\u00", absl::Hex(static_cast<int>(byte), absl::kZeroPad2))));
      continue;
    }
    if (c == '"' || c == '\\') to.Append("\\");
    to.Append(std::string_view(&c, 1));
  }
  to.Append("\"");
}

}  // namespace patform::http
