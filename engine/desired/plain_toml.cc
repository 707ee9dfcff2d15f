#include "engine/desired/plain_toml.h"

#include <cstddef>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"

namespace patform {
namespace {

// Of lists and inline tables in each other; teams write two.
constexpr int kMostDepth = 4;
// More digits may be too many for 64 bits.
constexpr size_t kMostDigits = 18;
// Of one table, beyond which looking for a double by comparing takes long.
// Tables of tables have a set for that.
constexpr size_t kMostKeys = 64;

bool IsBare(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
         c == '-';
}

// What can stand in a text as it is. Beyond ASCII a column is not a byte.
bool IsPlain(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

// One pass; false from any of its functions ends it.
class Parser {
 public:
  Parser(std::string_view text, int first_line)
      : text_(text), line_(first_line) {}

  int line() const { return line_; }

  std::optional<TomlValue> Run() {
    while (at_ < text_.size()) {
      SkipBlanks();
      if (!AtLineEnd() && !(Peek() == '[' ? Header() : KeyValue(*table_))) {
        return std::nullopt;
      }
      if (!LineEnd()) return std::nullopt;
    }
    // What nothing is in, the library may have a word about.
    if (root_.members.empty()) return std::nullopt;
    // The library's root is all of the text, where that is one line.
    const bool one_line = text_.find('\n') >= text_.size() - 1;
    root_.at = {1, 1, one_line ? static_cast<int>(text_.size()) : 1};
    return std::move(root_);
  }

 private:
  // '\0' at the end.
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool Take(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }
  void SkipBlanks() {
    while (Peek() == ' ' || Peek() == '\t') ++at_;
  }
  bool AtLineEnd() const {
    return at_ == text_.size() || text_[at_] == '\n' || text_[at_] == '#';
  }
  void NextLine() {
    ++at_;
    ++line_;
    line_begin_ = at_;
  }
  // A comment, and the end of the line or of the text.
  bool LineEnd() {
    SkipBlanks();
    if (Take('#')) {
      while (at_ < text_.size() && text_[at_] != '\n') {
        const char c = text_[at_];
        if ((c < ' ' || c > '~') && c != '\t') return false;
        ++at_;
      }
    }
    if (at_ == text_.size()) return true;
    if (text_[at_] != '\n') return false;
    NextLine();
    return true;
  }
  // From `begin` to here, on this line.
  Position From(size_t begin) const {
    return {line_, static_cast<int>(begin - line_begin_) + 1,
            static_cast<int>(at_ - begin)};
  }

  // "name" or name, with what is between the quotes.
  bool Key(std::string_view& key, Position& where) {
    const size_t begin = at_;
    if (Peek() == '"') {
      if (!Text(key)) return false;
    } else {
      while (IsBare(Peek())) ++at_;
      key = text_.substr(begin, at_ - begin);
      if (key.empty()) return false;
    }
    where = From(begin);
    return true;
  }

  bool Text(std::string_view& text) {
    const size_t begin = ++at_;  // behind the quote
    while (IsPlain(Peek())) ++at_;
    text = text_.substr(begin, at_ - begin);
    if (!Take('"')) return false;
    // """ begins another kind of text.
    return !text.empty() || Peek() != '"';
  }

  bool Header() {
    const size_t begin = at_++;
    std::string_view first, second;
    Position first_at, second_at;
    if (!Key(first, first_at)) return false;
    const bool two = Take('.');
    if (two && !Key(second, second_at)) return false;
    if (!Take(']')) return false;
    const Position where = From(begin);

    TomlValue::Member* outer = nullptr;
    for (TomlValue::Member& member : root_.members) {
      if (member.key == first) outer = &member;
    }
    // A double, or the own header of a table behind one of those in it.
    if (outer != nullptr && !two) return false;
    if (outer == nullptr) {
      outer = &Add(root_, first, first_at);
      outer->value.at = where;
      tables_.insert(first);
    } else if (!tables_.contains(first)) {
      return false;  // it is a value
    }
    table_ = &outer->value;
    known_ = two ? nullptr : &keys_;
    name_ = first;
    if (!two) return true;
    if (!keys_.insert({first, second}).second) return false;
    TomlValue::Member& inner = Add(*table_, second, second_at);
    inner.value.at = where;
    table_ = &inner.value;
    return true;
  }

  static TomlValue::Member& Add(TomlValue& table, std::string_view key,
                                const Position& where) {
    TomlValue::Member& member = table.members.emplace_back();
    member.key = std::string(key);
    member.at = where;
    return member;
  }

  // `table`: the one of the last header, or an inline one.
  bool KeyValue(TomlValue& table, int depth = 0) {
    std::string_view key;
    Position where;
    if (!Key(key, where)) return false;
    if (table.members.size() >= kMostKeys) return false;
    for (const TomlValue::Member& member : table.members) {
      if (member.key == key) return false;
    }
    // A table of that name may come below its own keys.
    if (depth == 0 && known_ != nullptr &&
        !known_->insert({name_, key}).second) {
      return false;
    }
    SkipBlanks();
    if (!Take('=')) return false;
    SkipBlanks();
    return Value(Add(table, key, where).value, depth);
  }

  bool Value(TomlValue& value, int depth) {
    const size_t begin = at_;
    switch (Peek()) {
      case '"': {
        std::string_view text;
        if (!Text(text)) return false;
        value.type = TomlValue::Type::kString;
        value.text = std::string(text);
        break;
      }
      case '[':
        return depth < kMostDepth && Array(value, depth + 1);
      case '{':
        return depth < kMostDepth && InlineTable(value, depth + 1);
      case 't':
      case 'f':
        if (!Word(value)) return false;
        break;
      default:
        if (!Number(value)) return false;
    }
    value.at = From(begin);
    return true;
  }

  // Is a value without quotes over here?
  bool Ends() const {
    switch (Peek()) {
      case ' ':
      case '\t':
      case '\n':
      case ',':
      case ']':
      case '}':
      case '#':
        return true;
      default:
        return at_ == text_.size();
    }
  }

  bool Word(TomlValue& value) {
    value.type = TomlValue::Type::kBoolean;
    value.flag = Peek() == 't';
    const std::string_view word = value.flag ? "true" : "false";
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return Ends();
  }

  bool Number(TomlValue& value) {
    value.type = TomlValue::Type::kInteger;
    const bool negative = Take('-');
    const size_t begin = at_;
    while (absl::ascii_isdigit(static_cast<unsigned char>(Peek()))) {
      if (at_ - begin == kMostDigits) return false;
      value.number = value.number * 10 + (Peek() - '0');
      ++at_;
    }
    if (at_ == begin || (text_[begin] == '0' && at_ - begin > 1)) return false;
    if (negative) value.number = -value.number;
    return Ends();
  }

  bool Array(TomlValue& value, int depth) {
    value.type = TomlValue::Type::kArray;
    const size_t begin = at_++;
    const int first_line = line_;
    const int column = From(begin).column;
    for (;;) {
      SkipSpace();
      if (Take(']')) break;
      if (!Value(value.items.emplace_back(), depth)) return false;
      SkipSpace();
      if (Take(']')) break;
      if (!Take(',')) return false;
    }
    // Over several lines it is shown at its beginning.
    value.at = {first_line, column,
                line_ == first_line ? static_cast<int>(at_ - begin) : 1};
    return true;
  }

  void SkipSpace() {
    for (;;) {
      SkipBlanks();
      if (Peek() != '\n') return;
      NextLine();
    }
  }

  bool InlineTable(TomlValue& value, int depth) {
    const size_t begin = at_++;
    SkipBlanks();
    while (!Take('}')) {
      if (!KeyValue(value, depth)) return false;
      SkipBlanks();
      // A comma has to have a key behind it.
      if (Take(',')) {
        SkipBlanks();
        if (Peek() == '}') return false;
      } else if (Peek() != '}') {
        return false;
      }
    }
    value.at = From(begin);
    return true;
  }

  const std::string_view text_;
  size_t at_ = 0;
  size_t line_begin_ = 0;
  int line_;
  TomlValue root_;
  // Where the next key goes: the table of the last header.
  TomlValue* table_ = &root_;
  std::string_view name_;  // of the table that keys_ is asked about
  // Of the root, by their first part.
  absl::flat_hash_set<std::string_view> tables_;
  // What each table of the root has, keys and tables alike.
  using Keys =
      absl::flat_hash_set<std::pair<std::string_view, std::string_view>>;
  Keys keys_;
  Keys* known_ = nullptr;  // null: of another table, whose keys are compared
};

}  // namespace

std::optional<TomlValue> ParsePlainToml(std::string_view text, int first_line,
                                        int* stopped_at) {
  Parser parser(text, first_line);
  std::optional<TomlValue> value = parser.Run();
  if (!value && stopped_at != nullptr) *stopped_at = parser.line();
  return value;
}

}  // namespace patform
