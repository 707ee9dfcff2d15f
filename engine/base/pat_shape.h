#pragma once

#include <string_view>

namespace patform {

// The shorter one of the two forms of a personal access token.
inline constexpr size_t kShortestPat = 52;

// Has `text` the form of a personal access token: 84 letters and digits with
// AZDO at 76, or 52 of base32?
bool IsPatShaped(std::string_view text);

}  // namespace patform
