#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patform::cli {

// A command or a flag of Terraform, kubectl or gh that patform does not have,
// and what does the job here: "`patform status` lists what exists".
struct Hint {
  const char* word;
  const char* hint;
};

const std::vector<Hint>& Hints();

// Null: nobody is known to type this.
const char* HintFor(std::string_view word);

}  // namespace patform::cli
