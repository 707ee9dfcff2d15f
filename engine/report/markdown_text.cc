#include "engine/report/markdown_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
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

}  // namespace

std::string MarkdownCode(std::string_view text, size_t longest) {
  std::string shown;
  size_t width = 0;
  for (const std::string& piece : VisiblePieces(text)) {
    width += CodePoints(piece);
    if (width > longest) {
      shown += "…";
      break;
    }
    shown += piece;
  }
  if (shown.find_first_not_of(' ') == std::string::npos) shown = "(empty)";
  // A bar would end a table's cell, inside of code too.
  shown = absl::StrReplaceAll(shown, {{"|", "\\x7c"}});
  const std::string fence(Backticks(shown) + 1, '`');
  const bool touching = shown.front() == '`' || shown.back() == '`';
  const char* pad = touching ? " " : "";
  return absl::StrCat(fence, pad, shown, pad, fence);
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
