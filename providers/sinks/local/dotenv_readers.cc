#include "providers/sinks/local/dotenv_readers.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

// Each reader is a small scanner over the whole text, because what is above a
// line decides what it means: an apostrophe in "A=don't" opens a quote for a
// shell and for nobody else, a carriage return alone ends a line for Python and
// Node and for nobody else. The scanners are strict where a rule is rarely
// used: to refuse a file costs a message, to misread it costs a secret.
namespace patform::sinks {
namespace {

int LineOf(std::string_view text, size_t at) {
  return 1 +
         static_cast<int>(std::count(text.begin(), text.begin() + at, '\n'));
}

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

// Just behind the quote that closes the one at `open`; npos: none does. A
// shell has no escapes in single quotes, the libraries have them in all.
size_t Closing(std::string_view text, size_t open, bool escapes) {
  for (size_t at = open + 1; at < text.size(); ++at) {
    if (text[at] == '\\' && escapes) {
      ++at;
    } else if (text[at] == text[open]) {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

// What a shell makes of the text up to a line, and whether another of its
// words sets the same variable.
class Shell {
 public:
  Shell(std::string_view text, const WrittenLine& line)
      : text_(text), line_(line) {}

  std::string Misreads() {
    while (at_ < text_.size() && problem_.empty()) Next();
    if (problem_.empty() && !reached_) Lost(at_, "it is part of another word");
    return problem_;
  }

 private:
  void Next() {
    if (at_ == line_.name_at) Reach();
    const char c = text_[at_];
    switch (c) {
      case '\\':
        at_ += 2;
        return Inside();
      case '\'':
      case '"':
      case '`':
        return SkipQuoted(c);
      case '#':
        if (!word_starts_) break;
        at_ = std::min(text_.find('\n', at_), text_.size());
        return;
      case '\n':
        // A pipe or && at the end of a line takes the next one with it.
        joined_ = last_ == '|' || (last_ == '&' && before_last_ == '&');
        word_starts_ = true;
        ++at_;
        return;
      case '(':
      case ')':
        Lost(at_,
             absl::StrCat("of the parenthesis in line ", LineOf(text_, at_)));
        break;
      case '<':
        if (text_.substr(at_, 2) == "<<") {
          Lost(at_, absl::StrCat("of the << in line ", LineOf(text_, at_)));
        }
        break;
      default:
        break;
    }
    Plain(c);
  }

  void Plain(char c) {
    constexpr std::string_view kBreaks = ";&|()<>";
    if (IsBlank(c)) {
      word_starts_ = true;
      ++at_;
      return;
    }
    if (word_starts_ && at_ != line_.name_at && SetsKey()) {
      problem_ =
          absl::StrCat("a shell sets it in line ", LineOf(text_, at_), ", too");
    }
    word_starts_ = kBreaks.find(c) != std::string_view::npos;
    before_last_ = last_;
    last_ = c;
    ++at_;
  }

  bool SetsKey() const {
    std::string_view rest = text_.substr(at_);
    if (!rest.starts_with(line_.key)) return false;
    rest.remove_prefix(line_.key.size());
    return rest.starts_with("=") || rest.starts_with("+=");
  }

  void Reach() {
    reached_ = word_starts_ && !joined_;
    if (!reached_) Lost(at_, "the line above it does not end there");
  }

  void SkipQuoted(char quote) {
    const size_t end = Closing(text_, at_, quote != '\'');
    // Not before the end, or around the line itself.
    if (end == std::string_view::npos ||
        (at_ < line_.name_at && end > line_.name_at)) {
      Lost(at_, absl::StrCat("a quote that is opened in line ",
                             LineOf(text_, at_), " is still open there"));
    }
    at_ = std::min(end, text_.size());
    Inside();
  }

  void Inside() {
    word_starts_ = false;
    before_last_ = last_;
    last_ = 'x';
    at_ = std::min(at_, text_.size());
  }

  // What comes after the line does not keep a shell from reading it.
  void Lost(size_t at, const std::string& why) {
    if (at > line_.name_at && reached_) return;
    problem_ = absl::StrCat("a shell does not read it there, because ", why);
  }

  const std::string_view text_;
  const WrittenLine& line_;
  size_t at_ = 0;
  bool word_starts_ = true;
  bool joined_ = false;  // the line above continues on this one
  char last_ = '\n', before_last_ = '\n';
  bool reached_ = false;
  std::string problem_;
};

// docker run --env-file: no quotes, no comments behind a value.
std::string DockerMisreads(std::string_view text, const WrittenLine& line) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  std::string_view found;
  int times = 0;
  size_t at = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string_view row = text.substr(at, end - at);
    at = end + 1;
    if (row.ends_with('\r')) row.remove_suffix(1);
    while (!row.empty() &&
           absl::ascii_isspace(static_cast<unsigned char>(row.front()))) {
      row.remove_prefix(1);
    }
    const size_t equals = row.find('=');
    if (row.starts_with('#') || equals == std::string_view::npos) continue;
    if (row.substr(0, equals) != line.key) continue;
    found = row.substr(equals + 1);
    ++times;
  }
  if (times > 1) return "docker finds it more than once";
  return times == 1 && found == line.value ? "" : "docker reads another value";
}

// python-dotenv and dotenv for Node differ in what they take for a quote and
// for a separator; their lines also end at a carriage return alone.
struct Library {
  const char* name;
  std::string_view quotes;
  bool colon;  // KEY: value
};

class LibraryReader {
 public:
  LibraryReader(const Library& library, std::string_view text,
                const WrittenLine& line)
      : library_(library), text_(text), line_(line) {}

  std::string Misreads() {
    while (at_ < text_.size()) Line();
    if (times_ > 1) {
      return absl::StrCat(library_.name, " finds it more than once");
    }
    if (times_ == 1 && found_ == line_.value) return "";
    return absl::StrCat(library_.name, " reads another value");
  }

 private:
  char Here() const { return at_ < text_.size() ? text_[at_] : '\n'; }
  bool AtEnd() const { return Here() == '\n' || Here() == '\r'; }
  void SkipBlanks() {
    while (IsBlank(Here()) || Here() == '\v' || Here() == '\f') ++at_;
  }
  void SkipLine() {
    while (!AtEnd()) ++at_;
    ++at_;
  }

  void Line() {
    SkipBlanks();
    if (AtEnd() || Here() == '#') return SkipLine();
    constexpr std::string_view kExport = "export";
    if (text_.substr(at_, kExport.size()) == kExport &&
        at_ + kExport.size() < text_.size() &&
        IsBlank(text_[at_ + kExport.size()])) {
      at_ += kExport.size();
      SkipBlanks();
    }
    const std::string_view name = Name();
    SkipBlanks();
    const bool separated = Here() == '=' || (library_.colon && Here() == ':');
    if (name.empty() || !separated) return SkipLine();
    ++at_;
    SkipBlanks();
    const std::string_view value = Value();
    if (name == line_.key) {
      ++times_;
      found_ = value;
    }
  }

  std::string_view Name() {
    // Python takes a name in single quotes.
    const bool quoted = !library_.colon && Here() == '\'';
    if (quoted) ++at_;
    const size_t start = at_;
    constexpr std::string_view kEnds = "=# \t:'\"";
    while (!AtEnd() && kEnds.find(Here()) == std::string_view::npos) ++at_;
    const std::string_view name = text_.substr(start, at_ - start);
    if (quoted && Here() == '\'') ++at_;
    return name;
  }

  std::string_view Value() {
    const size_t start = at_;
    if (library_.quotes.find(Here()) != std::string_view::npos) {
      const size_t end = Closing(text_, at_, /*escapes=*/true);
      if (end != std::string_view::npos) {
        at_ = end;
        SkipBlanks();
        if (AtEnd() || Here() == '#') {
          SkipLine();
          return text_.substr(start + 1, end - start - 2);
        }
      }
      at_ = start;
    }
    size_t end = start;
    for (; !AtEnd() && Here() != '#'; ++at_) {
      if (!IsBlank(Here())) end = at_ + 1;
    }
    SkipLine();
    return text_.substr(start, end - start);
  }

  const Library& library_;
  const std::string_view text_;
  const WrittenLine& line_;
  size_t at_ = 0;
  int times_ = 0;
  std::string_view found_;
};

}  // namespace

std::string WhoMisreads(std::string_view text, const WrittenLine& line) {
  // As UTF-16 has them: then it is a text for few readers.
  if (text.find('\0') != std::string_view::npos) {
    return "the file has zero bytes in it, as UTF-16 has";
  }
  if (!IsValidUtf8(text)) {
    return "the file is not UTF-8, which python-dotenv and docker reject";
  }
  std::string why = Shell(text, line).Misreads();
  if (why.empty() && !line.exported) why = DockerMisreads(text, line);
  for (const Library& library : {Library{"python-dotenv", "'\"", false},
                                 Library{"dotenv for Node", "'\"`", true}}) {
    if (why.empty()) why = LibraryReader(library, text, line).Misreads();
  }
  return why;
}

}  // namespace patform::sinks
