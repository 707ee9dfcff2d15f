#pragma once

#include <sys/stat.h>

#include <string>

#include "absl/status/statusor.h"
#include "engine/base/secret.h"
#include "providers/sinks/local/commit.h"
#include "providers/sinks/local/directory.h"

// A file that holds one secret, and what tells one content of it from the next
// without reading either (file_sink.h).
namespace patform::sinks {

// SIZE-SECONDS.NANOSECONDS, from metadata alone: to tell whether a secret
// changed, nobody has to read it.
std::string VersionOf(const struct stat& info);

// The new content of a file, complete and on disk under its temporary name.
struct NewData {
  NewFile file;
  std::string version;  // which it will keep
};

// `mode`: of a file that is not there yet, and of one that others could read.
// The new version is not `replaced`, which is that of the file now.
absl::StatusOr<NewData> WriteData(const Directory& directory,
                                  const std::string& name,
                                  const Secret& content, mode_t mode,
                                  const std::string& replaced);

}  // namespace patform::sinks
