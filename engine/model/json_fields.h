#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/base/words.h"
#include "engine/model/authorization_id.h"
#include "engine/model/scope_set.h"

namespace patform {

// Reads one object of a document whose shape is known, key by key. The first
// fault of the whole document stays in the status that all its readers share;
// what could not be read is empty. Keys that nobody asks for are ignored. Not
// boost::json::value_to: it ends at the first fault as well, but cannot tell
// where in the document that is.
class JsonFields {
 public:
  // `path`: where the object is, "plan.changes[3]".
  JsonFields(const boost::json::value& value, std::string path,
             absl::Status& status);

  bool IsNull(const char* key) const;
  std::string Text(const char* key) const;
  int64_t Integer(const char* key, int64_t least = 0) const;
  bool Flag(const char* key) const;
  absl::Time Instant(const char* key) const;  // null: the infinite future
  std::optional<absl::Time> InstantOrNull(const char* key) const;
  AuthorizationId Id(const char* key) const;
  ScopeSet Scopes(const char* key) const;
  std::vector<std::string> Texts(const char* key) const;
  std::map<std::string, std::string> TextMap(const char* key) const;
  absl::Duration Span(const char* key) const;  // "30d", "36h"
  double Number(const char* key) const;        // as of NumberJson
  // For members whose names are data.
  std::vector<std::string> Keys() const;
  boost::json::kind KindOf(const char* key) const;  // null: absent
  JsonFields Object(const char* key) const;
  void Each(const char* key,
            const std::function<void(const JsonFields&)>& read) const;
  // One of the words of an enum (base/words.h).
  template <typename E>
  E Word(const char* key) const {
    const std::optional<E> value = FindWord<E>(Text(key));
    if (!value) Fail(key, "a word that this program knows");
    return value.value_or(E{});
  }

  // Was everything as it should be so far, in the whole document?
  bool ok() const { return status_->ok(); }
  void Fail(const char* key, const std::string& expected) const;

 private:
  const boost::json::value* Find(const char* key) const;
  const boost::json::array* Array(const char* key) const;

  const boost::json::object* object_;
  std::string path_;
  absl::Status* status_;
};

// null for the infinite future and for nothing.
boost::json::value InstantJson(const std::optional<absl::Time>& time);
boost::json::array TextsJson(const std::vector<std::string>& texts);
boost::json::object TextMapJson(const std::map<std::string, std::string>& map);
boost::json::array ScopesJson(const ScopeSet& scopes);
// A text with the fewest digits that read back as this very number: how JSON
// libraries write fractions is their own affair.
boost::json::string NumberJson(double number);

}  // namespace patform
