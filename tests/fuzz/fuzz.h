#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/strings.h"

// What every fuzz target uses. A target states properties with FUZZ_CHECK;
// one that does not hold ends the process, which libFuzzer reports together
// with the input. A seed is a text file; where a target takes several texts
// they are parted by lines of four dashes.
namespace patform::fuzz {

[[noreturn]] inline void Broken(const char* property, const char* file,
                                int line, std::string_view detail) {
  std::fprintf(stderr, "%s:%d: broken: %s\n%s\n", file, line, property,
               Visible(detail).c_str());
  std::abort();
}

// At most `most` texts; the last one keeps what separators it has. Texts that
// are not there are empty.
inline std::vector<std::string> Parts(std::string_view input, size_t most) {
  constexpr std::string_view kSeparator = "\n----\n";
  std::vector<std::string> parts;
  while (parts.size() + 1 < most) {
    const size_t at = input.find(kSeparator);
    if (at == std::string_view::npos) break;
    parts.emplace_back(input.substr(0, at));
    input.remove_prefix(at + kSeparator.size());
  }
  parts.emplace_back(input);
  parts.resize(most);
  return parts;
}

// Is each line of `text` fit for a terminal: UTF-8 that Visible() would not
// change?
inline bool FitForTerminal(std::string_view text) {
  while (true) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    // How a word is drawn depends on what stands beside it, and what is quoted
    // was drawn by itself: of what is not ASCII only the invisible is looked
    // for. A dot is part of no command.
    std::string ascii;
    for (char c : line) ascii += static_cast<unsigned char>(c) < 0x80 ? c : '.';
    if (!IsValidUtf8(line) || HoldsInvisible(line) || Visible(ascii) != ascii) {
      return false;
    }
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

// For what is sent and never shown: "::" at its start is nothing bad there.
inline bool OneLineOfAscii(std::string_view text) {
  for (char c : text) {
    if (c <= ' ' || c > '~') return false;
  }
  return true;
}

}  // namespace patform::fuzz

// `detail` is printed when `property` does not hold.
#define FUZZ_CHECK(property, detail)                                    \
  do {                                                                  \
    if (!(property)) {                                                  \
      ::patform::fuzz::Broken(#property, __FILE__, __LINE__, (detail)); \
    }                                                                   \
  } while (false)

// FUZZ_TARGET(std::string_view input) { … }: the body of a target.
#define FUZZ_TARGET(parameter)                                           \
  static void Fuzz(parameter);                                           \
  extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t n) { \
    Fuzz(std::string_view(reinterpret_cast<const char*>(data), n));      \
    return 0;                                                            \
  }                                                                      \
  static void Fuzz(parameter)
