#include "engine/base/strings.h"

#include <string.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/readable.h"

// Text from outside, made harmless and readable: UTF-8, what is invisible, what
// CI systems act on, near misses for "did you mean". Nothing here depends on a
// locale.
namespace patform {
namespace {

// U+FFFD, in place of a byte that is not UTF-8.
constexpr char kReplacement[] = "\xef\xbf\xbd";

// One code point, or the lack of one.
struct Decoded {
  uint32_t code = 0;
  int length = 0;  // 0: the bytes are not UTF-8
};

// RFC 3629's UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
// Each of those is a second spelling of something, which a filter may miss.
Decoded DecodeAt(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) {
    return static_cast<uint8_t>(text[at + i]);
  };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  int length = 0;
  uint32_t code = 0, least = 0;
  if ((lead & 0xe0) == 0xc0) {
    length = 2, code = lead & 0x1f, least = 0x80;
  } else if ((lead & 0xf0) == 0xe0) {
    length = 3, code = lead & 0x0f, least = 0x800;
  } else if ((lead & 0xf8) == 0xf0) {
    length = 4, code = lead & 0x07, least = 0x10000;
  } else {
    return {};
  }
  // Cut off at the end of the text.
  if (at + length > text.size()) return {};
  for (int i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3f);
  }
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  // `least` is the smallest code point that needs this many bytes.
  if (code < least || code > 0x10ffff || surrogate) return {};
  return {code, length};
}

// Characters that change how others are shown, or show nothing themselves.
bool IsInvisible(uint32_t code) {
  static constexpr std::array<std::pair<uint32_t, uint32_t>, 24> kRanges = {{
      {0x00, 0x1f},       {0x7f, 0xa0},        {0xad, 0xad},
      {0x34f, 0x34f},     {0x61c, 0x61c},      {0x115f, 0x1160},
      {0x1680, 0x1680},   {0x17b4, 0x17b5},    {0x180b, 0x180f},
      {0x2000, 0x200f},   {0x2028, 0x202f},    {0x205f, 0x206f},
      {0x2800, 0x2800},   {0x3000, 0x3000},    {0x3164, 0x3164},
      {0xe000, 0xf8ff},  // for private use
      {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},    {0xffa0, 0xffa0},
      {0xfff0, 0xfffb},   {0xfffe, 0xffff},    {0x1d173, 0x1d17a},
      {0x1fffe, 0x1ffff}, {0xe0000, 0x10ffff},
  }};
  return std::any_of(kRanges.begin(), kRanges.end(), [code](const auto& range) {
    return code >= range.first && code <= range.second;
  });
}

// What .NET, in which the agents of CI systems are written, trims.
bool IsBlank(const Decoded& decoded) {
  static constexpr std::array<uint32_t, 9> kBlanks = {
      0x20, 0xa0, 0x1680, 0x202f, 0x205f, 0x3000, 0x85, 0x2028, 0x2029};
  if (decoded.length == 0) return false;
  return std::find(kBlanks.begin(), kBlanks.end(), decoded.code) !=
             kBlanks.end() ||
         (decoded.code >= 0x2000 && decoded.code <= 0x200a);
}

// Where a log command of the form ::NAME::, which counts at the start of a line
// and after spaces, begins in `text`; npos: nowhere. Only the start of `text`
// can be the start of a line: what breaks one is made visible.
size_t ColonCommandAt(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    if (text.substr(at, 2) == "::") return at;
    const Decoded decoded = DecodeAt(text, at);
    if (!IsBlank(decoded)) return std::string_view::npos;
    at += decoded.length;
  }
  return std::string_view::npos;
}

// Is the # at `at` the second of a log command that counts anywhere in a line:
// ##[NAME], ##vso[NAME]? The first may be in what comes before `text`, and
// what follows a ## at the end of `text` is not known.
bool EndsHashCommand(std::string_view text, size_t at) {
  const bool second = at == 0 || text[at - 1] == '#';
  size_t next = at + 1;
  while (next < text.size() && absl::ascii_isalpha(text[next])) ++next;
  // Nothing but letters up to the end: what follows may complete a command.
  if (next == text.size()) return at > 0 && text[at - 1] == '#';
  return second && text[next] == '[';
}

// For each code point, or stray byte, of `text`. Code points in, one flag for
// each out; see Spelled().
std::vector<bool> SpelledIn(std::string_view text) {
  std::vector<uint32_t> codes;
  codes.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const Decoded decoded = DecodeAt(text, at);
    // A stray byte is a control to its neighbours.
    codes.push_back(decoded.length == 0 ? 0 : decoded.code);
    at += std::max(1, decoded.length);
  }
  return Spelled(codes);
}

// snprintf's format with one number.
std::string Hex(const char* format, unsigned value) {
  char buffer[24];
  std::snprintf(buffer, sizeof(buffer), format, value);
  return buffer;
}

// The edit distance, or `limit` if it is not below that. Only the three rows in
// use are kept, and of each only what can come to less than `limit`.
int Distance(std::string_view a, std::string_view b, int limit) {
  const int rows = static_cast<int>(a.size());
  const int columns = static_cast<int>(b.size());
  // A length alone may put it out of reach.
  if (std::abs(rows - columns) >= limit) return limit;
  std::array<std::vector<int>, 3> row;
  for (std::vector<int>& each : row) each.assign(b.size() + 1, limit);
  for (int j = 0; j <= std::min(columns, limit); ++j) row[0][j] = j;
  for (int i = 1; i <= rows; ++i) {
    const std::vector<int>& two_above = row[(i + 1) % 3];
    const std::vector<int>& above = row[(i + 2) % 3];
    std::vector<int>& mine = row[i % 3];
    const int first = std::max(1, i - limit);
    const int last = std::min(columns, i + limit);
    // The cell left of the first one in the band: the real border only in the
    // first column.
    mine[first - 1] = first == 1 ? i : limit;
    for (int j = first; j <= last; ++j) {
      const int change = a[i - 1] == b[j - 1] ? 0 : 1;
      int best = std::min(mine[j - 1] + 1, above[j - 1] + change);
      // Beyond the band above[j] is a value of an older row.
      if (j < i + limit) best = std::min(best, above[j] + 1);
      // Two neighbours that changed places count as one edit: the most common
      // typo.
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        best = std::min(best, two_above[j - 2] + 1);
      }
      mine[j] = std::min(best, limit);
    }
  }
  return std::min(row[rows % 3][columns], limit);
}

// GlobMatch for what the way with one mark takes long for: all places of the
// pattern that the text so far leads to, as bits.
bool GlobMatchByPlaces(std::string_view pattern, std::string_view text) {
  // Stars beside each other are one.
  std::string places;
  for (char c : pattern) {
    if (c != '*' || places.empty() || places.back() != '*') places += c;
  }
  using Words = std::vector<uint64_t>;
  const size_t words = places.size() / 64 + 1;
  Words stars(words), any(words);
  // For each byte the places of the pattern that take it.
  std::array<Words, 256> takes;
  for (size_t i = 0; i < places.size(); ++i) {
    const uint64_t bit = uint64_t{1} << i % 64;
    if (places[i] == '*') {
      stars[i / 64] |= bit;
    } else if (places[i] == '?') {
      any[i / 64] |= bit;
    } else {
      Words& own = takes[static_cast<uint8_t>(places[i])];
      if (own.empty()) own.resize(words);
      own[i / 64] |= bit;
    }
  }
  Words at(words), next(words);
  // Behind a star is where the star is: two are never beside each other.
  const auto pass_stars = [&](Words& set) {
    uint64_t carry = 0;
    for (size_t w = 0; w < words; ++w) {
      const uint64_t on_star = set[w] & stars[w];
      set[w] |= on_star << 1 | carry;
      carry = on_star >> 63;
    }
  };
  // At the place in front of the first.
  at[0] = 1;
  pass_stars(at);
  for (char c : text) {
    const Words& own = takes[static_cast<uint8_t>(c)];
    uint64_t carry = 0;
    for (size_t w = 0; w < words; ++w) {
      // Where a place takes the byte, the text goes on behind it; a star keeps
      // its place, whatever the byte.
      const uint64_t taken = at[w] & (any[w] | (own.empty() ? 0 : own[w]));
      next[w] = taken << 1 | carry | (at[w] & stars[w]);
      carry = taken >> 63;
    }
    pass_stars(next);
    std::swap(at, next);
  }
  return (at[places.size() / 64] >> places.size() % 64 & 1) != 0;
}

}  // namespace

std::optional<std::string> Nearest(std::string_view word,
                                   const std::vector<std::string>& candidates) {
  // Nobody mistypes a word of that length; it was pasted.
  if (word.empty() || word.size() > 128) return std::nullopt;
  // There may be a hundred thousand candidates; what has not been found by then
  // is not worth the wait.
  size_t steps = size_t{4} << 20;
  const std::string folded = absl::AsciiStrToLower(AbslView(word));
  // Half a dozen letters may have two mistakes: more, and the suggestion would
  // be a guess.
  int best = std::max<int>(1, static_cast<int>(folded.size()) / 3) + 1;
  std::optional<std::string> result;
  for (const std::string& candidate : candidates) {
    // The band of Distance() is 2 * best + 1 wide.
    const size_t cost =
        8 + folded.size() * std::min<size_t>(folded.size(), 2 * best + 1);
    if (cost > steps) break;
    steps -= cost;
    if (candidate.size() > 2 * folded.size() + 2) continue;
    const int distance =
        Distance(folded, absl::AsciiStrToLower(candidate), best);
    if (distance < best) {
      best = distance;
      result = candidate;
    }
  }
  return result;
}

// A stray byte counts as one.
int CodePoints(std::string_view text) {
  int count = 0;
  for (size_t at = 0; at < text.size(); ++count) {
    at += std::max(1, DecodeAt(text, at).length);
  }
  return count;
}

// Never cuts within a character.
std::string FirstCodePoints(std::string_view text, int count) {
  size_t at = 0;
  while (at < text.size() && count-- > 0) {
    at += std::max(1, DecodeAt(text, at).length);
  }
  return std::string(text.substr(0, at));
}

bool IsValidUtf8(std::string_view text) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  for (size_t at = 0; at < text.size();) {
    // Most texts are ASCII, which is eight at a time.
    uint64_t eight;
    if (at + sizeof(eight) <= text.size()) {
      memcpy(&eight, text.data() + at, sizeof(eight));
      if ((eight & kHighBits) == 0) {
        at += sizeof(eight);
        continue;
      }
    }
    const int length = DecodeAt(text, at).length;
    if (length == 0) return false;
    at += length;
  }
  return true;
}

// Asked where such a text is refused instead of being spelled.
bool HoldsInvisible(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const Decoded decoded = DecodeAt(text, at);
    if (decoded.length == 0 || IsInvisible(decoded.code)) return true;
    at += decoded.length;
  }
  return false;
}

std::vector<std::string> VisiblePieces(std::string_view text) {
  std::vector<std::string> pieces;
  pieces.reserve(text.size());
  // For the code points of the whole text: `pieces` has one for each, so its
  // size is the index.
  const std::vector<bool> spelled = SpelledIn(text);
  const size_t command = ColonCommandAt(text);
  for (size_t at = 0; at < text.size();) {
    const Decoded decoded = DecodeAt(text, at);
    const auto byte = static_cast<uint8_t>(text[at]);
    if (decoded.length == 0) {
      pieces.push_back(Hex("\\x%02x", byte));
      ++at;
      continue;
    }
    // The usual escapes for the three that everybody knows.
    if (decoded.code == '\n') {
      pieces.push_back("\\n");
    } else if (decoded.code == '\t') {
      pieces.push_back("\\t");
    } else if (decoded.code == '\r') {
      pieces.push_back("\\r");
    } else if (decoded.code < 0x20 || decoded.code == 0x7f || at == command ||
               (byte == '#' && EndsHashCommand(text, at))) {
      pieces.push_back(Hex("\\x%02x", byte));
    } else if (spelled[pieces.size()]) {
      pieces.push_back(Hex("\\u{%x}", decoded.code));
    } else {
      pieces.emplace_back(text.substr(at, decoded.length));
    }
    at += decoded.length;
  }
  return pieces;
}

std::string Visible(std::string_view text) {
  // Nearly all text is plain: ASCII without a log command in it.
  const bool ascii = std::all_of(text.begin(), text.end(),
                                 [](char c) { return c >= ' ' && c <= '~'; });
  if (ascii && ColonCommandAt(text) == std::string_view::npos) {
    size_t hash = text.find('#');
    while (hash != std::string_view::npos && !EndsHashCommand(text, hash)) {
      hash = text.find('#', hash + 1);
    }
    if (hash == std::string_view::npos) return std::string(text);
  }
  std::string out;
  out.reserve(text.size());
  for (const std::string& piece : VisiblePieces(text)) out += piece;
  return out;
}

// For formats that must be UTF-8 (JSON, XML). The rest stays as it is.
std::string ToUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const int length = DecodeAt(text, at).length;
    if (length == 0) {
      out += kReplacement;
      ++at;
    } else {
      out.append(text.substr(at, length));
      at += length;
    }
  }
  return out;
}

// In JSON everything can be written as \uXXXX, so nothing is lost: parsers see
// the same document, and a log shows it harmlessly.
std::string JsonForLogs(std::string_view json) {
  // Most documents are plain.
  const bool ascii = std::all_of(json.begin(), json.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x7f;
  });
  const std::vector<bool> spelled =
      ascii ? std::vector<bool>() : SpelledIn(json);
  std::string out;
  out.reserve(json.size());
  size_t nth = 0;
  for (size_t at = 0; at < json.size(); ++nth) {
    const Decoded decoded = DecodeAt(json, at);
    if (decoded.length == 0) {
      out += kReplacement;
      ++at;
      continue;
    }
    const uint32_t code = decoded.code;
    // Every second # of two: whatever comes before or behind this document in
    // the log, no ##vso[ comes together.
    const bool hash = code == '#' && at > 0 && json[at - 1] == '#';
    // And of two colons: ::NAME:: counts at the start of a line, and programs
    // that wrap lines make more of those.
    const bool colon = code == ':' && at > 0 && json[at - 1] == ':';
    const bool spell = hash || colon || code == 0x7f ||
                       (code >= 0x80 && !spelled.empty() && spelled[nth]);
    if (spell && code < 0x10000) {
      out += Hex("\\u%04x", code);
    } else if (spell) {
      // Beyond the first plane JSON takes a pair of surrogates (RFC 8259,
      // section 7).
      out += Hex("\\u%04x", 0xd800 + ((code - 0x10000) >> 10));
      out += Hex("\\u%04x", 0xdc00 + ((code - 0x10000) & 0x3ff));
    } else {
      out.append(json.substr(at, decoded.length));
    }
    at += decoded.length;
  }
  return out;
}

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
}

std::string PercentEncode(std::string_view text, std::string_view keep) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || keep.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

std::string InQuotes(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

std::string Count(long long n, std::string_view singular,
                  std::string_view plural) {
  if (n == 1) return absl::StrCat(n, " ", AbslView(singular));
  if (!plural.empty()) return absl::StrCat(n, " ", AbslView(plural));
  return absl::StrCat(n, " ", AbslView(singular), "s");
}

// With one place to go back to, the last star, which is all that a glob needs;
// but patterns of many stars make it quadratic. Patterns come from files under
// review, so beyond a linear number of steps the other way is taken.
bool GlobMatch(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  size_t steps = 2 * (pattern.size() + text.size()) + 64;
  while (t < text.size()) {
    if (--steps == 0) return GlobMatchByPlaces(pattern, text);
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() &&
               (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      // Back to the last star, which takes one byte more.
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  // What is left of the pattern must be able to match nothing.
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool GlobMatchAny(const std::vector<std::string>& patterns,
                  std::string_view text) {
  return std::any_of(
      patterns.begin(), patterns.end(),
      [&](const std::string& pattern) { return GlobMatch(pattern, text); });
}

}  // namespace patform
