#include "providers/sinks/local/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/model/place_path.h"

// Everything is done relative to descriptors: what was checked is what is held
// open, and what is held open is what gets used.
namespace patform::sinks {
namespace {

// What a run may have to write in one go: a file and a record.
constexpr off_t kRoom = 64 << 10;

// Nothing is wrong with the address, but with what lies there now.
absl::Status Unsafe(const std::string& path, const std::string& why,
                    const std::string& what_to_do) {
  return absl::FailedPreconditionError(
      absl::StrCat(Quoted(path), " ", why, ". ", what_to_do));
}

// Whoever can write in the directory decides what its names lead to, whatever
// the files' own modes are. Asked of the open descriptor, so no rename can come
// in between.
absl::Status CheckSafe(int fd, const std::string& path) {
  struct stat info;
  if (fstat(fd, &info) != 0) return SystemError("look at", path, errno);
  // Root's directories are refused, too: the owner of a directory decides what
  // is in it.
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
  // With the sticky bit, as /tmp has it, others may add names but cannot
  // replace ours.
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

// How far Descend() got.
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

// The operator chose this directory, so links in the path to it are fine; the
// components below are the ones that a configuration names.
absl::StatusOr<Fd> OpenAbove(const Root& root) {
  Fd fd(open(Above(root.path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.ok()) {
    return SystemError("open the directory", ShownAbove(root), errno);
  }
  return fd;
}

// Puts the entry of a new directory on disk. mkdir() alone is not durable:
// after a power cut the whole directory, and the secret in it, could be missing
// although its file was synced.
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

// So that no `git add` takes what is kept in a new directory: without it the
// first commit has the secrets. The directory's own, for the files of the
// repository around it are somebody else's.
absl::Status KeepFromGit(int fd, const std::string& path) {
  constexpr std::string_view kRules =
      "# Written by patform: secrets are not for git.\n*\n";
  const Fd file = OpenAt(fd, ".gitignore", O_CREAT | O_EXCL | O_WRONLY, 0600);
  // Another run made the directory at the same moment.
  if (!file.ok() && errno == EEXIST) return absl::OkStatus();
  int error = file.ok() ? WriteAll(file.get(), kRules) : errno;
  // The umask may have taken away from the 0600.
  if (error == 0 && fchmod(file.get(), 0600) != 0) error = errno;
  if (error == 0) error = Sync(file.get());
  if (error == 0) return absl::OkStatus();
  return SystemError("write the .gitignore of", path, error);
}

// Goes down as far as directories exist, or makes those that do not.
absl::StatusOr<Walk> Descend(const Root& root, const FilePath& at, bool make) {
  Walk walk;
  // The root is the first component and gets the same checks as the others: a
  // link, or a directory of somebody else, is refused there as well.
  bool ignored = false;  // a directory that was made here is above
  std::vector<std::string> names = {root.path};
  names.insert(names.end(), at.directories.begin(), at.directories.end());
  for (const std::string& name : names) {
    const int parent = walk.directory ? walk.directory->fd() : AT_FDCWD;
    const std::string path =
        walk.directory ? walk.directory->PathOf(name) : root.shown;
    bool made_first = false;
    Fd fd = OpenAt(parent, name, O_RDONLY | O_DIRECTORY);
    if (!fd.ok() && errno == ENOENT) {
      if (!make) return walk;
      // Two threads, or two runs, may make the same directory: EEXIST is as
      // good, and whoever made it is checked below like any other.
      const bool made = mkdirat(parent, name.c_str(), 0700) == 0;
      if (!made && errno != EEXIST) {
        return SystemError("create the directory", path, errno);
      }
      // The umask may have taken away from the 0700.
      if (made && fchmodat(parent, name.c_str(), 0700, 0) != 0) {
        return SystemError("set the mode of the directory", path, errno);
      }
      if (made) PATFORM_RETURN_IF_ERROR(SyncParent(walk.directory, root));
      made_first = made && !ignored;
      // Opened again rather than trusted: in between somebody may have put a
      // link under the name.
      fd = OpenAt(parent, name, O_RDONLY | O_DIRECTORY);
    }
    if (!fd.ok()) return OpenError(parent, name, path, errno);
    PATFORM_RETURN_IF_ERROR(CheckSafe(fd.get(), path));
    if (made_first) PATFORM_RETURN_IF_ERROR(KeepFromGit(fd.get(), path));
    ignored = ignored || made_first;
    walk.directory.emplace(std::move(fd), path);
  }
  walk.complete = true;
  return walk;
}

// Checks permission and room by writing an unnamed file, which is gone with its
// descriptor even if the machine stops here.
absl::Status TryWrite(int fd, const std::string& path, off_t room = kRoom) {
  // As the effective user, and first: where O_TMPFILE is not supported, this is
  // all that can be asked.
  if (faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) != 0) {
    return SystemError("write in", path, errno);
  }
  // Beyond RLIMIT_FSIZE write() raises SIGXFSZ, or fails with EFBIG where that
  // is ignored, in the middle of a delivery.
  rlimit most = {};
  if (getrlimit(RLIMIT_FSIZE, &most) == 0 &&
      most.rlim_cur < static_cast<rlim_t>(room)) {
    return SystemError("write in", path, EFBIG);
  }
  // EISDIR is the answer of a kernel that does not know O_TMPFILE, EOPNOTSUPP
  // that of a file system. Then the trial is skipped rather than made with a
  // name, which a crash would leave behind.
  const Fd trial(openat(fd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
  if (!trial.ok()) {
    const bool unsupported =
        errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL;
    return unsupported ? absl::OkStatus()
                       : SystemError("write in", path, errno);
  }
  // Not ftruncate(), which reserves nothing: a full disk would show itself only
  // at the write, after the token has been minted.
  const int error = posix_fallocate(trial.get(), 0, room);
  if (error == 0 || error == EOPNOTSUPP || error == EINVAL) {
    return absl::OkStatus();
  }
  return SystemError("write in", path, error);
}

// Does the file system that a directory will be made on give locks? The lock of
// an existing directory is tried by RemoveIfIdle().
absl::Status CheckLock(int fd, const std::string& path) {
  PATFORM_ASSIGN_OR_RETURN(const bool mine, TryLock(fd, path));
  if (mine) Unlock(fd);
  return absl::OkStatus();
}

}  // namespace

// `shown` differs from `path` where the configuration has a variable, whose
// value must not get into messages.
absl::StatusOr<Root> NormalRoot(std::string_view path, std::string_view shown) {
  // A control character would be drawn by terminals in every message with this
  // path.
  const bool as_it_is = shown.empty() || shown == path;
  if (path.empty() || HasControl(path)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the sink's path ", Quoted(as_it_is ? path : shown),
        path.empty() ? " is empty" : " contains a control character",
        ". Name the directory that the sink keeps its files in."));
  }
  // "secrets", "secrets/" and "secrets/." are one root, and places are compared
  // by their text.
  while (path.size() > 1 && (path.ends_with('/') || path.ends_with("/."))) {
    path.remove_suffix(1);
  }
  return Root(std::string(path), std::string(as_it_is ? path : shown));
}

// Shown() and not Text() in messages: a path may come from a variable whose
// value is not to be printed.
absl::StatusOr<Root> RootOf(const SinkConfig& config) {
  absl::StatusOr<Root> root =
      NormalRoot(config.Text("path"), config.Shown("path"));
  if (root.ok()) return root;
  return Annotate(root.status(),
                  absl::StrCat("sink \"", Visible(config.name), "\""));
}

// Weakly: what does not exist yet is taken as it is written.
absl::StatusOr<std::string> CanonicalRoot(const SinkConfig& config) {
  PATFORM_ASSIGN_OR_RETURN(const Root root, RootOf(config));
  std::error_code error;
  const std::filesystem::path path =
      std::filesystem::absolute(root.path, error);
  std::string real =
      std::filesystem::weakly_canonical(path, error).lexically_normal();
  // Where it may not be looked at, or leads in a circle.
  if (error) real = path.lexically_normal();
  while (real.size() > 1 && real.back() == '/') real.pop_back();
  return real;
}

// Checked a second time: the configuration's reader asks the same, but a saved
// plan may come from another version.
absl::StatusOr<FilePath> ParseFilePath(std::string_view at) {
  if (const std::string why = WhyNotAPlace(at); !why.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the address ", Quoted(at), " ", why,
                     ". Write a path below the sink's own directory, such as "
                     "\"ci/packaging\"."));
  }
  FilePath path;
  path.directories = absl::StrSplit(AbslView(at), '/');
  // The last component is the file; the ones before it are directories.
  path.file = std::move(path.directories.back());
  path.directories.pop_back();
  return path;
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
  // Even a link to a good file is refused: rename() would replace the link and
  // leave the file that programs know with the old secret.
  if (S_ISLNK(info.st_mode)) {
    return Unsafe(path, "is a symbolic link",
                  "patform does not follow links where it keeps secrets: "
                  "remove it, or deliver to the file that it names.");
  }
  // To open a pipe would block, to open a device may do something.
  if (!S_ISREG(info.st_mode)) {
    return Unsafe(path,
                  S_ISDIR(info.st_mode) ? "is a directory, not a file"
                                        : "is not a regular file",
                  "Change the address, or move it away.");
  }
  // In a directory of ours with the sticky bit, others may have put a file. Its
  // owner could change its mode and read the next secret.
  if (info.st_uid != geteuid()) {
    return Unsafe(path,
                  absl::StrCat("belongs to user ", info.st_uid,
                               "; patform runs as user ", geteuid()),
                  "Run patform as its owner, or deliver to another file.");
  }
  // rename() replaces one name of several; the others keep the old inode.
  if (info.st_nlink > 1) {
    return Unsafe(path,
                  absl::StrCat("has ", info.st_nlink,
                               " names (hard links): the others would keep the "
                               "old secret"),
                  "Remove the other names, or deliver to another file.");
  }
  return info;
}

// Nothing is made: a plan looks at places through this.
absl::StatusOr<std::optional<Directory>> OpenDirectory(const Root& root,
                                                       const FilePath& at) {
  PATFORM_ASSIGN_OR_RETURN(Walk walk, Descend(root, at, /*make=*/false));
  if (!walk.complete) return std::nullopt;
  return std::move(walk.directory);
}

absl::StatusOr<Directory> MakeDirectory(const Root& root, const FilePath& at) {
  PATFORM_ASSIGN_OR_RETURN(Walk walk, Descend(root, at, /*make=*/true));
  return std::move(*walk.directory);
}

// Twice: a replacement needs the whole file again while the old one exists.
absl::Status CheckRoom(const Directory& directory, size_t size) {
  return TryWrite(directory.fd(), directory.path(),
                  static_cast<off_t>(size) + kRoom);
}

absl::Status CheckDirectory(const Root& root, const FilePath& at) {
  PATFORM_ASSIGN_OR_RETURN(Walk walk, Descend(root, at, /*make=*/false));
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
