#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Texts that differ and that people, or a service that stores them, take for
// the same. By Unicode's own data, which utf8proc has. Pure.
namespace patform {

// `text` with its encoding undone and in Unicode's composed form: entities of
// HTML as the characters that they are, no space at either end, one space for
// several. What is not UTF-8 stays as it is.
std::string Decoded(std::string_view text);

// Do two names differ by their encoding at most?
bool SameDecoded(std::string_view a, std::string_view b);

// Decoded(), and what differs only by case, by a compatibility form (full
// width, ligatures) or by characters that show nothing becomes the same, too.
std::string Folded(std::string_view text);

// Is Folded() the same as `text`? A quick answer for most names; it may be
// false where they are.
bool IsFolded(std::string_view text);

// Do two names differ by no more than that?
bool SameFolded(std::string_view a, std::string_view b);

// Folded(), and what looks alike becomes the same: letters of other scripts
// that look like a Latin one, accents that are easily taken for one another.
std::string Likeness(std::string_view text);

// `text` in Unicode's decomposed form.
std::string Decomposed(std::string_view text);

// What Latin letter, digit or sign does this letter of another script look like
// in usual fonts? 0: none.
char LatinTwin(uint32_t code);

// `text` without what makes one pictograph of several: U+200D between two of
// them, and U+FE0F behind one. Those are in the names of people and teams.
std::string WithoutJoiners(std::string_view text);

}  // namespace patform
