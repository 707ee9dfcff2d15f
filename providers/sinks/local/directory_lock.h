#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "providers/sinks/local/directory.h"

namespace patform::sinks {

// The right to replace files in one directory. Runs of patform exclude each
// other by a lock that the kernel keeps and that dies with its process. Within
// one run the threads share it, so that their waits for the disk overlap:
// writers of different files may be at work together. Given back with the
// object.
class DirectoryLock {
 public:
  enum class With {
    kNobody,      // nobody else writes in the directory
    kOtherFiles,  // nobody else writes the file of that name
  };

  // Blocks. kDeadlineExceeded when others hold it to the end.
  static absl::StatusOr<DirectoryLock> Take(const Directory& directory,
                                            const std::string& name, With with,
                                            Deadline deadline);
  DirectoryLock(DirectoryLock&& other) noexcept = default;
  DirectoryLock& operator=(DirectoryLock&&) = delete;
  ~DirectoryLock();

 private:
  struct State;
  DirectoryLock(std::shared_ptr<State> state, std::string name);
  static std::shared_ptr<State> StateOf(const Directory& directory);

  std::shared_ptr<State> state_;  // null: moved from
  std::string name_;
};

}  // namespace patform::sinks
