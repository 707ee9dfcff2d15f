#include "providers/sinks/local/place_given.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdint>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/sinks/local/posix.h"

namespace patform::sinks {
namespace {

constexpr char kAcl[] = "system.posix_acl_access";

// The mount that a name belongs to, as /proc knows it; nullopt: it cannot be
// told.
std::optional<int> MountOf(int fd) {
  const Fd info(open(absl::StrCat("/proc/self/fdinfo/", fd).c_str(),
                     O_RDONLY | O_CLOEXEC));
  if (!info.ok()) return std::nullopt;
  char text[1024];
  const ssize_t size = read(info.get(), text, sizeof(text));
  if (size <= 0) return std::nullopt;
  for (absl::string_view line : absl::StrSplit(
           absl::string_view(text, static_cast<size_t>(size)), '\n')) {
    int mount = 0;
    if (absl::ConsumePrefix(&line, "mnt_id:") &&
        absl::SimpleAtoi(line, &mount)) {
      return mount;
    }
  }
  return std::nullopt;
}

// rename() onto the target of a mount fails with EBUSY, for as long as the
// mount exists; a file of the same file system may be mounted there, so the
// device does not tell.
bool IsMounted(const Directory& directory, const std::string& name,
               const struct statx& info) {
  if ((info.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0) {
    return (info.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
  }
  const Fd file = OpenAt(directory.fd(), name, O_PATH);
  if (!file.ok()) return false;
  const std::optional<int> own = MountOf(file.get());
  const std::optional<int> around = MountOf(directory.fd());
  return own && around && *own != *around;
}

absl::Status CheckAttributes(const Directory& directory,
                             const std::string& name) {
  const std::string path = directory.PathOf(name);
  struct statx info = {};
  // Older kernels do not know the call; then the rename itself will tell.
  if (statx(directory.fd(), name.c_str(), AT_SYMLINK_NOFOLLOW, 0, &info) != 0) {
    return absl::OkStatus();
  }
  if (IsMounted(directory, name, info)) {
    return absl::FailedPreconditionError(absl::StrCat(
        Quoted(path),
        " is the target of a mount, so it cannot be replaced. Mount its "
        "directory instead, or deliver to another file."));
  }
  if ((info.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(Quoted(path),
                     " has an attribute that keeps it from being replaced. "
                     "Run: chattr -ia ",
                     Quoted(path)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Given> GivenTo(const Directory& directory,
                              const std::string& name,
                              const struct stat& info) {
  Given given;
  given.mode = info.st_mode & 0777;
  given.group = info.st_gid;
  // Opened, and not read: there is no call that takes a directory and a name.
  const Fd fd = OpenAt(directory.fd(), name, O_RDONLY | O_NONBLOCK);
  // Its own mode may keep even its owner out; then it has no list that anybody
  // is let in by.
  if (!fd.ok()) return given;
  const ssize_t size = fgetxattr(fd.get(), kAcl, nullptr, 0);
  if (size <= 0) return given;
  std::vector<char> list(static_cast<size_t>(size));
  const ssize_t got = fgetxattr(fd.get(), kAcl, list.data(), list.size());
  if (got < 0) {
    return SystemError("read the access control list of",
                       directory.PathOf(name), errno);
  }
  given.acl.emplace(list.data(), static_cast<size_t>(got));
  return given;
}

absl::Status Give(int fd, const Given& given, const std::string& path) {
  struct stat info;
  if (fstat(fd, &info) != 0) return SystemError("look at", path, errno);
  const bool other_group =
      given.group != static_cast<gid_t>(-1) && info.st_gid != given.group;
  if (other_group && fchown(fd, static_cast<uid_t>(-1), given.group) != 0) {
    return SystemError(absl::StrCat("keep the group ", given.group, " of"),
                       path, errno);
  }
  if (given.acl) {
    if (fsetxattr(fd, kAcl, given.acl->data(), given.acl->size(), 0) != 0) {
      return SystemError("keep the access control list of", path, errno);
    }
  } else if (given.group != static_cast<gid_t>(-1)) {
    // What the directory gives new files, the old one did not have.
    fremovexattr(fd, kAcl);
  }
  // Last: with a list, the bits of the group are its mask.
  if (fchmod(fd, given.mode) != 0) {
    return SystemError("set the mode of", path, errno);
  }
  return absl::OkStatus();
}

absl::Status CheckReplaceable(const Directory& directory,
                              const std::string& name) {
  PATFORM_ASSIGN_OR_RETURN(const std::optional<struct stat> info,
                           directory.Look(name));
  if (!info) return absl::OkStatus();
  PATFORM_RETURN_IF_ERROR(CheckAttributes(directory, name));
  PATFORM_ASSIGN_OR_RETURN(const Given given, GivenTo(directory, name, *info));
  const Fd trial(
      openat(directory.fd(), ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
  // Where the file system has no such files, CheckDirectory() has tried what
  // else can be tried.
  if (!trial.ok()) return absl::OkStatus();
  return Give(trial.get(), given, directory.PathOf(name));
}

std::string OpenToOthers(const struct stat& info, const std::string& path) {
  if ((info.st_mode & 0777 & ~kWidestMode) == 0) return "";
  return absl::StrCat(Quoted(path), " is open to other users (mode ",
                      ModeText(info.st_mode), ")");
}

}  // namespace patform::sinks
