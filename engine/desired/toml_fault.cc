#include "engine/desired/toml_fault.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/strings.h"

// Reads line by line what the parser has refused, only to find words for it: a
// mistake here costs a better message and nothing else. Whatever is not one of
// the slips below is left to the parser's own words.
namespace patform {
namespace {

using Path = std::vector<std::string>;

bool InBareKey(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
         c == '-';
}

// One line, and how far it has been read.
class Cursor {
 public:
  explicit Cursor(std::string_view line) : line_(line) {}

  void Spaces() {
    while (at_ < line_.size() && (line_[at_] == ' ' || line_[at_] == '\t')) {
      ++at_;
    }
  }
  bool AtEnd() {
    Spaces();
    return at_ == line_.size() || line_[at_] == '#' || line_[at_] == '\r';
  }
  bool Take(char c) {
    Spaces();
    if (at_ == line_.size() || line_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string_view Rest() const { return line_.substr(at_); }
  size_t at() const { return at_; }

  // a.b."c d"; empty: there is no key here.
  Path Key() {
    Path path;
    do {
      Spaces();
      std::string part;
      if (!Part(part)) return {};
      path.push_back(std::move(part));
    } while (Take('.'));
    return path;
  }

 private:
  bool Part(std::string& part) {
    if (at_ == line_.size()) return false;
    const char quote = line_[at_];
    if (quote == '"' || quote == '\'') {
      for (++at_; at_ < line_.size() && line_[at_] != quote; ++at_) {
        // Compared with another key as it is written, escapes and all.
        if (quote == '"' && line_[at_] == '\\') part += line_[at_++];
        if (at_ < line_.size()) part += line_[at_];
      }
      return at_++ < line_.size();
    }
    while (at_ < line_.size() && InBareKey(line_[at_])) part += line_[at_++];
    return !part.empty();
  }

  std::string_view line_;
  size_t at_ = 0;
};

bool IsOneOf(std::string_view word, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](const char* each) { return word == each; });
}

// "30d", "contoso", "vso.code": what would be a value with quotes around it.
bool LacksQuotes(std::string_view word) {
  if (word.empty() || IsOneOf(word, {"true", "false", "inf", "nan"})) {
    return false;
  }
  const auto first = static_cast<unsigned char>(word[0]);
  if (absl::ascii_isalpha(first)) return true;
  // A number with a unit; dates and 0x1f, 1e5, 1_000 are TOML.
  const char last = word.back();
  return absl::ascii_isdigit(first) &&
         IsOneOf(std::string(1, last), {"d", "h", "m", "s", "w", "y"}) &&
         std::all_of(
             word.begin(), word.end(),
             [](char c) {
               return absl::ascii_isalnum(static_cast<unsigned char>(c));
             }) &&
         !absl::StartsWith(AbslView(word), "0x");
}

// “contoso”: what word processors make of quotes.
std::string_view TypographicQuote(std::string_view text) {
  for (std::string_view quote : {"\xe2\x80\x9c", "\xe2\x80\x9d", "\xe2\x80\x9e",
                                 "\xe2\x80\x98", "\xe2\x80\x99"}) {
    if (text.starts_with(quote)) return quote;
  }
  return {};
}

class Reader {
 public:
  Reader(const std::string& text, int line) : text_(text), wanted_(line) {}

  std::optional<TomlFault> Run() {
    std::string_view rest = text_;
    if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
    for (number_ = 1; number_ <= wanted_; ++number_) {
      const size_t end = rest.find('\n');
      line_ = rest.substr(0, end);
      std::optional<TomlFault> fault = Line();
      // One on an earlier line would have stopped the parser there.
      if (fault) return number_ == wanted_ ? fault : std::nullopt;
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
    return std::nullopt;
  }

 private:
  // A list or a long string that goes on over several lines is passed over.
  std::optional<TomlFault> Line() {
    if (!closes_.empty()) {
      if (line_.find(closes_) != std::string_view::npos) closes_.clear();
      return std::nullopt;
    }
    if (depth_ > 0) {
      Value(line_);
      return std::nullopt;
    }
    Cursor cursor(line_);
    if (cursor.AtEnd()) return std::nullopt;
    if (cursor.Take('[')) return Header(cursor);
    const size_t begin = cursor.at();
    const Path key = cursor.Key();
    if (key.empty()) return std::nullopt;
    const std::string shown = Shown(begin, cursor);
    if (cursor.Take(':')) {
      return At(cursor.at() - 1, 1,
                absl::StrCat("`", shown, "` is followed by a colon"),
                absl::StrCat("TOML has an equals sign: ", shown, " = …"));
    }
    if (!cursor.Take('=')) return std::nullopt;
    cursor.Spaces();
    if (auto fault = Twice(key, shown, begin)) return fault;
    return ValueOf(shown, cursor);
  }

  std::optional<TomlFault> Header(Cursor& cursor) {
    const bool list = cursor.Take('[');
    cursor.Spaces();
    const size_t begin = cursor.at();
    const Path path = cursor.Key();
    const std::string shown = Shown(begin, cursor);
    table_ = path;
    table_shown_ = shown;
    keys_.clear();
    if (path.empty() || list) return std::nullopt;
    if (!cursor.Take(']')) return BadHeader(path, shown, begin);
    const auto [other, is_new] = headers_.emplace(path, number_);
    if (is_new) return std::nullopt;
    const bool token = path.size() == 2 && path[0] == "token";
    TomlFault fault = *At(
        begin, CodePoints(shown),
        token ? absl::StrCat("token ", InQuotes(path[1]), " is declared twice")
              : absl::StrCat("[", shown, "] is in this file twice"),
        "");
    fault.other_line = other->second;
    return fault;
  }

  // [token.a b] or [token.a
  std::optional<TomlFault> BadHeader(Path path, const std::string& shown,
                                     size_t begin) const {
    const std::string_view rest = line_.substr(begin);
    const size_t close = rest.find(']');
    if (close == std::string_view::npos) {
      return At(begin, CodePoints(shown), "the bracket is not closed",
                absl::StrCat("write [", shown, "]"));
    }
    const std::string all(rest.substr(0, close));
    path.back() += all.substr(std::min(all.size(), shown.size()));
    path.back() = InQuotes(path.back());
    return At(begin, CodePoints(all),
              absl::StrCat("the name in [", all, "] needs quotes"),
              absl::StrCat("write [", absl::StrJoin(path, "."), "]"));
  }

  // What has been read since `begin`, without the spaces behind it.
  std::string Shown(size_t begin, const Cursor& cursor) const {
    return std::string(absl::StripTrailingAsciiWhitespace(
        AbslView(line_.substr(begin, cursor.at() - begin))));
  }

  // A key that its table has already.
  std::optional<TomlFault> Twice(const Path& key, const std::string& shown,
                                 size_t begin) {
    const auto [other, is_new] = keys_.emplace(key, number_);
    if (is_new) return std::nullopt;
    TomlFault fault =
        *At(begin, CodePoints(shown),
            absl::StrCat(
                "`", shown, "` is set twice",
                table_.empty() ? "" : absl::StrCat(" in [", table_shown_, "]")),
            "");
    fault.other_line = other->second;
    return fault;
  }

  std::optional<TomlFault> ValueOf(const std::string& key, Cursor& cursor) {
    const size_t begin = cursor.at();
    if (cursor.AtEnd()) {
      return At(begin, 1, absl::StrCat("`", key, "` has no value"),
                absl::StrCat("write one, such as ", key, " = \"…\""));
    }
    const std::string_view rest = cursor.Rest();
    if (!TypographicQuote(rest).empty()) {
      return At(
          begin, 1,
          absl::StrCat("the value of `", key, "` is in typographic quotes"),
          absl::StrCat("TOML knows only straight ones: ", key, " = \"…\""));
    }
    const std::string_view word =
        rest.substr(0, std::min(rest.find_first_of(" \t\r#,;"), rest.size()));
    const std::string lower = absl::AsciiStrToLower(AbslView(word));
    if (IsOneOf(lower, {"true", "false", "yes", "no", "on", "off"}) &&
        !IsOneOf(word, {"true", "false"})) {
      const bool yes = IsOneOf(lower, {"true", "yes", "on"});
      return At(begin, CodePoints(word),
                absl::StrCat("`", key, "` cannot be ", AbslView(word)),
                absl::StrCat("write ", key, " = ", yes ? "true" : "false"));
    }
    if (IsOneOf(lower, {"null", "nil", "none"})) {
      return At(begin, CodePoints(word),
                absl::StrCat("`", key, "` cannot be ", AbslView(word)),
                "TOML has no such value; leave the key out");
    }
    if (LacksQuotes(word)) {
      // A text of several words, up to a comment.
      std::string all(absl::StripTrailingAsciiWhitespace(
          AbslView(rest.substr(0, rest.find('#')))));
      return At(begin, CodePoints(all),
                absl::StrCat("the value of `", key, "` has no quotes"),
                absl::StrCat("write ", key, " = ", InQuotes(all)));
    }
    return Value(rest, &key, begin);
  }

  // Passes over what begins here: strings with whatever is in them, lists and
  // tables with their depth. A string that does not end on its line is a fault.
  std::optional<TomlFault> Value(std::string_view rest,
                                 const std::string* key = nullptr,
                                 size_t begin = 0) {
    for (size_t at = 0; at < rest.size(); ++at) {
      const char c = rest[at];
      if (c == '#') break;
      if (c == '[' || c == '{') ++depth_;
      if (c == ']' || c == '}') depth_ = std::max(0, depth_ - 1);
      if (c != '"' && c != '\'') continue;
      const std::string three(3, c);
      if (rest.substr(at, 3) == three) {
        const size_t end = rest.find(three, at + 3);
        if (end == std::string_view::npos) {
          closes_ = three;
          return std::nullopt;
        }
        at = end + 2;
        continue;
      }
      const size_t opened = at;
      for (++at; at < rest.size() && rest[at] != c; ++at) {
        if (c == '"' && rest[at] == '\\') {
          if (auto fault = Escape(rest, at, begin)) return fault;
          ++at;
        }
      }
      if (at < rest.size()) continue;
      return At(begin + opened, 1,
                key == nullptr ? std::string("a string has no closing quote")
                               : absl::StrCat("the string of `", *key,
                                              "` has no closing quote"),
                "close it on the same line");
    }
    return std::nullopt;
  }

  // "C:\temp": a backslash that begins nothing.
  std::optional<TomlFault> Escape(std::string_view rest, size_t at,
                                  size_t begin) {
    if (at + 1 < rest.size() &&
        std::string_view("btnfr\"\\uUe").find(rest[at + 1]) !=
            std::string_view::npos) {
      return std::nullopt;
    }
    return At(begin + at, 1, "this backslash begins no escape",
              "for a path write / or single quotes, 'C:\\temp'; for a "
              "backslash write two");
  }

  std::optional<TomlFault> At(size_t byte, int length, std::string what,
                              std::string fix) const {
    TomlFault fault;
    fault.at.line = number_;
    fault.at.column = CodePoints(line_.substr(0, byte)) + 1;
    fault.at.length = std::max(1, length);
    fault.what = std::move(what);
    fault.fix = std::move(fix);
    return fault;
  }

  const std::string& text_;
  const int wanted_;
  int number_ = 0;
  std::string_view line_;
  std::string closes_;  // what ends a string that goes on; empty: none does
  int depth_ = 0;       // of open brackets
  Path table_;
  std::string table_shown_;
  std::map<Path, int> headers_;  // and the line of each
  std::map<Path, int> keys_;     // likewise, of the table at hand
};

}  // namespace

std::optional<TomlFault> ExplainToml(const std::string& text, int line) {
  return Reader(text, line).Run();
}

}  // namespace patform
