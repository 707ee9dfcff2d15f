#pragma once

#include <cstdint>
#include <vector>

// Which characters a reader can distinguish, and see at all. Pure.
//
// The rule is a list of what stays as it is, not of what does not: Unicode
// grows. Everything else is spelled, \u{3164}: controls, format characters,
// fillers, variation selectors, tags, private use, what is not assigned;
// every space but U+0020; digits other than 0 to 9; compatibility forms
// (fullwidth, mathematical, circled); what is canonically the same as another
// character; scripts from right to left, which would change the order of what
// is beside them; historic and technical scripts; the punctuation that
// looks like ASCII's.
namespace patform {

// The script of a character that may stay. Letters of one script may be
// neighbours; kCommon is what belongs to all.
enum class Script : uint8_t {
  kSpelled,
  kCommon,
  kLatin,
  kGreek,
  kCyrillic,
  kArmenian,
  kGeorgian,
  kSinhala,
  kThai,
  kLao,
  kTibetan,
  kMyanmar,
  kEthiopic,
  kKhmer,
  kCjk,    // Han, Kana, Bopomofo, Hangul: written beside each other
  kIndic,  // and the next ones: a block of 128 each, from U+0900 on
};

// For each code point of a text: must it be spelled? Beside what is so by
// itself these are
//   - in a word (a run of letters) of several scripts, all that is not ASCII;
//   - a word of another script all of whose letters look like Latin ones;
//   - a combining mark that does not follow a letter of its own script, or
//     more than three in a row.
// Text that is shown once stays as it is when it is shown again.
std::vector<bool> Spelled(const std::vector<uint32_t>& text);

}  // namespace patform
