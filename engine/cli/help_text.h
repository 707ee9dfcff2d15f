#pragma once

#include <string>

#include "engine/cli/command.h"

namespace patform::cli {

// What `patform --help` prints: lines of at most 80 columns.
std::string HelpText();

// What `patform COMMAND --help` prints.
std::string HelpText(const Command& command);

}  // namespace patform::cli
