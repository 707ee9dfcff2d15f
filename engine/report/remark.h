#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/inquiry/status.h"

// What a status has to say of a token beyond its row: in every output alike.
// Pure.
namespace patform {

struct Remark {
  enum class About { kGeneration, kPlace, kShorterLife, kUndecided };

  About about = About::kGeneration;
  // A sentence whose subject, the token's address, is left out: "generation 2
  // (a001d001) is an orphan. …", "main:ci holds nothing yet.". Fit to be shown,
  // with text from outside made visible (strings.h).
  std::string text;
};

// What a place holds, to be said behind its address: "holds generation 2". Fit
// to be shown.
std::string HoldsText(const PlaceStatus& place);

std::vector<Remark> RemarksOn(const TokenStatus& token, absl::Time as_of);

}  // namespace patform
