#pragma once

#include <string>

#include "absl/time/time.h"

// Small words that several parts of a page need. Pure.
namespace patform {

// "in 11d", "2h ago": the larger unit alone, beside a date that has the rest.
std::string RoughSpan(absl::Time at, absl::Time now);

// For the script, which compares nothing but numbers; what never comes is far
// beyond any date.
std::string UnixSeconds(absl::Time time);

// "Set a later …": of a sentence that begins in the middle of another one.
std::string Capitalized(std::string text);

}  // namespace patform
