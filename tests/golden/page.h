#pragma once

#include <string>

#include "absl/strings/str_replace.h"
#include "engine/report/page/page.h"

namespace patform {

// A page without our style and script, whose bytes prove nothing in a golden
// file, and without their hashes.
inline std::string WithoutAssets(const std::string& page) {
  return absl::StrReplaceAll(
      page,
      {{PageStyle(), ""}, {PageScript(), ""}, {PagePolicy(), "(policy)"}});
}

}  // namespace patform
