#pragma once

#include <string>
#include <vector>

#include "engine/cli/exit_code.h"
#include "engine/ports/ports.h"

namespace patform::cli {

// The whole program but its ports. `arguments` without the program's name.
ExitCode Main(const std::vector<std::string>& arguments, Ports& ports);

}  // namespace patform::cli
