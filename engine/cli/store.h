#pragma once

#include <string>

#include "absl/status/status.h"
#include "engine/cli/arguments.h"
#include "engine/cli/command.h"

// What a word means: from the text of a value to the member of Arguments that a
// flag names.
namespace patform::cli {

// Puts `value` where the flag wants it. The error says what the flag takes;
// `name` is what it calls the flag: by its own name, or its variable's.
absl::Status Store(const Flag& flag, const std::string& name,
                   const std::string& value, Arguments& arguments);

// Is there something in a text or a list? Other targets cannot be asked.
bool IsGiven(const Target& target, const Arguments& arguments);

}  // namespace patform::cli
