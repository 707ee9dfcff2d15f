#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "engine/base/words.h"
#include "engine/desired/problems.h"
#include "engine/desired/toml_value.h"

namespace patform {

// Is `member` the table [KIND.NAME]? What it is instead is reported.
bool IsTable(Problems& problems, const TomlValue::Member& member,
             std::string_view kind);

// Reads the keys of one table. Each call names a key that the table may have,
// reports a value of the wrong type, and returns nullopt if it is absent or
// wrong. Finish() reports the keys that nobody asked for. The keys are kept as
// views: they are literals, or live as long as this.
class TableReader {
 public:
  // In a list, unless a caller passes another number. A longer one is not read.
  static constexpr size_t kMostItems = 256;
  // No honest value is this long, in bytes.
  static constexpr size_t kLongestString = 4096;

  // `what` for messages: "[policy]", "[token.ci]". All must outlive this.
  TableReader(Problems& problems, const TomlValue& table, std::string what)
      : problems_(problems), table_(table), what_(std::move(what)) {}
  // [token.NAME], for which `token` is the table's name.
  TableReader(Problems& problems, const TomlValue& table,
              const std::string* token)
      : problems_(problems), table_(table), token_(token) {}

  bool Has(std::string_view key);
  // For a key that takes a text or something else.
  bool IsString(std::string_view key);
  bool IsTable(std::string_view key);
  // The location of the value of `key`; the table's own if it is absent.
  Position At(std::string_view key) const;
  // The location of an item of the list `key`; the list's if it has none.
  Position At(std::string_view key, size_t index) const;

  std::optional<std::string> String(std::string_view key);
  std::optional<bool> Bool(std::string_view key);
  std::optional<int64_t> Integer(std::string_view key);
  std::optional<std::vector<std::string>> Strings(std::string_view key,
                                                  size_t most = kMostItems);
  std::optional<absl::Duration> Duration(std::string_view key);
  std::optional<absl::Time> Instant(std::string_view key);
  const TomlValue* Table(std::string_view key);
  const TomlValue* List(std::string_view key, size_t most = kMostItems);
  // The index of the value in `choices`.
  std::optional<int> Choice(std::string_view key,
                            const std::vector<std::string>& choices);
  // The value whose word it is (base/words.h).
  template <typename E>
  std::optional<E> Choice(std::string_view key) {
    std::vector<std::string> choices;
    for (const auto& row : WordsOf(E{})) choices.emplace_back(row.word);
    const std::optional<int> choice = Choice(key, choices);
    if (!choice) return std::nullopt;
    return FindWord<E>(choices[*choice]);
  }

  void Finish();

  // One value that is not a member: an item of a list. `what` is asked for its
  // name in an error.
  static std::optional<std::string> StringItem(
      Problems& problems, const TomlValue& item,
      absl::FunctionRef<std::string()> what);

 private:
  const TomlValue* ListOf(std::string_view key, std::string_view expected,
                          size_t most);
  const TomlValue* Typed(std::string_view key, TomlValue::Type type,
                         std::string_view expected);

  Problems& problems_;
  const TomlValue& table_;
  const std::string what_;
  const std::string* const token_ = nullptr;
  absl::InlinedVector<std::string_view, 24> known_;
};

}  // namespace patform
