#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"

namespace patform {

// A program to run: no shell reads any of it.
struct ProgramCall {
  std::vector<std::string> words;  // the first is looked for in PATH
  // Given to it on its standard input, which is closed after that; null:
  // nothing. The one way in which a program gets a secret.
  const Secret* input = nullptr;
  std::vector<std::string> variables;  // NAME=value, beside its environment
  int64_t max_output = 1 << 20;        // bytes, of each of both outputs
};

struct ProgramResult {
  int exit_code = 0;   // 128 + N where signal N ended it
  Secret out;          // may be one
  std::string errors;  // what it wrote to its standard error
};

// Port: running programs. The environment that they get is this process's
// without PATFORM_*. Safe from several threads.
class Programs {
 public:
  virtual ~Programs() = default;
  // Until it has ended; at `deadline`, or when the user interrupts, it is ended
  // with everything that it has started. A program that fails is a result.
  // kNotFound: there is no such program. kPermissionDenied: it cannot be run.
  // kDeadlineExceeded, kCancelled. kResourceExhausted: more output than
  // allowed.
  virtual absl::StatusOr<ProgramResult> Run(const ProgramCall& call,
                                            Deadline deadline) = 0;
  // Starts it and lets it go: it lives on without this process, is given
  // nothing and nothing of it is read. kNotFound, kPermissionDenied.
  virtual absl::Status Leave(const ProgramCall& call) {
    return absl::UnimplementedError(call.words.empty() ? ""
                                                       : call.words.front());
  }
};

}  // namespace patform
