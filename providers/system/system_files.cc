#include "providers/system/system_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"

namespace patform::system {
namespace {

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
  text.resize(static_cast<size_t>(info.st_size) + 1);
  size_t used = 0;
  for (;;) {
    if (used == text.size()) text.resize(text.size() * 2);
    const ssize_t n = read(fd, text.data() + used, text.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Errno(errno, "reading", path);
    if (n == 0) break;
    used += static_cast<size_t>(n);
    if (static_cast<int64_t>(used) > max_bytes) return too_large();
  }
  text.resize(used);
  return text;
}

// Where an open file is, links resolved; "" if that cannot be told.
std::string PathOf(int fd, const std::string& path) {
  char real[PATH_MAX];
  const ssize_t n =
      readlink(absl::StrCat("/proc/self/fd/", fd).c_str(), real, sizeof(real));
  if (n > 0 && static_cast<size_t>(n) < sizeof(real)) {
    return std::string(real, static_cast<size_t>(n));
  }
  // There is no /proc: the path, if it still leads to the same file.
  const absl::StatusOr<std::string> resolved = Resolve(path);
  struct stat opened, named;
  if (!resolved.ok() || fstat(fd, &opened) != 0 ||
      lstat(resolved->c_str(), &named) != 0 || opened.st_dev != named.st_dev ||
      opened.st_ino != named.st_ino) {
    return "";
  }
  return *resolved;
}

// Files of /proc and /sys call themselves regular.
bool IsOfTheKernel(int fd) {
  struct statfs info;
  return fstatfs(fd, &info) == 0 &&
         (info.f_type == PROC_SUPER_MAGIC || info.f_type == SYSFS_MAGIC);
}

}  // namespace

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
  // Of the open file: what the path leads to may change meanwhile.
  const std::string below = root == "/" ? root : root + "/";
  if (!absl::StartsWith(PathOf(fd, path), below) || IsOfTheKernel(fd)) {
    return absl::OutOfRangeError(absl::StrCat(
        "reading ", Visible(path), ": it leads out of ", Visible(directory)));
  }
  return ReadAll(fd, path, max_bytes);
}

absl::StatusOr<Secret> ReadSecretFile(const std::string& path) {
  constexpr size_t kMost = 64 << 10;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return Errno(errno, "reading", path);
  const auto close_fd = absl::MakeCleanup([fd] { close(fd); });
  struct stat info;
  if (fstat(fd, &info) != 0) return Errno(errno, "reading", path);
  if (!S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError(
        absl::StrCat("reading ", Visible(path), ": not a regular file"));
  }
  Secret all;
  char buffer[4096];
  ssize_t n = 0;
  do {
    n = read(fd, buffer, sizeof(buffer));
    if (n > 0) all.Append(std::string_view(buffer, static_cast<size_t>(n)));
  } while ((n > 0 && all.size() <= kMost) || (n < 0 && errno == EINTR));
  const int error = n < 0 ? errno : 0;
  explicit_bzero(buffer, sizeof(buffer));
  if (error != 0) return Errno(error, "reading", path);
  if (all.size() <= kMost) return all;
  return absl::ResourceExhaustedError(absl::StrCat(
      "reading ", Visible(path), ": larger than ", kMost, " bytes"));
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
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<std::string> SystemFiles::Canonical(const std::string& path) {
  const size_t name_at = path.rfind('/') + 1;  // 0: no directory is named
  const std::string name = path.substr(name_at);
  struct stat info;
  if (name.empty() || name == "." || name == ".." ||
      lstat(path.c_str(), &info) != 0 || S_ISLNK(info.st_mode)) {
    return Resolve(path);
  }
  const std::string directory = name_at == 0 ? "." : path.substr(0, name_at);
  if (directory != directory_) {
    PATFORM_ASSIGN_OR_RETURN(real_directory_, Resolve(directory));
    directory_ = directory;
  }
  return absl::StrCat(real_directory_, real_directory_ == "/" ? "" : "/", name);
}

absl::Status SystemFiles::CreateNew(const std::string& path,
                                    const std::string& text) {
  const int fd =
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) return Errno(errno, "writing", path);
  int error = WriteAll(fd, text);
  if (close(fd) != 0 && error == 0) error = errno;
  if (error == 0) return absl::OkStatus();
  unlink(path.c_str());
  return Errno(error, "writing", path);
}

absl::Status SystemFiles::Replace(const std::string& path,
                                  const std::string& text) {
  // Beside the file, so that the rename stays on one file system.
  std::string temporary = path + ".XXXXXX";
  const int fd = mkostemp(temporary.data(), O_CLOEXEC);  // mode 0600
  if (fd < 0) return Errno(errno, "writing a file beside", path);
  int error = WriteAll(fd, text);
  if (error == 0 && fsync(fd) != 0) error = errno;
  if (close(fd) != 0 && error == 0) error = errno;
  if (error == 0 && rename(temporary.c_str(), path.c_str()) != 0) {
    error = errno;
  }
  if (error == 0) return absl::OkStatus();
  unlink(temporary.c_str());
  return Errno(error, "writing", path);
}

}  // namespace patform::system
