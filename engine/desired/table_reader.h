#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/desired/problems.h"
#include "engine/desired/toml_value.h"

namespace patform {

// Reads the keys of one table. Each call names a key that the table may have,
// says so if its value has the wrong type, and gives nullopt if it is absent
// or wrong. Finish() says which keys nobody asked for.
class TableReader {
 public:
  // `what` for messages: "[policy]", "[token.ci]". All must outlive this.
  TableReader(Problems& problems, const TomlValue& table, std::string what)
      : problems_(problems), table_(table), what_(std::move(what)) {}

  bool Has(const std::string& key);
  // For a key that takes a text or something else.
  bool IsString(const std::string& key);
  // Where the value of `key` stands; the table's own place if it is absent.
  Position At(const std::string& key) const;

  std::optional<std::string> String(const std::string& key);
  std::optional<bool> Bool(const std::string& key);
  std::optional<int64_t> Integer(const std::string& key);
  std::optional<std::vector<std::string>> Strings(const std::string& key);
  std::optional<absl::Duration> Duration(const std::string& key);
  std::optional<absl::Time> Instant(const std::string& key);
  const TomlValue* Table(const std::string& key);
  const TomlValue* List(const std::string& key);
  // The index of the value in `choices`.
  std::optional<int> Choice(const std::string& key,
                            const std::vector<std::string>& choices);

  void Finish();

  // One value that is no member: an item of a list.
  static std::optional<std::string> StringItem(Problems& problems,
                                               const TomlValue& item,
                                               const std::string& what);

 private:
  const TomlValue* Typed(const std::string& key, TomlValue::Type type,
                         const std::string& expected);

  Problems& problems_;
  const TomlValue& table_;
  const std::string what_;
  std::vector<std::string> known_;
};

// "did you mean `x`?" or "" — the detail of many an error.
std::string DidYouMean(const std::string& word,
                       const std::vector<std::string>& known);

}  // namespace patform
