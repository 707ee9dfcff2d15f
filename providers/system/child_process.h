#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/ports/programs.h"

namespace patform::system {

// Starts such a file, with nothing on any of its standard streams, in a session
// of its own, and forgets it. Errors: ChildProcess::Start.
absl::Status StartAndLeave(const std::string& path, const ProgramCall& call,
                           const std::vector<std::string>& environment);

// One program that runs, and the pipes to it. Its destructor ends what is left
// of it and leaves no zombie. For one thread.
class ChildProcess {
 public:
  ChildProcess() = default;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  // Starts the file `path` with `call.words` and `environment` (NAME=value).
  // kNotFound, kPermissionDenied, kResourceExhausted.
  absl::Status Start(const std::string& path, const ProgramCall& call,
                     const std::vector<std::string>& environment);
  // Writes the input and reads both outputs until the program has ended. An
  // error, as Programs::Run has them: it has been ended.
  absl::StatusOr<ProgramResult> Finish(
      const ProgramCall& call, Deadline deadline,
      const std::function<bool()>& interrupted);

 private:
  class Pipe {
   public:
    Pipe() = default;
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe();
    // Both ends close in whatever is started; ours does not block.
    absl::Status Open(bool we_write);
    void CloseOurs();
    void CloseTheirs();
    int ours = -1, theirs = -1;
  };

  bool HasEnded();
  void Wait(Deadline until);
  void Write(std::string_view& left);
  absl::Status ReadAll(int64_t most, ProgramResult& result);
  void Kill();

  pid_t pid_ = 0;      // 0: none, or it was waited for
  int pid_file_ = -1;  // becomes readable when it ends; -1: not on this kernel
  int wait_status_ = 0;  // of wait()
  Pipe in_, out_, err_;
};

}  // namespace patform::system
