#include "engine/base/readable.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

#include "engine/base/likeness.h"

namespace patform {
namespace {

// Vietnamese has two, Indian scripts three.
constexpr int kMarksInARow = 3;
constexpr bool kMark = true;

// Neighbouring code points of one kind, both ends included; sorted, without
// overlaps.
struct Range {
  uint32_t first;
  uint32_t last;
  Script script;
  bool mark = false;  // it combines with the letter before it
};

// Made from the names, categories and decompositions of Unicode 14: letters
// that neither have a compatibility form nor are the same as another one, of
// the scripts that Unicode (UAX 31, table 5) recommends for identifiers, those
// from right to left left out; a few signs; emoji. Of Latin what is ASCII with
// an accent, and the letters of living languages that nobody takes for another
// one. Not assigned but in the middle of a block: an empty box is visible.
constexpr Range kRanges[] = {{0xa1, 0xa3, Script::kCommon},
                             {0xa5, 0xa5, Script::kCommon},
                             {0xa7, 0xa7, Script::kCommon},
                             {0xa9, 0xa9, Script::kCommon},
                             {0xab, 0xab, Script::kCommon},
                             {0xae, 0xae, Script::kCommon},
                             {0xb0, 0xb1, Script::kCommon},
                             {0xbb, 0xbb, Script::kCommon},
                             {0xbf, 0xbf, Script::kCommon},
                             {0xc0, 0xd6, Script::kLatin},
                             {0xd8, 0xf6, Script::kLatin},
                             {0xf8, 0x130, Script::kLatin},
                             {0x134, 0x137, Script::kLatin},
                             {0x139, 0x13e, Script::kLatin},
                             {0x141, 0x148, Script::kLatin},
                             {0x14a, 0x17e, Script::kLatin},
                             {0x18f, 0x18f, Script::kLatin},
                             {0x1a0, 0x1a1, Script::kLatin},
                             {0x1af, 0x1b0, Script::kLatin},
                             {0x1cd, 0x1dc, Script::kLatin},
                             {0x1de, 0x1e1, Script::kLatin},
                             {0x1e6, 0x1ed, Script::kLatin},
                             {0x1f0, 0x1f0, Script::kLatin},
                             {0x1f4, 0x1f5, Script::kLatin},
                             {0x1f8, 0x1fb, Script::kLatin},
                             {0x200, 0x21b, Script::kLatin},
                             {0x21e, 0x21f, Script::kLatin},
                             {0x226, 0x233, Script::kLatin},
                             {0x259, 0x259, Script::kLatin},
                             {0x386, 0x386, Script::kGreek},
                             {0x388, 0x38a, Script::kGreek},
                             {0x38c, 0x38c, Script::kGreek},
                             {0x38e, 0x3a1, Script::kGreek},
                             {0x3a3, 0x3ce, Script::kGreek},
                             {0x400, 0x45f, Script::kCyrillic},
                             {0x48a, 0x527, Script::kCyrillic},
                             {0x531, 0x556, Script::kArmenian},
                             {0x561, 0x586, Script::kArmenian},
                             {0xd81, 0xd83, Script::kSinhala, kMark},
                             {0xd85, 0xdc6, Script::kSinhala},
                             {0xdca, 0xddf, Script::kSinhala, kMark},
                             {0xe01, 0xe30, Script::kThai},
                             {0xe31, 0xe31, Script::kThai, kMark},
                             {0xe32, 0xe32, Script::kThai},
                             {0xe34, 0xe3a, Script::kThai, kMark},
                             {0xe40, 0xe46, Script::kThai},
                             {0xe47, 0xe4e, Script::kThai, kMark},
                             {0xe81, 0xeb0, Script::kLao},
                             {0xeb1, 0xeb1, Script::kLao, kMark},
                             {0xeb2, 0xeb2, Script::kLao},
                             {0xeb4, 0xebc, Script::kLao, kMark},
                             {0xec0, 0xec4, Script::kLao},
                             {0xec8, 0xecd, Script::kLao, kMark},
                             {0xf40, 0xf42, Script::kTibetan},
                             {0xf44, 0xf4c, Script::kTibetan},
                             {0xf4e, 0xf6c, Script::kTibetan},
                             {0xf71, 0xf72, Script::kTibetan, kMark},
                             {0xf74, 0xf74, Script::kTibetan, kMark},
                             {0xf7a, 0xf80, Script::kTibetan, kMark},
                             {0x1000, 0x102a, Script::kMyanmar},
                             {0x102b, 0x103e, Script::kMyanmar, kMark},
                             {0x10d0, 0x10fa, Script::kGeorgian},
                             {0x1200, 0x135a, Script::kEthiopic},
                             {0x1780, 0x17b3, Script::kKhmer},
                             {0x17b6, 0x17d3, Script::kKhmer, kMark},
                             {0x1e00, 0x1e99, Script::kLatin},
                             {0x1e9e, 0x1e9e, Script::kLatin},
                             {0x1ea0, 0x1ef9, Script::kLatin},
                             {0x2014, 0x2014, Script::kCommon},
                             {0x2026, 0x2026, Script::kCommon},
                             {0x20ac, 0x20ac, Script::kCommon},
                             {0x2190, 0x21ff, Script::kCommon},
                             {0x231a, 0x231b, Script::kCommon},
                             {0x23e9, 0x23fa, Script::kCommon},
                             {0x25a0, 0x25ff, Script::kCommon},
                             {0x2600, 0x266e, Script::kCommon},
                             {0x2670, 0x26ff, Script::kCommon},
                             {0x2701, 0x2757, Script::kCommon},
                             {0x2794, 0x27bf, Script::kCommon},
                             {0x2b05, 0x2b55, Script::kCommon},
                             {0x3001, 0x3002, Script::kCommon},
                             {0x3008, 0x3011, Script::kCommon},
                             {0x3041, 0x3096, Script::kCjk},
                             {0x30a1, 0x30fa, Script::kCjk},
                             {0x30fb, 0x30fb, Script::kCommon},
                             {0x30fc, 0x30fc, Script::kCjk},
                             {0x3105, 0x312f, Script::kCjk},
                             {0x3400, 0x4dbf, Script::kCjk},
                             {0x4e00, 0x9ffc, Script::kCjk},
                             {0xac00, 0xd7a3, Script::kCjk},
                             {0xfffd, 0xfffd, Script::kCommon},
                             {0x1f300, 0x1f9ff, Script::kCommon},
                             {0x1fa70, 0x1faff, Script::kCommon},
                             {0x20000, 0x2a6dd, Script::kCjk}};

// The Indian blocks are laid out alike: U+0900 + 128 n + offset. Of the rest of
// each block the digits look like others, and some letters are the same as two.
Range Indic(uint32_t code) {
  const uint32_t offset = code & 0x7f;
  const auto within = [offset](uint32_t a, uint32_t b) {
    return offset >= a && offset <= b;
  };
  const auto script = static_cast<Script>(
      static_cast<uint32_t>(Script::kIndic) + ((code - 0x900) >> 7));
  const bool exact_copy = code == 0x929 || code == 0x931 || code == 0x934 ||
                          code == 0xa33 || code == 0xa36 || code == 0xb94;
  if ((within(0x04, 0x39) && !exact_copy) || offset == 0x3d) {
    return {code, code, script};
  }
  if (within(0x00, 0x03) || offset == 0x3c || within(0x3e, 0x4d) ||
      within(0x62, 0x63)) {
    return {code, code, script, kMark};
  }
  return {code, code, Script::kSpelled};
}

bool IsAscii(uint32_t code) { return code < 0x80; }

// The range that a code point is in. Searched in the table only for what is
// neither ASCII nor Indian.
Range Find(uint32_t code) {
  if (IsAscii(code)) {
    // Turns capitals into small letters, and only those.
    const uint32_t lower = code | 0x20;
    const bool letter = lower >= 'a' && lower <= 'z';
    const bool shown = code >= 0x20 && code != 0x7f;
    return {code, code,
            letter  ? Script::kLatin
            : shown ? Script::kCommon
                    : Script::kSpelled};
  }
  if (code >= 0x900 && code < 0xd80) return Indic(code);
  // The range behind the one that may have it.
  const auto* const after = std::upper_bound(
      std::begin(kRanges), std::end(kRanges), code,
      [](uint32_t value, const Range& range) { return value < range.first; });
  if (after != std::begin(kRanges) && code <= std::prev(after)->last) {
    return *std::prev(after);
  }
  return {code, code, Script::kSpelled};
}

// A run of letters and their marks, from `begin` to before `end`.
void JudgeWord(const std::vector<uint32_t>& text,
               const std::vector<Range>& ranges, size_t begin, size_t end,
               std::vector<bool>& spelled) {
  // `mixed`: of two scripts. `alike`: all letters look like Latin ones, as in a
  // whole word of Cyrillic that reads "expose".
  bool mixed = false, alike = true;
  for (size_t i = begin; i < end; ++i) {
    mixed = mixed || ranges[i].script != ranges[begin].script;
    alike = alike && LatinTwin(text[i]) != 0;
  }
  if (!mixed && !alike) return;
  // What is ASCII stays: it is what the rest pretends to be.
  for (size_t i = begin; i < end; ++i) {
    if (!IsAscii(text[i])) spelled[i] = true;
  }
}

// After the words: a mark on a letter that gets spelled has lost its letter.
void JudgeMarks(const std::vector<Range>& ranges, std::vector<bool>& spelled) {
  int in_a_row = 0;
  for (size_t i = 0; i < ranges.size(); ++i) {
    if (!ranges[i].mark) {
      in_a_row = 0;
      continue;
    }
    // A mark belongs to a letter of its own script; anywhere else it would be
    // drawn onto a stranger's.
    if (i == 0 || spelled[i - 1] || ranges[i - 1].script != ranges[i].script ||
        ++in_a_row > kMarksInARow) {
      spelled[i] = true;
    }
  }
}

}  // namespace

// By positions, so that both rules can look at neighbours.
std::vector<bool> Spelled(const std::vector<uint32_t>& text) {
  std::vector<Range> ranges;
  ranges.reserve(text.size());
  std::vector<bool> spelled(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    ranges.push_back(Find(text[i]));
    spelled[i] = ranges[i].script == Script::kSpelled;
  }
  // Letters and marks of any script, but not what belongs to all of them.
  const auto in_word = [&](size_t i) {
    return i < text.size() && ranges[i].script > Script::kCommon;
  };
  for (size_t begin = 0; begin < text.size(); ++begin) {
    if (!in_word(begin)) continue;
    size_t end = begin;
    while (in_word(end)) ++end;
    JudgeWord(text, ranges, begin, end, spelled);
    begin = end;
  }
  JudgeMarks(ranges, spelled);
  return spelled;
}

}  // namespace patform
