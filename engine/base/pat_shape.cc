#include "engine/base/pat_shape.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace patform {

bool IsPatShaped(std::string_view text) {
  if (text.size() == 84 && text.substr(76, 4) == "AZDO") {
    return std::all_of(text.begin(), text.end(), [](char c) {
      return absl::ascii_isalnum(static_cast<unsigned char>(c));
    });
  }
  return text.size() == kShortestPat &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
         });
}

}  // namespace patform
