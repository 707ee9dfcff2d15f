#include "engine/base/likeness.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

// What was encoded twice is decoded twice; nobody does it more often.
constexpr int kMostDecodings = 3;
// "&#1114111;" is the longest entity.
constexpr size_t kLongestEntity = 10;

bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c <= '~'; });
}

void AppendUtf8(uint32_t code, std::string& out) {
  utf8proc_uint8_t bytes[4];
  const utf8proc_ssize_t size =
      utf8proc_encode_char(static_cast<utf8proc_int32_t>(code), bytes);
  out.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
}

// The character of "&#233;", "&#xE9;" or "&amp;"; 0: it is not an entity. .NET
// writes the first for all from U+00A0 on.
uint32_t CodeOf(std::string_view entity) {
  struct Named {
    std::string_view name;
    uint32_t code;
  };
  static constexpr Named kNamed[] = {{"&amp;", '&'},   {"&lt;", '<'},
                                     {"&gt;", '>'},    {"&quot;", '"'},
                                     {"&apos;", '\''}, {"&nbsp;", ' '}};
  for (const Named& named : kNamed) {
    if (named.name == entity) return named.code;
  }
  if (entity.size() < 4 || entity.substr(0, 2) != "&#") return 0;
  std::string_view digits = entity.substr(2, entity.size() - 3);
  const bool hex = digits[0] == 'x' || digits[0] == 'X';
  if (hex) digits.remove_prefix(1);
  uint32_t code = 0;
  const bool is_number = hex ? absl::SimpleHexAtoi(AbslView(digits), &code)
                             : absl::SimpleAtoi(AbslView(digits), &code);
  const bool is_text =
      code >= 0x20 && code != 0x7f && code <= 0x10ffff &&
      utf8proc_codepoint_valid(static_cast<utf8proc_int32_t>(code));
  return is_number && is_text ? code : 0;
}

std::string WithoutEntities(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    uint32_t code = 0;
    size_t size = 1;
    if (text[at] == '&') {
      const size_t end = text.substr(at, kLongestEntity).find(';');
      if (end != std::string_view::npos) {
        size = end + 1;
        code = CodeOf(text.substr(at, size));
      }
    }
    if (code == 0) {
      out += text[at++];
    } else {
      AppendUtf8(code, out);
      at += size;
    }
  }
  return out;
}

// Spaces of any width are written as one.
std::string OneSpace(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
    out += c;
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// In the form that `options` name; `text` where it is not UTF-8.
std::string Mapped(std::string_view text, int options) {
  utf8proc_uint8_t* result = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &result,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(
      result, &std::free);
  if (size < 0) return std::string(text);
  return std::string(reinterpret_cast<const char*>(result),
                     static_cast<size_t>(size));
}

constexpr int kComposed = UTF8PROC_COMPOSE;
constexpr int kFolding = UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;

std::vector<uint32_t> CodesOf(std::string_view text) {
  std::vector<uint32_t> codes;
  for (size_t at = 0; at < text.size();) {
    utf8proc_int32_t code = 0;
    const utf8proc_ssize_t size = utf8proc_iterate(
        reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at),
        static_cast<utf8proc_ssize_t>(text.size() - at), &code);
    codes.push_back(size < 0 ? 0xfffd : static_cast<uint32_t>(code));
    at += size < 0 ? 1 : static_cast<size_t>(size);
  }
  return codes;
}

struct Twin {
  uint32_t code;
  char latin;
};

// Sorted.
constexpr Twin kTwins[] = {
    // Greek
    {0x391, 'a'},
    {0x392, 'b'},
    {0x395, 'e'},
    {0x396, 'z'},
    {0x397, 'h'},
    {0x399, 'i'},
    {0x39a, 'k'},
    {0x39c, 'm'},
    {0x39d, 'n'},
    {0x39f, 'o'},
    {0x3a1, 'p'},
    {0x3a4, 't'},
    {0x3a5, 'y'},
    {0x3a7, 'x'},
    {0x3b1, 'a'},
    {0x3b3, 'y'},
    {0x3b9, 'i'},
    {0x3ba, 'k'},
    {0x3bd, 'v'},
    {0x3bf, 'o'},
    {0x3c1, 'p'},
    {0x3c3, 'o'},
    {0x3c4, 't'},
    {0x3c5, 'u'},
    {0x3c7, 'x'},
    // Cyrillic
    {0x405, 's'},
    {0x406, 'i'},
    {0x408, 'j'},
    {0x410, 'a'},
    {0x412, 'b'},
    {0x415, 'e'},
    {0x417, '3'},
    {0x41a, 'k'},
    {0x41c, 'm'},
    {0x41d, 'h'},
    {0x41e, 'o'},
    {0x420, 'p'},
    {0x421, 'c'},
    {0x422, 't'},
    {0x423, 'y'},
    {0x425, 'x'},
    {0x430, 'a'},
    {0x433, 'r'},
    {0x435, 'e'},
    {0x43e, 'o'},
    {0x43f, 'n'},
    {0x440, 'p'},
    {0x441, 'c'},
    {0x443, 'y'},
    {0x445, 'x'},
    {0x455, 's'},
    {0x456, 'i'},
    {0x458, 'j'},
    {0x4ae, 'y'},
    {0x4af, 'y'},
    {0x4ba, 'h'},
    {0x4bb, 'h'},
    {0x4c0, 'l'},
    {0x4cf, 'l'},
    {0x501, 'd'},
    {0x50c, 'g'},
    {0x51a, 'q'},
    {0x51b, 'q'},
    {0x51c, 'w'},
    {0x51d, 'w'},
    // Armenian
    {0x54f, 's'},
    {0x555, 'o'},
    {0x566, 'q'},
    {0x570, 'h'},
    {0x575, 'j'},
    {0x578, 'n'},
    {0x57d, 'u'},
    {0x581, 'g'},
    {0x584, 'f'},
    {0x585, 'o'},
    // Oriya, Malayalam, Myanmar: a circle
    {0xb20, 'o'},
    {0xd20, 'o'},
    {0x101d, 'o'},
    // Kana and Han: a slash, a stroke, a circle
    {0x30a8, 'i'},
    {0x30cb, '='},
    {0x30ce, '/'},
    {0x30ed, 'o'},
    {0x30fc, '-'},
    {0x4e00, '-'},
    {0x4e28, '|'},
    {0x4e36, '\''},
    {0x4e3f, '/'},
    {0x4e8c, '='},
    {0x53e3, 'o'},
    {0x5de5, 'i'}};

// Accents of which nobody says in a list which one it is: the one that is
// written instead.
uint32_t PlainAccent(uint32_t code) {
  switch (code) {
    case 0x306:  // breve: caron
      return 0x30c;
    case 0x311:  // inverted breve: circumflex
      return 0x302;
    case 0x326:  // comma below, ogonek: cedilla
    case 0x328:
      return 0x327;
    case 0x342:  // perispomeni: tilde
      return 0x303;
    default:
      return code;
  }
}

// An i without its dot, and what of a dot is lost on an i.
uint32_t Dotless(uint32_t code) {
  if (code == 0x131) return 'i';
  return code == 0x237 ? 'j' : code;
}

// Digits and signs such as # have a pictograph's form, too, and are none here.
bool IsEmoji(uint32_t code) {
  return code >= 0x203c &&
         utf8proc_get_property(static_cast<utf8proc_int32_t>(code))
                 ->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

bool IsSkinTone(uint32_t code) { return code >= 0x1f3fb && code <= 0x1f3ff; }

}  // namespace

std::string Decoded(std::string_view text) {
  std::string out(text);
  for (int i = 0; i < kMostDecodings; ++i) {
    if (out.find('&') == std::string::npos) break;
    std::string next = WithoutEntities(out);
    if (next == out) break;
    out = std::move(next);
  }
  if (!IsPlain(out)) out = Mapped(out, kComposed);
  return OneSpace(out);
}

std::string Folded(std::string_view text) {
  std::string out = Decoded(text);
  if (!IsPlain(out)) return OneSpace(Mapped(out, kComposed | kFolding));
  // Unicode's rules come to the same for these.
  absl::AsciiStrToLower(&out);
  return out;
}

bool IsFolded(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ') return false;
  char before = 'x';
  for (const char c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (c < ' ' || c > '~' || c == '&' || upper ||
        (c == ' ' && before == ' ')) {
      return false;
    }
    before = c;
  }
  return true;
}

bool SameDecoded(std::string_view a, std::string_view b) {
  return a == b || Decoded(a) == Decoded(b);
}

bool SameFolded(std::string_view a, std::string_view b) {
  return a == b || Folded(a) == Folded(b);
}

std::string Decomposed(std::string_view text) {
  return Mapped(text, UTF8PROC_DECOMPOSE);
}

// By way of the capitals: a letter's twin is that of its own form, so twins
// come before the case goes.
std::string Likeness(std::string_view text) {
  const std::string decoded = Decoded(text);
  if (IsPlain(decoded)) return Folded(decoded);
  std::string out;
  uint32_t before = 0;
  for (const uint32_t code : CodesOf(Mapped(
           decoded, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_IGNORE))) {
    const char twin = LatinTwin(code);
    const uint32_t plain = twin != 0 ? static_cast<unsigned char>(twin)
                                     : Dotless(PlainAccent(code));
    const bool lost_dot = plain == 0x307 && (before == 'i' || before == 'j');
    if (!lost_dot) AppendUtf8(plain, out);
    before = plain;
  }
  return Folded(out);
}

char LatinTwin(uint32_t code) {
  const auto* const found = std::lower_bound(
      std::begin(kTwins), std::end(kTwins), code,
      [](const Twin& twin, uint32_t value) { return twin.code < value; });
  return found != std::end(kTwins) && found->code == code ? found->latin : 0;
}

// A joiner shows nothing itself. Between two pictographs nobody can take what
// it makes of them for another name: without it they are the same one, by
// Folded().
std::string WithoutJoiners(std::string_view text) {
  constexpr uint32_t kJoiner = 0x200d, kAsPicture = 0xfe0f;
  const std::vector<uint32_t> codes = CodesOf(text);
  std::string out;
  bool after_emoji = false;
  for (size_t i = 0; i < codes.size(); ++i) {
    const bool joins = codes[i] == kJoiner && after_emoji &&
                       i + 1 < codes.size() && IsEmoji(codes[i + 1]);
    if (joins || (codes[i] == kAsPicture && after_emoji)) continue;
    AppendUtf8(codes[i], out);
    after_emoji = IsEmoji(codes[i]) || (after_emoji && IsSkinTone(codes[i]));
  }
  return out;
}

}  // namespace patform
