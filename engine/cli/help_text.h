#pragma once

#include <string>

namespace patform::cli {

// `help`, as the parser of the command line writes it, with the lines that are
// wider than a terminal of 80 columns broken at blanks. What follows stands
// where the line's text began: behind the flags, or below its first word.
std::string Wrapped(const std::string& help);

}  // namespace patform::cli
