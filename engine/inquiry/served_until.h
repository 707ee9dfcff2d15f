#pragma once

#include <optional>

#include "absl/time/time.h"
#include "engine/inquiry/status.h"

namespace patform {

// When what a token's consumers have ends, or ended; where several generations
// are in use, the first of them. nullopt: they have nothing, or it is gone, or
// it has no end. What was replaced, and ends on purpose, does not count. Pure.
std::optional<absl::Time> ServedUntil(const TokenStatus& token);

}  // namespace patform
