#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

// The words of an enum, in one table that is read both ways: what is printed,
// and what a file or a flag may contain. A header with an enum E has
//
//     inline constexpr WordFor<E> kEWords[] = {{E::kOne, "one"}, …};
//     constexpr auto& WordsOf(E) { return kEWords; }
//     static_assert(AllInOrder(kEWords, E::kLast));
//
// with a row for each value, in the enum's order. A row that has more to tell
// of its value than one word is a struct of its own with these two members.
namespace patform {

template <typename E>
struct WordFor {
  E value;
  const char* word;
};

// Is there one row for each value up to `last`, in order? A value that somebody
// adds does not compile before it has a word.
template <typename Row, typename E, size_t N>
constexpr bool AllInOrder(const Row (&table)[N], E last) {
  if (N != static_cast<size_t>(last) + 1) return false;
  for (size_t i = 0; i < N; ++i) {
    if (static_cast<size_t>(table[i].value) != i) return false;
  }
  return true;
}

template <typename E>
constexpr const char* Word(E value) {
  return WordsOf(value)[static_cast<size_t>(value)].word;
}

// nullopt: not one of its words.
template <typename E>
constexpr std::optional<E> FindWord(std::string_view word) {
  for (const auto& row : WordsOf(E{})) {
    if (word == row.word) return row.value;
  }
  return std::nullopt;
}

}  // namespace patform
