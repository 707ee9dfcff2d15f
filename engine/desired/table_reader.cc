#include "engine/desired/table_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/duration.h"
#include "engine/base/strings.h"
#include "engine/model/token.h"

// A misspelt key that is silently ignored would be a rule that does not hold. A
// value of the wrong type reads as if it were absent, so that the caller goes
// on to the next mistake.
namespace patform {
bool IsTable(Problems& problems, const TomlValue::Member& member,
             std::string_view kind) {
  if (member.value.type == TomlValue::Type::kTable) return true;
  problems.Error(member.value.at,
                 absl::StrCat("`", AbslView(kind), ".", member.key, "` is ",
                              Word(member.value.type), "; expected a table, [",
                              AbslView(kind), ".NAME]"));
  return false;
}

bool TableReader::Has(std::string_view key) {
  known_.push_back(key);
  return table_.Find(key) != nullptr;
}

// Without marking: the caller asks which of two getters to use.
bool TableReader::IsString(std::string_view key) {
  const TomlValue::Member* member = table_.Find(key);
  return member != nullptr && member->value.type == TomlValue::Type::kString;
}

bool TableReader::IsTable(std::string_view key) {
  const TomlValue::Member* member = table_.Find(key);
  return member != nullptr && member->value.type == TomlValue::Type::kTable;
}

// Of the value; of the table, where there is none.
Position TableReader::At(std::string_view key) const {
  const TomlValue::Member* member = table_.Find(key);
  return member == nullptr ? table_.at : member->value.at;
}

// Of one item of a list.
Position TableReader::At(std::string_view key, size_t index) const {
  const TomlValue::Member* member = table_.Find(key);
  if (member == nullptr || index >= member->value.items.size()) return At(key);
  return member->value.items[index].at;
}

// nullptr: absent, or of another type and reported.
const TomlValue* TableReader::Typed(std::string_view key, TomlValue::Type type,
                                    std::string_view expected) {
  known_.push_back(key);
  const TomlValue::Member* member = table_.Find(key);
  if (member == nullptr) return nullptr;
  if (member->value.type == type) return &member->value;
  problems_.Error(
      member->value.at,
      absl::StrCat("`", AbslView(key), "` is ", Word(member->value.type),
                   "; expected ", AbslView(expected)));
  return nullptr;
}

std::optional<std::string> TableReader::StringItem(
    Problems& problems, const TomlValue& item,
    absl::FunctionRef<std::string()> what) {
  if (item.type != TomlValue::Type::kString) {
    problems.Error(item.at, absl::StrCat(what(), " is ", Word(item.type),
                                         "; expected a string"));
    return std::nullopt;
  }
  // Before any other check quotes it. It is not shown, because messages end up
  // in logs and comments.
  if (LooksLikeSecret(item.text)) {
    problems.Error(
        item.at, absl::StrCat(what(), " looks like a secret (it is not shown)"),
        "a configuration holds no secrets; if it is a live token, "
        "revoke it: it is in the file's history");
    return std::nullopt;
  }
  if (item.text.size() > kLongestString) {
    problems.Error(item.at, absl::StrCat(what(), " is longer than ",
                                         kLongestString, " bytes"));
    return std::nullopt;
  }
  // A line break in a name or a path would begin a line of whatever it is
  // written to.
  if (HasControl(item.text)) {
    problems.Error(item.at,
                   absl::StrCat(what(), " contains a control character"));
    return std::nullopt;
  }
  return item.text;
}

std::optional<std::string> TableReader::String(std::string_view key) {
  const TomlValue* value = Typed(key, TomlValue::Type::kString, "a string");
  if (value == nullptr) return std::nullopt;
  return StringItem(problems_, *value,
                    [&] { return absl::StrCat("`", AbslView(key), "`"); });
}

std::optional<bool> TableReader::Bool(std::string_view key) {
  const TomlValue* value =
      Typed(key, TomlValue::Type::kBoolean, "true or false");
  if (value == nullptr) return std::nullopt;
  return value->flag;
}

std::optional<int64_t> TableReader::Integer(std::string_view key) {
  const TomlValue* value = Typed(key, TomlValue::Type::kInteger, "an integer");
  if (value == nullptr) return std::nullopt;
  return value->number;
}

std::optional<std::vector<std::string>> TableReader::Strings(
    std::string_view key, size_t most) {
  const TomlValue::Member* member = table_.Find(key);
  if (member != nullptr && member->value.type == TomlValue::Type::kString) {
    known_.push_back(key);
    // One that holds something wrong is reported for that.
    if (const auto text = String(key)) {
      problems_.Error(
          member->value.at,
          absl::StrCat("`", AbslView(key),
                       "` is a string; expected a list of strings"),
          absl::StrCat("write ", AbslView(key), " = [", InQuotes(*text), "]"));
    }
    return std::nullopt;
  }
  const TomlValue* value = ListOf(key, "a list of strings, [\"…\"]", most);
  if (value == nullptr) return std::nullopt;
  std::vector<std::string> strings;
  strings.reserve(value->items.size());
  // All items are looked at, so that all mistakes are found.
  bool good = true;
  for (const TomlValue& item : value->items) {
    std::optional<std::string> text = StringItem(problems_, item, [&] {
      return absl::StrCat("an item of `", AbslView(key), "`");
    });
    good = good && text;
    if (text) strings.push_back(*std::move(text));
  }
  if (!good) return std::nullopt;
  return strings;
}

// Numbers without a unit are the most common slip, so they get words of their
// own.
std::optional<absl::Duration> TableReader::Duration(std::string_view key) {
  const TomlValue::Member* member = table_.Find(key);
  if (member != nullptr && member->value.type == TomlValue::Type::kInteger) {
    known_.push_back(key);
    problems_.Error(member->value.at,
                    absl::StrCat("`", AbslView(key),
                                 "` is an integer; expected a duration with a "
                                 "unit"),
                    absl::StrCat("for days write ", AbslView(key), " = \"",
                                 member->value.number, "d\""));
    return std::nullopt;
  }
  const TomlValue* value =
      Typed(key, TomlValue::Type::kString, "a duration such as \"30d\"");
  if (value == nullptr) return std::nullopt;
  const absl::StatusOr<absl::Duration> duration = ParseDuration(value->text);
  if (duration.ok()) return *duration;
  std::string fix =
      "expected a number and a unit: \"2w\", \"90d\", \"12h\", \"1d12h\"";
  if (const auto spelling = DurationSpelling(value->text)) {
    fix = absl::StrCat("write ", AbslView(key), " = \"", *spelling, "\"");
  }
  problems_.Error(value->at,
                  absl::StrCat("`", AbslView(key), "` is not a duration: ",
                               std::string(duration.status().message())),
                  fix);
  return std::nullopt;
}

// An instant needs an offset: a local time means something else on each runner.
std::optional<absl::Time> TableReader::Instant(std::string_view key) {
  const TomlValue::Member* member = table_.Find(key);
  if (member != nullptr &&
      member->value.type == TomlValue::Type::kLocalDateTime) {
    known_.push_back(key);
    problems_.Error(member->value.at,
                    absl::StrCat("`", AbslView(key),
                                 "` has no offset from UTC, so it "
                                 "names no instant"),
                    "write the time and Z or an offset: 2026-12-31T12:00:00Z");
    return std::nullopt;
  }
  const TomlValue* value =
      Typed(key, TomlValue::Type::kInstant,
            "an instant such as 2026-12-31T12:00:00Z, without quotes");
  if (value == nullptr) return std::nullopt;
  return value->instant;
}

const TomlValue* TableReader::Table(std::string_view key) {
  return Typed(key, TomlValue::Type::kTable, "a table");
}

const TomlValue* TableReader::List(std::string_view key, size_t most) {
  return ListOf(key, "a list", most);
}

const TomlValue* TableReader::ListOf(std::string_view key,
                                     std::string_view expected, size_t most) {
  const TomlValue* value = Typed(key, TomlValue::Type::kArray, expected);
  // Shorter lists than these serve everybody; a million items serve an
  // attacker.
  if (value == nullptr || value->items.size() <= most) return value;
  problems_.Error(
      value->items[most].at,
      absl::StrCat("`", AbslView(key), "` has ", value->items.size(), " items"),
      absl::StrCat("at most ", most));
  return nullptr;
}

// The index of the word; the words are the whole language at this place.
std::optional<int> TableReader::Choice(
    std::string_view key, const std::vector<std::string>& choices) {
  const std::optional<std::string> word = String(key);
  if (!word) return std::nullopt;
  for (size_t i = 0; i < choices.size(); ++i) {
    if (choices[i] == *word) return static_cast<int>(i);
  }
  std::string detail = problems_.DidYouMean(*word, choices);
  absl::StrAppend(&detail, detail.empty() ? "" : "\n",
                  "expected one of: ", absl::StrJoin(choices, ", "));
  problems_.Error(
      At(key), absl::StrCat("`", AbslView(key), "` cannot be \"", *word, "\""),
      detail);
  return std::nullopt;
}

// Called last: what was never asked for is not a key of this table.
void TableReader::Finish() {
  for (const TomlValue::Member& member : table_.members) {
    if (std::find(known_.begin(), known_.end(), member.key) != known_.end()) {
      continue;
    }
    // The count goes on, the work of a message is saved.
    if (problems_.Full()) {
      problems_.OneMore();
      continue;
    }
    const std::string what =
        token_ == nullptr ? what_
                          : absl::StrCat("[", TokenAddress(*token_), "]");
    const std::vector<std::string> known(known_.begin(), known_.end());
    std::string detail = problems_.DidYouMean(member.key, known);
    if (detail.empty()) {
      // Getters may have asked twice.
      std::vector<std::string> sorted = known;
      std::sort(sorted.begin(), sorted.end());
      sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
      detail = absl::StrCat("known keys: ", absl::StrJoin(sorted, ", "));
    }
    problems_.Error(member.at,
                    absl::StrCat("unknown key `", member.key, "` in ", what),
                    detail);
  }
}

}  // namespace patform
