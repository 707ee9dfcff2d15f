#include "engine/report/markdown_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/digest.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

constexpr size_t kLongestUrl = 1000;
constexpr size_t kLongestWord = 200;

// The longest run of backticks.
size_t Backticks(std::string_view text) {
  size_t longest = 0, run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

// Made visible, and cut after so many characters.
std::string Shown(std::string_view text, size_t longest) {
  std::string shown;
  size_t width = 0;
  for (const std::string& piece : VisiblePieces(text)) {
    width += CodePoints(piece);
    if (width > longest) return shown + "…";
    shown += piece;
  }
  return shown;
}

std::string Fenced(const std::string& shown) {
  const std::string fence(Backticks(shown) + 1, '`');
  const bool touching = shown.front() == '`' || shown.back() == '`';
  const char* pad = touching ? " " : "";
  return absl::StrCat(fence, pad, shown, pad, fence);
}

bool IsLetter(char c) {
  return absl::ascii_isalpha(static_cast<unsigned char>(c));
}
bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}

// Words and numbers, to which no host gives a meaning of its own: no name of a
// person, no reference, no address of a page.
bool IsPlain(std::string_view word) {
  if (word.empty() || word == "=" || word == "→") return true;
  const auto all = [&](bool (*is)(char), std::string_view others) {
    return is(word.front()) &&
           std::all_of(word.begin(), word.end(), [&](char c) {
             return is(c) || others.find(c) != std::string_view::npos;
           });
  };
  return all(IsLetter, "-'") || all(IsDigit, "-:.,");
}

// Does it end in a mark that is not its own? A bracket is, if it opens one.
bool EndsSentence(std::string_view word) {
  if (word.back() == ')') {
    return std::count(word.begin(), word.end(), '(') <
           std::count(word.begin(), word.end(), ')');
  }
  return std::string_view(",.;:?!").find(word.back()) != std::string_view::npos;
}

// The end of the code that a sentence of ours sets in backticks: a key, a
// command. npos: there is none.
size_t EndOfOurCode(std::string_view text, size_t at) {
  if (at > 0 && text[at - 1] != ' ' && text[at - 1] != '(') {
    return std::string_view::npos;
  }
  size_t end = at + 1;
  while (end < text.size() &&
         (absl::ascii_islower(static_cast<unsigned char>(text[end])) ||
          IsDigit(text[end]) ||
          std::string_view(" _-=").find(text[end]) != std::string_view::npos)) {
    ++end;
  }
  const bool closed = end < text.size() && text[end] == '`' && end > at + 1;
  const bool alone =
      end + 1 >= text.size() ||
      std::string_view(" ,.;:)").find(text[end + 1]) != std::string_view::npos;
  return closed && alone ? end : std::string_view::npos;
}

// A sentence, of which plain words are prose and everything else is code.
class Prose {
 public:
  explicit Prose(std::string text) : text_(std::move(text)) {}

  std::string Take() && {
    for (size_t at = 0; at < text_.size();) {
      const char c = text_[at];
      if (c == '"') {
        at = Quoted(at);
      } else if (c == ' ') {
        Plain(" ");
        ++at;
      } else if (const size_t end =
                     c == '`' ? EndOfOurCode(text_, at) : std::string::npos;
                 end != std::string::npos) {
        Code(text_.substr(at + 1, end - at - 1));
        at = end + 1;
      } else {
        at = Word(at);
      }
    }
    Flush();
    return std::move(out_);
  }

 private:
  // With its quotes: inside may be anything.
  size_t Quoted(size_t at) {
    size_t end = at + 1;
    while (end < text_.size() && text_[end] != '"') {
      end += text_[end] == '\\' ? 2 : 1;
    }
    end = std::min(end + 1, text_.size());
    Code(text_.substr(at, end - at));
    return end;
  }

  size_t Word(size_t at) {
    const size_t end = std::min(text_.find_first_of(" \"", at), text_.size());
    const std::string_view word(text_.data() + at, end - at);
    size_t first = 0, last = word.size();
    while (first < last && word[first] == '(') ++first;
    while (last > first && EndsSentence(word.substr(first, last - first))) {
      --last;
    }
    const std::string_view core = word.substr(first, last - first);
    if (IsPlain(core)) {
      Plain(word);
      return end;
    }
    Plain(word.substr(0, first));
    Code(core);
    Plain(word.substr(last));
    return end;
  }

  void Plain(std::string_view text) {
    if (text.empty()) return;
    Flush();
    out_ += text;
  }
  // Two pieces side by side are one: their backticks would join.
  void Code(std::string_view text) { code_ += text; }
  void Flush() {
    if (!code_.empty()) out_ += Fenced(code_);
    code_.clear();
  }

  const std::string text_;
  std::string out_;
  std::string code_;  // not yet in `out_`
};

}  // namespace

std::string MarkdownCode(std::string_view text, size_t longest) {
  std::string shown = Shown(text, longest);
  if (shown.find_first_not_of(' ') == std::string::npos) shown = "(empty)";
  return Fenced(shown);
}

std::string MarkdownCell(std::string_view text) {
  const std::string code = MarkdownCode(text, std::string::npos);
  std::string cell;
  for (size_t i = 0; i < code.size(); ++i) {
    // A bar ends a cell, in code too, unless a backslash is before it. Parsers
    // differ about two backslashes.
    if (code[i] != '|') {
      cell += code[i];
    } else {
      cell += i > 0 && code[i - 1] == '\\' ? "\\x7c" : "\\|";
    }
  }
  return cell;
}

std::string MarkdownProse(std::string_view text, size_t longest) {
  return Prose(Shown(text, longest)).Take();
}

std::string MarkdownLink(std::string_view words, std::string_view url) {
  const absl::string_view view = AbslView(url);
  if (!absl::StartsWith(view, "https://") &&
      !absl::StartsWith(view, "http://")) {
    return "";
  }
  // No brackets, quotes, backslashes, spaces or entities: nothing ends the
  // target early.
  const std::string target = PercentEncode(url, "-._~:/?#@!$+,;=%&");
  if (target.size() > kLongestUrl) return "";
  return absl::StrCat("[", AbslView(words), "](", target, ")");
}

std::string MarkdownFence(std::string_view language, std::string_view text) {
  const std::string fence(std::max<size_t>(3, Backticks(text) + 1), '`');
  return absl::StrCat(fence, AbslView(language), "\n", AbslView(text), fence,
                      "\n");
}

std::string CommentWord(std::string_view text) {
  const std::string word = PercentEncode(text, "-._:");
  if (word.size() <= kLongestWord) return word;
  return "sha256-" + Sha256(text);
}

}  // namespace patform
