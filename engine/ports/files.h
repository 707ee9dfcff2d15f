#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace patform {

// Port: reading the file system. Writing secrets is a sink's work, not this.
class Files {
 public:
  enum class Kind { kMissing, kFile, kDirectory, kOther };

  virtual ~Files() = default;
  // Never fails: what cannot be looked at counts as kMissing.
  virtual Kind Stat(const std::string& path) = 0;
  // The whole file. kNotFound, kPermissionDenied, kInvalidArgument for a
  // directory or device, kResourceExhausted for more than `max_bytes`.
  virtual absl::StatusOr<std::string> Read(const std::string& path,
                                           int64_t max_bytes) = 0;
  // The same of a file that is, links resolved, below `directory`, links of
  // that one resolved, too; kOutOfRange if it is not, and then nothing of it
  // was read. What was checked is the very file that is read.
  virtual absl::StatusOr<std::string> ReadInside(const std::string& directory,
                                                 const std::string& path,
                                                 int64_t max_bytes) = 0;
  // Names in a directory, sorted bytewise, without . and ...
  virtual absl::StatusOr<std::vector<std::string>> List(
      const std::string& directory) = 0;
  // The path with symbolic links resolved. kNotFound.
  virtual absl::StatusOr<std::string> Canonical(const std::string& path) = 0;
  // Creates `path` (mode 0644) with `text`; kAlreadyExists, never replaces.
  virtual absl::Status CreateNew(const std::string& path,
                                 const std::string& text) = 0;
  // Puts `text` at `path` (mode 0600), whole or not at all, over what may be
  // there; it is on disk when this returns.
  virtual absl::Status Replace(const std::string& path,
                               const std::string& text) = 0;
  // The same for what other users read, too: mode 0644.
  virtual absl::Status Publish(const std::string& path,
                               const std::string& text) = 0;
  // Whether those two could write there now, found out by making a file beside
  // `path` and removing it.
  virtual absl::Status CheckReplace(const std::string& path) = 0;
};

}  // namespace patform
