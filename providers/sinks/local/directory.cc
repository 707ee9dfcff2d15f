#include "providers/sinks/local/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"

namespace patform::sinks {
namespace {

// With room for what is put around a name: .NAME.patform-tmp-0123456789abcdef
constexpr size_t kMaxComponent = 200;
// What a run may have to write in one go: a file and a record.
constexpr off_t kRoom = 64 << 10;

absl::Status BadAddress(std::string_view at, const std::string& why) {
  return absl::InvalidArgumentError(
      absl::StrCat("the address ", Quoted(at), " ", why,
                   ". Write a path below the sink's own directory, such as "
                   "\"ci/packaging\"."));
}

absl::Status CheckComponent(std::string_view at, const std::string& name) {
  if (name.empty()) {
    return BadAddress(at, "has an empty part between two slashes or at an end");
  }
  if (name == "." || name == "..") {
    return BadAddress(at, absl::StrCat("has \"", name, "\" in it"));
  }
  if (name.size() > kMaxComponent) {
    return BadAddress(
        at, absl::StrCat("has a part of more than ", kMaxComponent, " bytes"));
  }
  if (absl::StartsWith(name, ".") &&
      (absl::EndsWith(name, ".patform.json") ||
       absl::StrContains(name, ".patform-tmp-"))) {
    return BadAddress(at, "is a name that patform uses for its own files");
  }
  return absl::OkStatus();
}

absl::Status Unsafe(const std::string& path, const std::string& why,
                    const std::string& what_to_do) {
  return absl::FailedPreconditionError(
      absl::StrCat(Quoted(path), " ", why, ". ", what_to_do));
}

absl::Status CheckSafe(int fd, const std::string& path) {
  struct stat info;
  if (fstat(fd, &info) != 0) return SystemError("look at", path, errno);
  if (info.st_uid != geteuid()) {
    return Unsafe(path,
                  absl::StrCat("belongs to user ", info.st_uid,
                               ", who could read or redirect the secrets in "
                               "it; patform runs as user ",
                               geteuid()),
                  "Run patform as its owner, or deliver to a directory of your "
                  "own.");
  }
  const bool shared = (info.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  if (shared && (info.st_mode & S_ISVTX) == 0) {
    return Unsafe(path,
                  absl::StrCat("can be written by other users (mode ",
                               ModeText(info.st_mode),
                               "), who could redirect the secrets in it"),
                  absl::StrCat("Run: chmod go-w ", Quoted(path)));
  }
  return absl::OkStatus();
}

// What to call the fault when a directory could not be opened: with
// O_DIRECTORY a symbolic link is ENOTDIR.
absl::Status OpenError(int parent, const std::string& name,
                       const std::string& path, int error) {
  struct stat info;
  if ((error == ENOTDIR || error == ELOOP) &&
      fstatat(parent, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
      S_ISLNK(info.st_mode)) {
    return Unsafe(path, "is a symbolic link",
                  "patform does not follow links where it keeps secrets: name "
                  "the real directory, or put one there.");
  }
  return SystemError("open the directory", path, error);
}

struct Walk {
  std::optional<Directory> directory;  // the last one that exists
  bool complete = false;
};

// The directory that a root would be made in. It need not be a safe one.
std::string Above(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// What messages call that.
std::string ShownAbove(const Root& root) {
  if (root.shown == root.path) return Above(root.path);
  return absl::StrCat(root.shown, "/..");
}

absl::StatusOr<Fd> OpenAbove(const Root& root) {
  Fd fd(open(Above(root.path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.ok()) {
    return SystemError("open the directory", ShownAbove(root), errno);
  }
  return fd;
}

// Puts the entry of a new directory on disk.
absl::Status SyncParent(const std::optional<Directory>& parent,
                        const Root& root) {
  if (!parent) {
    PATFORM_ASSIGN_OR_RETURN(const Fd above, OpenAbove(root));
    if (const int error = Sync(above.get())) {
      return SystemError("write to disk the directory", ShownAbove(root),
                         error);
    }
  } else if (const int error = Sync(parent->fd())) {
    return SystemError("write to disk the directory", parent->path(), error);
  }
  return absl::OkStatus();
}

// Goes down as far as directories exist, or makes those that do not.
absl::StatusOr<Walk> Descend(const Root& root, const Place& place, bool make) {
  Walk walk;
  std::vector<std::string> names = {root.path};
  names.insert(names.end(), place.directories.begin(), place.directories.end());
  for (const std::string& name : names) {
    const int parent = walk.directory ? walk.directory->fd() : AT_FDCWD;
    const std::string path =
        walk.directory ? walk.directory->PathOf(name) : root.shown;
    Fd fd = OpenAt(parent, name, O_RDONLY | O_DIRECTORY);
    if (!fd.ok() && errno == ENOENT) {
      if (!make) return walk;
      const bool made = mkdirat(parent, name.c_str(), 0700) == 0;
      if (!made && errno != EEXIST) {
        return SystemError("create the directory", path, errno);
      }
      // The umask may have taken away from the 0700.
      if (made && fchmodat(parent, name.c_str(), 0700, 0) != 0) {
        return SystemError("set the mode of the directory", path, errno);
      }
      if (made) PATFORM_RETURN_IF_ERROR(SyncParent(walk.directory, root));
      fd = OpenAt(parent, name, O_RDONLY | O_DIRECTORY);
    }
    if (!fd.ok()) return OpenError(parent, name, path, errno);
    PATFORM_RETURN_IF_ERROR(CheckSafe(fd.get(), path));
    walk.directory.emplace(std::move(fd), path);
  }
  walk.complete = true;
  return walk;
}

// Is there the right to write and the room? An unnamed file tells, and is gone
// with its descriptor even if the machine stops here.
absl::Status TryWrite(int fd, const std::string& path, off_t room = kRoom) {
  if (faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) != 0) {
    return SystemError("write in", path, errno);
  }
  rlimit most = {};
  if (getrlimit(RLIMIT_FSIZE, &most) == 0 &&
      most.rlim_cur < static_cast<rlim_t>(room)) {
    return SystemError("write in", path, EFBIG);
  }
  const Fd trial(openat(fd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
  if (!trial.ok()) {
    const bool unsupported =
        errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL;
    return unsupported ? absl::OkStatus()
                       : SystemError("write in", path, errno);
  }
  const int error = posix_fallocate(trial.get(), 0, room);
  if (error == 0 || error == EOPNOTSUPP || error == EINVAL) {
    return absl::OkStatus();
  }
  return SystemError("write in", path, error);
}

// Does the file system that a directory will be made on give locks?
absl::Status CheckLock(int fd, const std::string& path) {
  PATFORM_ASSIGN_OR_RETURN(const bool mine, TryLock(fd, path));
  if (mine) Unlock(fd);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Root> NormalRoot(std::string_view path, std::string_view shown) {
  const bool clean = std::none_of(path.begin(), path.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  const bool as_it_is = shown.empty() || shown == path;
  if (path.empty() || !clean) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the sink's path ", Quoted(as_it_is ? path : shown),
        path.empty() ? " is empty" : " has a control character in it",
        ". Name the directory that the sink keeps its files in."));
  }
  while (path.size() > 1 && (path.ends_with('/') || path.ends_with("/."))) {
    path.remove_suffix(1);
  }
  return Root(std::string(path), std::string(as_it_is ? path : shown));
}

absl::StatusOr<Place> ParsePlace(std::string_view at) {
  if (at.empty()) return BadAddress(at, "is empty");
  if (at.front() == '/') return BadAddress(at, "is absolute");
  if (!IsValidUtf8(at)) return BadAddress(at, "is not valid UTF-8");
  for (char c : at) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      return BadAddress(at, "has a control character in it");
    }
  }
  Place place;
  for (size_t start = 0; start <= at.size();) {
    const size_t end = std::min(at.find('/', start), at.size());
    place.directories.emplace_back(at.substr(start, end - start));
    PATFORM_RETURN_IF_ERROR(CheckComponent(at, place.directories.back()));
    start = end + 1;
  }
  place.file = std::move(place.directories.back());
  place.directories.pop_back();
  return place;
}

std::string Directory::PathOf(std::string_view name) const {
  return absl::StrCat(path_, absl::EndsWith(path_, "/") ? "" : "/",
                      AbslView(name));
}

absl::StatusOr<std::optional<struct stat>> Directory::Look(
    const std::string& name) const {
  struct stat info;
  if (fstatat(fd(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return std::nullopt;
    return SystemError("look at", PathOf(name), errno);
  }
  const std::string path = PathOf(name);
  if (S_ISLNK(info.st_mode)) {
    return Unsafe(path, "is a symbolic link",
                  "patform does not follow links where it keeps secrets: "
                  "remove it, or deliver to the file that it names.");
  }
  if (!S_ISREG(info.st_mode)) {
    return Unsafe(path,
                  S_ISDIR(info.st_mode) ? "is a directory, not a file"
                                        : "is not a regular file",
                  "Change the address, or move it away.");
  }
  if (info.st_uid != geteuid()) {
    return Unsafe(path,
                  absl::StrCat("belongs to user ", info.st_uid,
                               "; patform runs as user ", geteuid()),
                  "Run patform as its owner, or deliver to another file.");
  }
  if (info.st_nlink > 1) {
    return Unsafe(path,
                  absl::StrCat("has ", info.st_nlink,
                               " names (hard links): the other ones would go "
                               "on holding the old secret"),
                  "Remove the other names, or deliver to another file.");
  }
  return info;
}

absl::StatusOr<std::optional<Directory>> OpenDirectory(const Root& root,
                                                       const Place& place) {
  PATFORM_ASSIGN_OR_RETURN(Walk walk, Descend(root, place, /*make=*/false));
  if (!walk.complete) return std::nullopt;
  return std::move(walk.directory);
}

absl::StatusOr<Directory> MakeDirectory(const Root& root, const Place& place) {
  PATFORM_ASSIGN_OR_RETURN(Walk walk, Descend(root, place, /*make=*/true));
  return std::move(*walk.directory);
}

absl::Status CheckRoom(const Directory& directory, size_t size) {
  return TryWrite(directory.fd(), directory.path(),
                  static_cast<off_t>(size) + kRoom);
}

absl::Status CheckDirectory(const Root& root, const Place& place) {
  PATFORM_ASSIGN_OR_RETURN(Walk walk, Descend(root, place, /*make=*/false));
  if (walk.directory) {
    PATFORM_RETURN_IF_ERROR(
        TryWrite(walk.directory->fd(), walk.directory->path()));
    if (walk.complete) return absl::OkStatus();
    return CheckLock(walk.directory->fd(), walk.directory->path());
  }
  // Not even the root is there: it will be made in the directory above it.
  PATFORM_ASSIGN_OR_RETURN(const Fd above, OpenAbove(root));
  PATFORM_RETURN_IF_ERROR(TryWrite(above.get(), ShownAbove(root)));
  return CheckLock(above.get(), ShownAbove(root));
}

}  // namespace patform::sinks
