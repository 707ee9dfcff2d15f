#include "providers/system/system_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string_view>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"

// Files that are not secrets: configurations, plans, reports. What a pull
// request names is read through ReadInside(), which asks the opened file where
// it is.
namespace patform::system {
namespace {

// Codes as the callers tell them apart: not there, not allowed, there already,
// not what was expected, and everything else.
absl::Status Errno(int error, const std::string& what,
                   const std::string& path) {
  const std::string text =
      absl::StrCat(what, " ", Visible(path), ": ", strerror(error));
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(text);
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError(text);
    case EEXIST:
      return absl::AlreadyExistsError(text);
    // ELOOP: a link that leads to itself.
    case EISDIR:
    case ELOOP:
      return absl::InvalidArgumentError(text);
    default:
      return absl::FailedPreconditionError(text);
  }
}

// 0, or errno.
int WriteAll(int fd, const std::string& text) {
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t n = write(fd, text.data() + written, text.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    written += static_cast<size_t>(n);
  }
  return 0;
}

// An absolute path without links. Only for what exists.
absl::StatusOr<std::string> Resolve(const std::string& path) {
  std::unique_ptr<char, decltype(&free)> real(realpath(path.c_str(), nullptr),
                                              &free);
  if (real == nullptr) return Errno(errno, "looking at", path);
  return std::string(real.get());
}

// The whole of an open file, if it is a regular one.
absl::StatusOr<std::string> ReadAll(int fd, const std::string& path,
                                    int64_t max_bytes) {
  struct stat info;
  if (fstat(fd, &info) != 0) return Errno(errno, "reading", path);
  if (S_ISDIR(info.st_mode)) return Errno(EISDIR, "reading", path);
  // A device or a pipe may never end, or do something when it is read.
  if (!S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError(
        absl::StrCat("reading ", Visible(path), ": not a regular file"));
  }
  const auto too_large = [&] {
    return absl::ResourceExhaustedError(absl::StrCat(
        "reading ", Visible(path), ": larger than ", max_bytes, " bytes"));
  };
  if (info.st_size > max_bytes) return too_large();
  std::string text;
  // One more than the size, so that the read which finds the end has room.
  text.resize(static_cast<size_t>(info.st_size) + 1);
  size_t used = 0;
  for (;;) {
    // It grew meanwhile.
    if (used == text.size()) text.resize(text.size() * 2);
    const ssize_t n = read(fd, text.data() + used, text.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Errno(errno, "reading", path);
    if (n == 0) break;
    used += static_cast<size_t>(n);
    // Counted while reading: a size is a claim.
    if (static_cast<int64_t>(used) > max_bytes) return too_large();
  }
  text.resize(used);
  return text;
}

// Where an open file is, links resolved; "" if that is not known.
std::string PathOf(int fd, const std::string& path) {
  // One system call that is true of the descriptor, wherever its name went.
  char real[PATH_MAX];
  const ssize_t n =
      readlink(absl::StrCat("/proc/self/fd/", fd).c_str(), real, sizeof(real));
  // " (deleted)" is appended to the name of a removed file: it does not begin
  // outside of the root, and its content is what was opened.
  if (n > 0 && static_cast<size_t>(n) < sizeof(real)) {
    return std::string(real, static_cast<size_t>(n));
  }
  // There is no /proc: the path, if it still leads to the same file.
  const absl::StatusOr<std::string> resolved = Resolve(path);
  struct stat opened, named;
  // lstat(), so that a link which took the last component does not count.
  if (!resolved.ok() || fstat(fd, &opened) != 0 ||
      lstat(resolved->c_str(), &named) != 0 || opened.st_dev != named.st_dev ||
      opened.st_ino != named.st_ino) {
    return "";
  }
  return *resolved;
}

// Not std::string, and the buffer wiped: it is this run's credential.
// `may_read` waits until there is something to read; false: interrupted.
absl::StatusOr<Secret> ReadSecret(int fd, const std::string& path,
                                  const std::function<bool()>& may_read) {
  // An access token of Entra has about 2 KB, a kubeconfig of many clusters some
  // hundred.
  constexpr size_t kMost = 1 << 20;
  Secret all;
  char buffer[4096];
  const auto wipe =
      absl::MakeCleanup([&buffer] { explicit_bzero(buffer, sizeof(buffer)); });
  ssize_t n = 0;
  // One read past the limit shows that there is too much.
  do {
    if (!may_read()) return absl::CancelledError("interrupted");
    n = read(fd, buffer, sizeof(buffer));
    if (n > 0) all.Append(std::string_view(buffer, static_cast<size_t>(n)));
  } while ((n > 0 && all.size() <= kMost) || (n < 0 && errno == EINTR));
  if (n < 0) return Errno(errno, "reading", path);
  if (all.size() <= kMost) return all;
  return absl::ResourceExhaustedError(absl::StrCat(
      "reading ", Visible(path), ": larger than ", kMost, " bytes"));
}

// Files of /proc and /sys call themselves regular. Their content depends on who
// reads them: /proc/self/environ is regular, and would put the runner's
// environment into an error message.
bool IsOfTheKernel(int fd) {
  struct statfs info;
  return fstatfs(fd, &info) == 0 &&
         (info.f_type == PROC_SUPER_MAGIC || info.f_type == SYSFS_MAGIC);
}

}  // namespace

// Follows links; asks, and promises nothing about a later open().
Files::Kind SystemFiles::Stat(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return Kind::kMissing;
  if (S_ISREG(info.st_mode)) return Kind::kFile;
  if (S_ISDIR(info.st_mode)) return Kind::kDirectory;
  return Kind::kOther;
}

absl::StatusOr<std::string> SystemFiles::Read(const std::string& path,
                                              int64_t max_bytes) {
  // O_NONBLOCK: opening a pipe must not hang.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return Errno(errno, "reading", path);
  const auto close_fd = absl::MakeCleanup([fd] { close(fd); });
  return ReadAll(fd, path, max_bytes);
}

absl::StatusOr<std::string> SystemFiles::ReadInside(
    const std::string& directory, const std::string& path, int64_t max_bytes) {
  PATFORM_ASSIGN_OR_RETURN(const std::string root, Resolve(directory));
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return Errno(errno, "reading", path);
  const auto close_fd = absl::MakeCleanup([fd] { close(fd); });
  // Asks about the open file: what the path leads to may change meanwhile.
  // With the slash: "/srv/config-old" is not below "/srv/config".
  const std::string below = root == "/" ? root : root + "/";
  if (!absl::StartsWith(PathOf(fd, path), below) || IsOfTheKernel(fd)) {
    return absl::OutOfRangeError(absl::StrCat(
        "reading ", Visible(path), ": it leads out of ", Visible(directory)));
  }
  return ReadAll(fd, path, max_bytes);
}

absl::StatusOr<Secret> ReadSecretFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return Errno(errno, "reading", path);
  const auto close_fd = absl::MakeCleanup([fd] { close(fd); });
  struct stat info;
  if (fstat(fd, &info) != 0) return Errno(errno, "reading", path);
  if (!S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError(
        absl::StrCat("reading ", Visible(path), ": not a regular file"));
  }
  return ReadSecret(fd, path, [] { return true; });
}

absl::StatusOr<Secret> ReadSecretInput(
    const std::function<bool()>& interrupted) {
  constexpr int kSliceMs = 50;
  if (isatty(STDIN_FILENO) != 0) {
    return absl::InvalidArgumentError(
        "it is a terminal, which shows what is typed: pipe it in");
  }
  return ReadSecret(STDIN_FILENO, "standard input", [&interrupted] {
    pollfd input = {STDIN_FILENO, POLLIN, 0};
    while (poll(&input, 1, kSliceMs) == 0 && !interrupted()) continue;
    return !interrupted();
  });
}

absl::StatusOr<std::vector<std::string>> SystemFiles::List(
    const std::string& directory) {
  DIR* dir = opendir(directory.c_str());
  if (dir == nullptr) return Errno(errno, "listing", directory);
  const auto close_dir = absl::MakeCleanup([dir] { closedir(dir); });
  std::vector<std::string> names;
  while (const dirent* entry = readdir(dir)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  // The file system's order differs from machine to machine.
  std::sort(names.begin(), names.end());
  return names;
}

// Two spellings of one file are one place. Links are resolved in the directory,
// but the last component is kept unless it is a link itself: so the common
// case, many files in one directory, resolves that directory once.
absl::StatusOr<std::string> SystemFiles::Canonical(const std::string& path) {
  const size_t name_at = path.rfind('/') + 1;  // 0: no directory is named
  const std::string name = path.substr(name_at);
  struct stat info;
  if (name.empty() || name == "." || name == ".." ||
      lstat(path.c_str(), &info) != 0 || S_ISLNK(info.st_mode)) {
    return Resolve(path);
  }
  const std::string directory = name_at == 0 ? "." : path.substr(0, name_at);
  // Remembered from the last call.
  if (directory != directory_) {
    PATFORM_ASSIGN_OR_RETURN(real_directory_, Resolve(directory));
    directory_ = directory;
  }
  return absl::StrCat(real_directory_, real_directory_ == "/" ? "" : "/", name);
}

// Fails where something is, links included (O_EXCL): nothing gets overwritten.
absl::Status SystemFiles::CreateNew(const std::string& path,
                                    const std::string& text) {
  const int fd =
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) return Errno(errno, "writing", path);
  int error = WriteAll(fd, text);
  // NFS and quotas report a failed write when the file is closed.
  if (close(fd) != 0 && error == 0) error = errno;
  if (error == 0) return absl::OkStatus();
  // Not half a file under a name that looks finished.
  unlink(path.c_str());
  return Errno(error, "writing", path);
}

namespace {

// A pipe or a device, /dev/stdout among them, is written to and stays what it
// is. A reader that went away is not a fault.
absl::Status WriteTo(const std::string& path, const std::string& text) {
  const int fd = open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return Errno(errno, "writing", path);
  int error = WriteAll(fd, text);
  if (close(fd) != 0 && error == 0) error = errno;
  if (error == 0 || error == EPIPE) return absl::OkStatus();
  return Errno(error, "writing", path);
}

// A device, or what /dev/stdout leads to, which may be a regular file; the link
// must stay.
bool IsWrittenTo(Files& files, const std::string& path) {
  return files.Stat(path) == Files::Kind::kOther ||
         absl::StartsWith(path, "/dev/");
}

absl::Status ReplaceWith(Files& files, const std::string& path,
                         const std::string& text, mode_t mode) {
  if (IsWrittenTo(files, path)) return WriteTo(path, text);
  // Beside the file, so that the rename stays on one file system.
  std::string temporary = path + ".XXXXXX";
  const int fd = mkostemp(temporary.data(), O_CLOEXEC);  // mode 0600
  if (fd < 0) return Errno(errno, "writing a file beside", path);
  int error = WriteAll(fd, text);
  if (error == 0 && mode != 0600 && fchmod(fd, mode) != 0) error = errno;
  // Before the rename, or a power cut may leave an empty file under the name.
  if (error == 0 && fsync(fd) != 0) error = errno;
  if (close(fd) != 0 && error == 0) error = errno;
  if (error == 0 && rename(temporary.c_str(), path.c_str()) != 0) {
    error = errno;
  }
  if (error == 0) return absl::OkStatus();
  unlink(temporary.c_str());
  return Errno(error, "writing", path);
}

}  // namespace

// Readable by its owner only: a plan names tokens and places.
absl::Status SystemFiles::Replace(const std::string& path,
                                  const std::string& text) {
  return ReplaceWith(*this, path, text, 0600);
}

absl::Status SystemFiles::Publish(const std::string& path,
                                  const std::string& text) {
  return ReplaceWith(*this, path, text, 0644);
}

absl::Status SystemFiles::CheckReplace(const std::string& path) {
  if (Stat(path) == Kind::kDirectory) return Errno(EISDIR, "writing", path);
  if (IsWrittenTo(*this, path)) return absl::OkStatus();
  std::string temporary = path + ".XXXXXX";
  const int fd = mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return Errno(errno, "writing a file beside", path);
  close(fd);
  if (unlink(temporary.c_str()) == 0) return absl::OkStatus();
  return Errno(errno, "removing a file beside", path);
}

}  // namespace patform::system
