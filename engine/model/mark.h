#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patform {

// What patform writes behind the human name of every token it mints:
//
//     ci-packaging ~pf:platform#3.k7wq2m5tzr4xh1nd
//
// The service offers no description field, no idempotency key and unique
// names for nothing; the display name is the one place that is chosen before
// the POST and readable from any machine afterwards. So it is the write-ahead
// log (which generation was being made) and the proof of ownership. A copied
// name does not make a stranger ours: see token_view.h.
struct Mark {
  std::string workspace;
  int64_t generation = 0;  // from 1
  std::string nonce;       // kNonceLength characters of a-z0-9

  friend bool operator==(const Mark&, const Mark&) = default;
};

inline constexpr int kNonceLength = 16;
// The service's limit for a display name, in characters.
inline constexpr int kMaxDisplayName = 256;
inline constexpr int kMaxWorkspace = 63;
inline constexpr int kMaxGenerationDigits = 18;
// Longest human name: the longest mark still fits behind it, with its " ~pf:",
// # and dot.
inline constexpr int kMaxTokenName = kMaxDisplayName - 5 - kMaxWorkspace - 1 -
                                     kMaxGenerationDigits - 1 - kNonceLength;

// A display name taken apart. The views live as long as the name.
struct MarkedName {
  std::string_view name;  // the human name
  std::string_view workspace;
  int64_t generation = 0;
  std::string_view nonce;
};

std::string DisplayName(std::string_view name, const Mark& mark);

// nullopt: the name does not end in a well-formed mark.
std::optional<MarkedName> ParseDisplayName(std::string_view display_name);

// The name in front of the mark; all of it where there is none. Lives as long
// as `display_name`.
std::string_view HumanName(std::string_view display_name);

}  // namespace patform
