#pragma once

#include <string_view>

namespace patform {

// Can a file set an environment variable of that name for whoever reads it, a
// shell included? Letters, digits and _, not first a digit, at most 255 bytes,
// and none that a shell keeps for itself.
bool IsSettableVariable(std::string_view name);

}  // namespace patform
