#pragma once

#include <string>

#include "engine/diff/decide.h"
#include "engine/diff/token_view.h"

namespace patform {

// Why nothing may be decided about this token, for people: the first of its
// places that could not be read, or that holds what is not ours to overwrite.
// "" when all of them may be used.
std::string FirstObstacle(const DecideInput& in, const TokenView& view);

}  // namespace patform
