#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"

namespace patform::entra {

// Port: files of this user that nobody else may read, in a folder of patform's
// own. Safe from several threads.
class StateFiles {
 public:
  virtual ~StateFiles() = default;
  // nullopt: there is none. kFailedPrecondition: it, or the folder, is such
  // that somebody else could have read it or put it there.
  virtual absl::StatusOr<std::optional<Secret>> Read(
      const std::string& name) = 0;
  // Whole or not at all, and on disk when this returns.
  virtual absl::Status Replace(const std::string& name, const Secret& content,
                               Deadline deadline) = 0;
  // kNotFound: there was none.
  virtual absl::Status Remove(const std::string& name) = 0;
  // The right to change `name`, among all runs of patform on this machine;
  // given back with the object, or when this process ends. kDeadlineExceeded,
  // kCancelled.
  virtual absl::StatusOr<std::shared_ptr<void>> Lock(const std::string& name,
                                                     Deadline deadline) = 0;
  // Where it is, for people.
  virtual absl::StatusOr<std::string> PathOf(const std::string& name) = 0;
};

}  // namespace patform::entra
