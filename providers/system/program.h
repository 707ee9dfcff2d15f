#pragma once

#include <functional>
#include <string>

#include "engine/ports/programs.h"

namespace patform::system {

// Programs of this machine. Each gets a session of its own, so that no terminal
// can be asked for anything and all that it starts ends with it; the standard
// streams and no other descriptor; no core dump. Beside PATFORM_* it does not
// get variables that repeat a secret of theirs. `interrupted` is asked every
// 50 ms, on the calling thread.
class SystemPrograms : public Programs {
 public:
  explicit SystemPrograms(std::function<bool()> interrupted);
  absl::StatusOr<ProgramResult> Run(const ProgramCall& call,
                                    Deadline deadline) override;
  absl::Status Leave(const ProgramCall& call) override;

 private:
  const std::function<bool()> interrupted_;
};

// The file that `word` means: itself with a slash in it, else what the absolute
// entries of `path` (as in PATH) have of that name. An empty or relative entry
// would run what lies in the folder of the configuration. kNotFound.
// kPermissionDenied: there is one, and nobody may run it.
absl::StatusOr<std::string> FindProgram(const std::string& word,
                                        const std::string& path);

}  // namespace patform::system
