#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/secret.h"

namespace patform::http {

// Memory that is wiped when it is given back.
class WipingMemory : public boost::json::memory_resource {
  void* do_allocate(size_t bytes, size_t alignment) override;
  void do_deallocate(void* at, size_t bytes, size_t alignment) override;
  bool do_is_equal(
      const boost::json::memory_resource& other) const noexcept override {
    return this == &other;
  }
};

// A parsed body that may hold a secret. Everything that the parser writes
// down, its own notes too, is in memory of this object and wiped with it.
class SecretJson {
 public:
  // In bytes, and in levels of nesting.
  struct Limits {
    size_t body = 64 << 20;
    size_t depth = 16;
  };
  SecretJson(std::string_view body, Limits limits);
  SecretJson(const SecretJson&) = delete;
  SecretJson& operator=(const SecretJson&) = delete;

  // Null: the body is not a JSON object, or is larger than allowed.
  const boost::json::object* object() const { return root_.if_object(); }

 private:
  WipingMemory memory_;
  boost::json::monotonic_resource arena_;
  boost::json::value root_ =
      boost::json::value(boost::json::storage_ptr(&arena_));
};

// The member's text; "": absent, or not a text. Valid as long as `object`.
std::string_view TextMember(const boost::json::object& object, const char* key);

// `text` as a JSON string, quotes included, at the end of `to`: memory that is
// wiped, which no writer of JSON at hand has.
void AppendJson(Secret& to, std::string_view text);

}  // namespace patform::http
