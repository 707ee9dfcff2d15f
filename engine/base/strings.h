#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/string_view.h"

// Debian's abseil has a string_view of its own; ours are std's everywhere.
namespace patform {

inline absl::string_view AbslView(std::string_view text) {
  return absl::string_view(text.data(), text.size());
}
inline std::string_view StdView(absl::string_view text) {
  return std::string_view(text.data(), text.size());
}

// The candidate nearest to `word` (edit distance with transpositions, case
// folded), if one is near enough to be meant: at most a third of the word's
// length, at least one edit allowed. Ties go to the first candidate.
std::optional<std::string> Nearest(std::string_view word,
                                   const std::vector<std::string>& candidates);

// Number of code points in valid UTF-8; stray bytes count one each.
int CodePoints(std::string_view text);

// The first `count` code points of `text`, or all of it.
std::string FirstCodePoints(std::string_view text, int count);

bool IsValidUtf8(std::string_view text);

// `text` with everything that a terminal or a log could act on made visible:
// control characters as \xNN or \n, \t; bytes that are not UTF-8 as \xNN; and
// as \u{X} whatever readable.h does not let stay: what is invisible, is drawn
// on top of other characters, changes their order, or looks like another one.
// A CI system's log commands are broken the same way: ##vso[ and ##[ become
// #\x23vso[ and #\x23[ anywhere, :: at the start becomes \x3a:. Text that is
// put right behind other text that ends in # is safe, too.
std::string Visible(std::string_view text);

// Is there anything in `text` that shows nothing at all: a control or format
// character, any space but U+0020, a filler, private use, not UTF-8?
bool HoldsInvisible(std::string_view text);

// Is there an ASCII control character in `text`?
bool HasControl(std::string_view text);

// A-Z a-z 0-9 and the characters of `keep` as they are, other bytes as %XX. As
// it is: for one path segment or one query value.
std::string PercentEncode(std::string_view text,
                          std::string_view keep = "-._~");

// The same as Visible, a piece for each code point (or stray byte), in order.
std::vector<std::string> VisiblePieces(std::string_view text);

// `text` with U+FFFD for every byte that is not UTF-8: for formats that must be
// UTF-8 whatever a path on this machine is made of.
std::string ToUtf8(std::string_view text);

// The JSON document `json`, which means the same to whoever reads it as JSON,
// and nothing to a terminal or a CI system's log: what Visible would spell, and
// the second of two # or colons, are written as \uXXXX; bytes that are not
// UTF-8 as U+FFFD.
std::string JsonForLogs(std::string_view json);

// In quotes that nothing inside ends, as TOML has it.
std::string InQuotes(std::string_view text);

// "1 token", "3 tokens".
std::string Count(long long n, std::string_view singular,
                  std::string_view plural = "");

// Does `text` match `pattern`, where * matches any run of characters and ?
// matches one? Not fnmatch(3): it has classes and escapes, which names in
// brackets would run into, and takes exponentially long for some patterns of
// many stars; patterns come from files that strangers edit. This is linear in
// the text.
bool GlobMatch(std::string_view pattern, std::string_view text);
// Does one of the patterns match?
bool GlobMatchAny(const std::vector<std::string>& patterns,
                  std::string_view text);

}  // namespace patform
