#include "engine/base/waiting.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"

namespace patform {

// Never "in 0s".
std::string Waiting::ToString() const {
  const std::string left = FormatSpan(
      std::max(absl::Ceil(span, absl::Seconds(1)), absl::Seconds(1)));
  if (attempt == 0) {
    return absl::StrCat(Visible(why), "; going on in ", left);
  }
  return absl::StrCat(Visible(why), "; trying again in ", left, " (try ",
                      attempt, " of ", attempts, ")");
}

}  // namespace patform
