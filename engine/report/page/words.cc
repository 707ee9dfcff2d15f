#include "engine/report/page/words.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"

namespace patform {

// The largest unit says enough: the exact date stands beside it.
std::string RoughSpan(absl::Time at, absl::Time now) {
  const bool ago = at < now;
  std::string span = FormatSpan(ago ? now - at : at - now);
  span = span.substr(0, span.find(' '));
  return ago ? absl::StrCat(span, " ago") : absl::StrCat("in ", span);
}

// Scripts compare numbers; one that never ends is later than all others.
std::string UnixSeconds(absl::Time time) {
  return time == absl::InfiniteFuture()
             ? "9999999999"
             : absl::StrCat(absl::ToUnixSeconds(time));
}

std::string Capitalized(std::string text) {
  if (!text.empty()) {
    text[0] = absl::ascii_toupper(static_cast<unsigned char>(text[0]));
  }
  return text;
}

}  // namespace patform
