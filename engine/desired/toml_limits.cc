#include "engine/desired/toml_limits.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

// One pass, without memory of its own. It knows just enough of TOML to skip
// strings and comments; where the text is not TOML it may count wrongly, and
// the parser finds that out afterwards.
namespace patform {
namespace {

constexpr std::string_view kLongLine = "the line is too long";

// Whatever ends a bare key or a value.
bool EndsKeyPart(char c) {
  switch (c) {
    case ' ':
    case '\t':
    case '\r':
    case '\n':
    case '.':
    case ',':
    case '=':
    case '[':
    case ']':
    case '{':
    case '}':
    case '#':
    case '"':
    case '\'':
      return true;
    default:
      return false;
  }
}

// at_ only ever grows, and the first excess ends the scan.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {
    // A byte order mark is not part of the first line.
    if (text.substr(0, 3) == "\xef\xbb\xbf") at_ = line_begin_ = 3;
  }

  std::optional<TomlExcess> Run() {
    // The last line may have no line feed.
    while (at_ < text_.size() && !found_) Next();
    if (!found_) CheckLine(text_.size());
    return std::move(found_);
  }

 private:
  // One token of the text. parts_ counts the parts of a dotted key: it starts
  // again wherever a key can begin.
  void Next() {
    const char c = text_[at_];
    switch (c) {
      case '\n':
        NewLine();
        parts_ = 1;
        ++at_;
        return;
      case '#':
        // Not in strings or comments, which have no keys.
        Comment();
        return;
      case '"':
      case '\'':
        String(c);
        return;
      case '[':
      case '{':
        parts_ = 1;
        // Opens a value: a table header, an array or an inline table.
        CountValue();
        if (++depth_ > kMaxNesting) {
          Report(At(at_), "nested too deep", kMaxNesting, "levels");
        }
        ++at_;
        return;
      case ']':
      case '}':
        parts_ = 1;
        // Closing one that was not opened is the parser's to report.
        if (depth_ > 0) --depth_;
        ++at_;
        return;
      case '=':
      case ',':
        parts_ = 1;
        // Each key has one, and each item of a list but the last.
        CountValue();
        ++at_;
        return;
      case '.':
        // A dot may be in a number or a date, which have one or two.
        CountValue();
        if (++parts_ > kMaxKeyParts) {
          Report(At(at_), "the key has too many parts", kMaxKeyParts);
        }
        ++at_;
        return;
      case ' ':
      case '\t':
      case '\r':
        ++at_;
        return;
      default:
        Bare();
    }
  }

  // A bare key, a number, a date or a word.
  void Bare() {
    const size_t begin = at_;
    while (at_ < text_.size() && !EndsKeyPart(text_[at_])) ++at_;
    if (at_ - begin > kMaxWordBytes) {
      Report(At(begin), "the word is too long", kMaxWordBytes, "bytes");
    }
  }

  // Comments may be long; lines are bounded anyway.
  void Comment() {
    while (at_ < text_.size() && text_[at_] != '\n') ++at_;
  }

  // Of one line or of several, basic ("...") or literal ('...').
  void String(char quote) {
    const Place begin = At(at_);
    // Three quotes begin a text of several lines.
    const std::string three(3, quote);
    const bool lines = text_.substr(at_, 3) == three;
    at_ += lines ? 3 : 1;
    while (at_ < text_.size() && !found_) {
      const char c = text_[at_];
      if (c == '\n') {
        // Not TOML in a string of one line; what follows is not read.
        if (!lines) return;
        NewLine();
      }
      // An escape, of a quote perhaps. A line feed is left for the case above.
      if (c == '\\' && quote == '"' && at_ + 1 < text_.size() &&
          text_[at_ + 1] != '\n') {
        at_ += 2;
        continue;
      }
      if (c == quote && (!lines || text_.substr(at_, 3) == three)) {
        at_ += lines ? 3 : 1;
        // Two quotes may be the string's own last characters.
        for (int i = 0; lines && i < 2; ++i) {
          if (at_ < text_.size() && text_[at_] == quote) ++at_;
        }
        break;
      }
      ++at_;
    }
    // The quotes are counted, too: the limit is far from any real text.
    if (at_ - begin.at > kMaxTextBytes) {
      Report(begin, "the string is too long", kMaxTextBytes, "bytes");
    }
  }

  // The first entry beyond the limit is the one to blame.
  void CountValue() {
    if (++values_ <= kMaxValues) return;
    Report(At(at_), "the file has too many keys and values", kMaxValues);
    if (!found_) return;
    found_->fix += "; split it with `include`";
    found_->too_many = true;
  }

  void NewLine() {
    CheckLine(at_);
    line_begin_ = at_ + 1;
    ++line_;
  }

  // Lines are bounded for the sake of messages: they show one, and count in it.
  void CheckLine(size_t end) {
    if (end - line_begin_ <= kMaxLineBytes) return;
    Report(At(line_begin_ + kMaxLineBytes), kLongLine, kMaxLineBytes, "bytes");
  }

  struct Place {
    size_t at, line_begin;
    int line;
  };
  Place At(size_t at) const { return {at, line_begin_, line_}; }

  // Keeps the first. Nothing is blamed that is too far along its line to be
  // shown: the line is.
  void Report(Place place, std::string_view what, size_t most,
              std::string_view unit = "") {
    if (found_) return;
    if (place.at - place.line_begin > kMaxLineBytes) {
      place.at = place.line_begin + kMaxLineBytes;
      what = kLongLine, most = kMaxLineBytes, unit = "bytes";
    }
    // The only allocation.
    found_.emplace();
    found_->what = std::string(what);
    found_->fix =
        absl::StrCat("at most ", most, unit.empty() ? "" : " ", AbslView(unit));
    found_->at.line = place.line;
    // In characters, as editors count.
    found_->at.column = CodePoints(text_.substr(place.line_begin,
                                                place.at - place.line_begin)) +
                        1;
  }

  const std::string_view text_;
  size_t at_ = 0;
  size_t line_begin_ = 0;
  int line_ = 1;
  int parts_ = 1;
  int depth_ = 0;
  int values_ = 0;
  std::optional<TomlExcess> found_;
};

}  // namespace

std::optional<TomlExcess> FindExcess(std::string_view text) {
  return Scanner(text).Run();
}

}  // namespace patform
