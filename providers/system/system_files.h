#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/base/secret.h"
#include "engine/ports/files.h"

namespace patform::system {

// The machine's file system. For one thread at a time.
class SystemFiles : public Files {
 public:
  Kind Stat(const std::string& path) override;
  absl::StatusOr<std::string> Read(const std::string& path,
                                   int64_t max_bytes) override;
  absl::StatusOr<std::string> ReadInside(const std::string& directory,
                                         const std::string& path,
                                         int64_t max_bytes) override;
  absl::StatusOr<std::vector<std::string>> List(
      const std::string& directory) override;
  absl::StatusOr<std::string> Canonical(const std::string& path) override;
  absl::Status CreateNew(const std::string& path,
                         const std::string& text) override;
  absl::Status Replace(const std::string& path,
                       const std::string& text) override;
  absl::Status Publish(const std::string& path,
                       const std::string& text) override;
  absl::Status CheckReplace(const std::string& path) override;

 private:
  // The directory that Canonical() resolved last: files of one directory come
  // one after the other, by the hundred.
  std::string directory_, real_directory_;
};

// A regular file of at most 64 KiB that holds a secret; every buffer is wiped.
absl::StatusOr<Secret> ReadSecretFile(const std::string& path);

// The same from standard input to its end, which a terminal may not be: what is
// typed there is seen. `interrupted` is asked every 50 ms; kCancelled.
absl::StatusOr<Secret> ReadSecretInput(
    const std::function<bool()>& interrupted);

}  // namespace patform::system
