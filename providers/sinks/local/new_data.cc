#include "providers/sinks/local/new_data.h"

#include <errno.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "providers/sinks/local/place_given.h"
#include "providers/sinks/local/posix.h"

namespace patform::sinks {
namespace {

constexpr long kNanos = 1'000'000'000;

// Gives the file a time of modification that makes its version unlike
// `taken`, and answers the version that the file system kept. Some keep whole
// seconds, one keeps every other: then the second itself has to differ. The
// version is part of the record, and the record must be on disk before the data
// has its name: so the version is chosen here, not by the kernel.
absl::StatusOr<std::string> Stamp(const NewFile& file, const std::string& path,
                                  const std::string& taken) {
  struct stat info;
  if (fstat(file.fd(), &info) != 0) return SystemError("look at", path, errno);
  const time_t now = info.st_mtim.tv_sec;
  // Backwards, never into the future: make, for one, warns about files that are
  // newer than its clock.
  for (time_t back = 0; back < 20; ++back) {
    const timespec time = {now - back,
                           static_cast<long>(RandomBits() % kNanos)};
    const timespec times[2] = {time, time};
    if (futimens(file.fd(), times) != 0) {
      return SystemError("set the time of", path, errno);
    }
    // What was asked for is not what is kept: ext3 and HFS+ keep seconds, FAT
    // keeps even seconds.
    if (fstat(file.fd(), &info) != 0) {
      return SystemError("look at", path, errno);
    }
    std::string version = VersionOf(info);
    // `taken` is the version of the data that is there now. If both had one
    // version, one record would describe both.
    if (version != taken) {
      return version;
    }
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "the file system of ", Quoted(path),
      " does not keep the time of modification that patform gives a file, so "
      "a new secret would look like the old one. Deliver to another "
      "file system."));
}

}  // namespace

std::string VersionOf(const struct stat& info) {
  return absl::StrCat(info.st_size, "-", info.st_mtim.tv_sec, ".",
                      absl::Dec(info.st_mtim.tv_nsec, absl::kZeroPad9));
}

// Everything that can fail for want of room or rights fails here, before the
// file that is in service is touched.
absl::StatusOr<NewData> WriteData(const Directory& directory,
                                  const std::string& name,
                                  const Secret& content, mode_t mode,
                                  const std::string& replaced) {
  const std::string path = directory.PathOf(name);
  PATFORM_ASSIGN_OR_RETURN(NewFile file, NewFile::Create(directory, name));
  PATFORM_ASSIGN_OR_RETURN(const std::optional<struct stat> old,
                           directory.Look(name));
  Given given;
  given.mode = mode;
  if (old) {
    PATFORM_ASSIGN_OR_RETURN(given, GivenTo(directory, name, *old));
    // Nobody gave a secret such a mode.
    if (!OpenToOthers(*old, path).empty()) given.mode = mode;
  }
  PATFORM_RETURN_IF_ERROR(file.Write(content.Reveal()));
  PATFORM_RETURN_IF_ERROR(Give(file.fd(), given, path));
  // Before the fsync, which makes the time durable together with the content.
  PATFORM_ASSIGN_OR_RETURN(std::string version, Stamp(file, path, replaced));
  PATFORM_RETURN_IF_ERROR(file.Sync());
  return NewData{std::move(file), std::move(version)};
}

}  // namespace patform::sinks
