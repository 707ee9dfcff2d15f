#pragma once

#include <string>
#include <vector>

#include "engine/base/files.h"

namespace patform::system {

// The machine's file system.
class SystemFiles : public Files {
 public:
  Kind Stat(const std::string& path) override;
  absl::StatusOr<std::string> Read(const std::string& path,
                                   int64_t max_bytes) override;
  absl::StatusOr<std::vector<std::string>> List(
      const std::string& directory) override;
  absl::StatusOr<std::string> Canonical(const std::string& path) override;
  absl::Status CreateNew(const std::string& path,
                         const std::string& text) override;
  absl::Status Replace(const std::string& path,
                       const std::string& text) override;
};

}  // namespace patform::system
