#include "providers/sinks/local/commit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"

namespace patform::sinks {
namespace {

constexpr char kInfix[] = ".patform-tmp-";
constexpr int kRandomBytes = 8;
// How far Sweep() goes.
constexpr int kMaxDepth = 16;
constexpr int kMaxEntries = 50'000;

// Certain of these alone: a file system on a network says ENOENT of a rename
// that it was sent twice, or ESTALE and EINTR of one that it lost sight of.
bool DidNotHappen(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
    case EROFS:
    case ENOSPC:
    case EDQUOT:
    case EBUSY:
    case EISDIR:
    case ENAMETOOLONG:
    case ENOMEM:
      return true;
    default:
      return false;
  }
}

// What is in a directory, in the order of the file system; empty where it
// cannot be read.
std::vector<std::string> NamesIn(const Directory& directory) {
  std::vector<std::string> names;
  // A descriptor of its own: closedir() closes it.
  Fd fd = OpenAt(directory.fd(), ".", O_RDONLY | O_DIRECTORY);
  if (!fd.ok()) return names;
  DIR* const stream = fdopendir(fd.get());
  if (stream == nullptr) return names;
  fd.Release();
  while (const dirent* entry = readdir(stream)) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  closedir(stream);
  return names;
}

// One walk of Sweep().
class Walk {
 public:
  Walk(Leftovers& leftovers, Deadline deadline)
      : leftovers_(leftovers), deadline_(deadline) {}

  void Visit(const Directory& directory, dev_t device, int depth) {
    const std::vector<std::string> names = NamesIn(directory);
    left_ -= static_cast<int>(names.size());
    if (std::any_of(names.begin(), names.end(), IsTemporary)) {
      // Where it cannot be locked, nobody can have written.
      leftovers_.RemoveIfIdle(directory).IgnoreError();
    }
    if (depth == kMaxDepth) return;
    for (const std::string& name : names) {
      if (left_ <= 0 || std::chrono::steady_clock::now() >= deadline_) return;
      struct stat info;
      if (fstatat(directory.fd(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) !=
              0 ||
          !S_ISDIR(info.st_mode) || info.st_uid != geteuid() ||
          info.st_dev != device) {
        continue;
      }
      Fd fd = OpenAt(directory.fd(), name, O_RDONLY | O_DIRECTORY);
      if (!fd.ok()) continue;
      Visit(Directory(std::move(fd), directory.PathOf(name)), device,
            depth + 1);
    }
  }

 private:
  Leftovers& leftovers_;
  const Deadline deadline_;
  int left_ = kMaxEntries;
};

// The file system, or the kernel, does not know this kind of rename.
bool IsUnsupported(int error) {
  return error == EINVAL || error == ENOSYS || error == EOPNOTSUPP;
}

// One file with one content, whatever its name.
bool SameFile(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino &&
         a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

absl::Status MayHaveHappened(const char* operation, const std::string& path,
                             int error) {
  return absl::UnknownError(absl::StrCat(
      "cannot ", operation, " ", Quoted(path), ": ",
      std::generic_category().message(error),
      ". It may hold the new secret or still the old one: patform must read it "
      "again before it does anything else. See the system's log for what the "
      "disk reported."));
}

}  // namespace

NewFile::NewFile(const Directory& directory, std::string name,
                 std::string temporary, Fd fd)
    : directory_(&directory),
      name_(std::move(name)),
      temporary_(std::move(temporary)),
      fd_(std::move(fd)) {}

NewFile::NewFile(NewFile&& other) noexcept
    : directory_(other.directory_),
      name_(std::move(other.name_)),
      temporary_(std::exchange(other.temporary_, {})),
      fd_(std::move(other.fd_)) {}

NewFile::~NewFile() {
  if (!temporary_.empty()) unlinkat(directory_->fd(), temporary_.c_str(), 0);
}

absl::StatusOr<NewFile> NewFile::Create(const Directory& directory,
                                        const std::string& name) {
  std::string temporary =
      absl::StrCat(".", name, kInfix, RandomHex(kRandomBytes));
  Fd fd = OpenAt(directory.fd(), temporary, O_CREAT | O_EXCL | O_WRONLY, 0600);
  if (!fd.ok()) {
    return SystemError("create a file beside", directory.PathOf(name), errno);
  }
  return NewFile(directory, name, std::move(temporary), std::move(fd));
}

absl::Status NewFile::Failed(const char* operation, int error) const {
  return SystemError(operation, directory_->PathOf(name_), error);
}

absl::Status NewFile::Write(std::string_view bytes, mode_t mode) {
  if (const int error = WriteAll(fd(), bytes)) {
    return Failed("write the new content of", error);
  }
  if (fchmod(fd(), mode) != 0) return Failed("set the mode of", errno);
  return absl::OkStatus();
}

absl::Status NewFile::Sync() {
  if (const int error = sinks::Sync(fd())) {
    return Failed("put on disk the new content of", error);
  }
  return absl::OkStatus();
}

absl::Status NewFile::Fill(std::string_view bytes, mode_t mode) {
  PATFORM_RETURN_IF_ERROR(Write(bytes, mode));
  return Sync();
}

absl::Status NewFile::TooLate() const {
  return absl::DeadlineExceededError(absl::StrCat(
      "the time for this step was up before ",
      Quoted(directory_->PathOf(name_)),
      " could be replaced. Nothing was written; run patform again."));
}

absl::Status NewFile::Moved() const {
  return absl::AbortedError(
      absl::StrCat(Quoted(directory_->PathOf(name_)),
                   " was changed by another program as it was about to be "
                   "replaced. Nothing was written."));
}

absl::Status NewFile::SyncDirectory() const {
  if (const int error = sinks::Sync(directory_->fd())) {
    return MayHaveHappened("put on disk the change of",
                           directory_->PathOf(name_), error);
  }
  return absl::OkStatus();
}

absl::Status NewFile::Commit(Deadline deadline) {
  if (std::chrono::steady_clock::now() >= deadline) return TooLate();
  if (renameat(directory_->fd(), temporary_.c_str(), directory_->fd(),
               name_.c_str()) != 0) {
    if (DidNotHappen(errno)) return Failed("replace", errno);
    return MayHaveHappened("replace", directory_->PathOf(name_), errno);
  }
  temporary_.clear();
  return SyncDirectory();
}

absl::Status NewFile::CommitOver(const std::optional<struct stat>& seen,
                                 Deadline deadline) {
  if (std::chrono::steady_clock::now() >= deadline) return TooLate();
  if (renameat2(directory_->fd(), temporary_.c_str(), directory_->fd(),
                name_.c_str(),
                seen ? RENAME_EXCHANGE : RENAME_NOREPLACE) == 0) {
    return Exchange(seen);
  }
  const int error = errno;
  if (IsUnsupported(error)) {
    PATFORM_ASSIGN_OR_RETURN(const std::optional<struct stat> now,
                             directory_->Look(name_));
    const bool same = seen && now ? SameFile(*seen, *now) : !seen && !now;
    return same ? Commit(deadline) : Moved();
  }
  if (DidNotHappen(error)) return Failed("replace", error);
  // What was seen is gone, or something is there now: unless the rename was
  // made all the same and only its answer says otherwise.
  if (error == (seen ? ENOENT : EEXIST) && IsTemporaryOurs()) return Moved();
  return MayHaveHappened("replace", directory_->PathOf(name_), error);
}

// The new file has its name; what had it before has the temporary one.
absl::Status NewFile::Exchange(const std::optional<struct stat>& seen) {
  if (seen) {
    struct stat before;
    if (fstatat(directory_->fd(), temporary_.c_str(), &before,
                AT_SYMLINK_NOFOLLOW) == 0 &&
        !SameFile(*seen, before)) {
      return PutBack();
    }
    unlinkat(directory_->fd(), temporary_.c_str(), 0);
  }
  temporary_.clear();
  return SyncDirectory();
}

// What another program wrote gets its name again.
absl::Status NewFile::PutBack() {
  const int fd = directory_->fd();
  const std::string temporary = std::exchange(temporary_, {});
  if (renameat2(fd, temporary.c_str(), fd, name_.c_str(), RENAME_EXCHANGE) !=
      0) {
    return MayHaveHappened("put back", directory_->PathOf(name_), errno);
  }
  temporary_ = temporary;
  if (!IsTemporaryOurs()) {
    // It was faster, again: the last word is its.
    temporary_.clear();
    if (renameat(fd, temporary.c_str(), fd, name_.c_str()) != 0) {
      return MayHaveHappened("put back", directory_->PathOf(name_), errno);
    }
  }
  PATFORM_RETURN_IF_ERROR(SyncDirectory());
  return Moved();
}

bool NewFile::IsTemporaryOurs() const {
  struct stat named, written;
  return fstatat(directory_->fd(), temporary_.c_str(), &named,
                 AT_SYMLINK_NOFOLLOW) == 0 &&
         fstat(fd(), &written) == 0 && named.st_dev == written.st_dev &&
         named.st_ino == written.st_ino;
}

bool IsTemporary(std::string_view name) {
  const size_t at = name.rfind(kInfix);
  if (at == std::string_view::npos || at < 2 || name.front() != '.') {
    return false;
  }
  const std::string_view random = name.substr(at + strlen(kInfix));
  return random.size() == 2 * kRandomBytes &&
         std::all_of(random.begin(), random.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

void Leftovers::Remove(const Directory& directory) {
  struct stat info;
  if (fstat(directory.fd(), &info) != 0) return;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!seen_.emplace(info.st_dev, info.st_ino).second) return;
  }
  for (const std::string& name : NamesIn(directory)) {
    if (!IsTemporary(name) ||
        fstatat(directory.fd(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) !=
            0 ||
        !S_ISREG(info.st_mode) || info.st_uid != geteuid()) {
      continue;
    }
    unlinkat(directory.fd(), name.c_str(), 0);
  }
}

void Leftovers::Sweep(const Directory& directory, Deadline deadline) {
  struct stat info;
  if (fstat(directory.fd(), &info) != 0) return;
  Walk(*this, deadline).Visit(directory, info.st_dev, 0);
}

bool Leftovers::Removed(const Directory& directory) {
  struct stat info;
  if (fstat(directory.fd(), &info) != 0) return false;
  const std::lock_guard<std::mutex> lock(mutex_);
  return seen_.count({info.st_dev, info.st_ino}) > 0;
}

absl::Status Leftovers::RemoveIfIdle(const Directory& directory) {
  if (Removed(directory)) return absl::OkStatus();
  PATFORM_ASSIGN_OR_RETURN(const bool mine,
                           TryLock(directory.fd(), directory.path()));
  if (!mine) return absl::OkStatus();
  Remove(directory);
  Unlock(directory.fd());
  return absl::OkStatus();
}

}  // namespace patform::sinks
