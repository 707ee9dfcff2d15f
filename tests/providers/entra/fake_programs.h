#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "engine/ports/programs.h"

namespace patform::entra {

// Answers every call the same, and remembers what was run.
class FakePrograms : public Programs {
 public:
  absl::StatusOr<ProgramResult> Run(const ProgramCall& call,
                                    Deadline) override {
    ran.push_back(absl::StrJoin(call.words, " "));
    if (!status.ok()) return status;
    ProgramResult result;
    result.exit_code = exit_code;
    result.out = Secret(out);
    result.errors = errors;
    return result;
  }

  absl::Status status;
  int exit_code = 0;
  std::string out, errors;
  std::vector<std::string> ran;
};

}  // namespace patform::entra
