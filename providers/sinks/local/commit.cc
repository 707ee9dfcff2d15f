#include "providers/sinks/local/commit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/model/place_path.h"
#include "providers/sinks/local/walk.h"

// NewFile is one replacement; Leftovers removes the files of those that a
// killed run never finished. The order in a NewFile is always the same: create,
// write, set mode and time, fsync, rename, fsync of the directory. Every step
// before the rename can fail without anybody noticing; what comes after it can
// only be uncertain, never undone.
namespace patform::sinks {
namespace {

// 64 bits: two writers never draw the same name, and with O_EXCL the second
// would fail rather than share the file.
constexpr int kRandomBytes = 8;
// Errors of rename() after which the old file is certainly still there.
// Only these are certain. NFS answers ENOENT to a rename that was retransmitted
// after it had worked, and ESTALE or EINTR to one whose outcome it lost.
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

// The file system, or the kernel, does not know this kind of rename. Of
// renameat2(): ENOSYS before Linux 3.15, EINVAL from most network and some
// stacked file systems, EOPNOTSUPP from the rest.
bool IsUnsupported(int error) {
  return error == EINVAL || error == ENOSYS || error == EOPNOTSUPP;
}

// One file with one content, whatever its name. Compares all that a version is
// made of. The inode alone would miss a program that writes in place, and size
// and time alone a copy that keeps both.
bool SameFile(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino &&
         a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

// kUnknown is the executor's word for "read the record back"; it must never be
// turned into a failure, for then the new token would be revoked although the
// file may already serve its secret.
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

// The moved-from object must not unlink: its temporary name has a new owner.
NewFile::NewFile(NewFile&& other) noexcept
    : directory_(other.directory_),
      name_(std::move(other.name_)),
      temporary_(std::exchange(other.temporary_, {})),
      fd_(std::move(other.fd_)) {}

// Best effort: where even this fails, the next run's Leftovers removes it.
NewFile::~NewFile() {
  if (!temporary_.empty()) unlinkat(directory_->fd(), temporary_.c_str(), 0);
}

absl::StatusOr<NewFile> NewFile::Create(const Directory& directory,
                                        const std::string& name) {
  // Hidden, and in the same directory: rename() does not cross file systems,
  // and the directory's own checks (owner, mode, no links) hold for it as well.
  std::string temporary = absl::StrCat(".", name, AbslView(kTemporaryInfix),
                                       RandomHex(kRandomBytes));
  Fd fd = OpenAt(directory.fd(), temporary, O_CREAT | O_EXCL | O_WRONLY, 0600);
  if (!fd.ok()) {
    return SystemError("create a file beside", directory.PathOf(name), errno);
  }
  return NewFile(directory, name, std::move(temporary), std::move(fd));
}

absl::Status NewFile::Failed(const char* operation, int error) const {
  return SystemError(operation, directory_->PathOf(name_), error);
}

absl::Status NewFile::Write(std::string_view bytes) {
  if (const int error = WriteAll(fd(), bytes)) {
    return Failed("write the new content of", error);
  }
  return absl::OkStatus();
}

absl::Status NewFile::Sync() {
  if (const int error = sinks::Sync(fd())) {
    return Failed("put on disk the new content of", error);
  }
  return absl::OkStatus();
}

absl::Status NewFile::Fill(std::string_view bytes, mode_t mode) {
  PATFORM_RETURN_IF_ERROR(Write(bytes));
  // fchmod() rather than the argument of open(), which the umask cuts.
  if (fchmod(fd(), mode) != 0) return Failed("set the mode of", errno);
  return Sync();
}

// Nothing has been renamed yet, so this is a definite failure and the caller
// may undo what it minted.
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

// Without it a power cut may bring the old name back although the data of the
// new file is on disk. An error here comes after the rename, so it is
// uncertain.
absl::Status NewFile::SyncDirectory() const {
  if (const int error = sinks::Sync(directory_->fd())) {
    return MayHaveHappened("put on disk the change of",
                           directory_->PathOf(name_), error);
  }
  return absl::OkStatus();
}

absl::Status NewFile::Commit(Deadline deadline) {
  // From the mint on others count the token as dead once its deadline has
  // passed and may revoke it. A rename after that would deliver a dead secret.
  if (std::chrono::steady_clock::now() >= deadline) return TooLate();
  if (renameat(directory_->fd(), temporary_.c_str(), directory_->fd(),
               name_.c_str()) != 0) {
    if (DidNotHappen(errno)) return Failed("replace", errno);
    return MayHaveHappened("replace", directory_->PathOf(name_), errno);
  }
  // From here on the destructor has nothing to remove: the name is in use.
  temporary_.clear();
  return SyncDirectory();
}

absl::Status NewFile::CommitOver(const std::optional<struct stat>& seen,
                                 Deadline deadline) {
  if (std::chrono::steady_clock::now() >= deadline) return TooLate();
  // One system call that compares and replaces does not exist. EXCHANGE comes
  // closest: it swaps the two names, so what was replaced is still there to be
  // looked at, and can be put back. NOREPLACE is the same for "nothing there".
  if (renameat2(directory_->fd(), temporary_.c_str(), directory_->fd(),
                name_.c_str(),
                seen ? RENAME_EXCHANGE : RENAME_NOREPLACE) == 0) {
    return Exchange(seen);
  }
  // Look() below overwrites errno.
  const int error = errno;
  if (IsUnsupported(error)) {
    // There is a gap between this look and the rename, of a few microseconds;
    // the lock keeps other runs of patform out of it, and nothing keeps out a
    // program that knows no lock.
    PATFORM_ASSIGN_OR_RETURN(const std::optional<struct stat> now,
                             directory_->Look(name_));
    const bool same = seen && now ? SameFile(*seen, *now) : !seen && !now;
    return same ? Commit(deadline) : Moved();
  }
  if (DidNotHappen(error)) return Failed("replace", error);
  // What was seen is gone, or something else is there now; unless the rename
  // was made and only its answer was wrong.
  if (error == (seen ? ENOENT : EEXIST) && IsTemporaryOurs()) return Moved();
  return MayHaveHappened("replace", directory_->PathOf(name_), error);
}

// The new file has its name; what had it before has the temporary one.
absl::Status NewFile::Exchange(const std::optional<struct stat>& seen) {
  if (seen) {
    // Asked under the temporary name because that is where the old file is now.
    // If it cannot be looked at, it is gone, and nobody's content with it.
    struct stat before;
    if (fstatat(directory_->fd(), temporary_.c_str(), &before,
                AT_SYMLINK_NOFOLLOW) == 0 &&
        !SameFile(*seen, before)) {
      return PutBack();
    }
    // The old secret's last name.
    unlinkat(directory_->fd(), temporary_.c_str(), 0);
  }
  temporary_.clear();
  return SyncDirectory();
}

// What another program wrote gets its name again.
absl::Status NewFile::PutBack() {
  const int fd = directory_->fd();
  // Taken away first: until the second exchange has succeeded this object must
  // not remove whatever has the temporary name.
  const std::string temporary = std::exchange(temporary_, {});
  // For a moment readers saw our content under the name. That is unavoidable,
  // and harmless: the content is whole and its token lives until this returns.
  if (renameat2(fd, temporary.c_str(), fd, name_.c_str(), RENAME_EXCHANGE) !=
      0) {
    return MayHaveHappened("put back", directory_->PathOf(name_), errno);
  }
  // The names are swapped back, so ours is the temporary one again. If not, a
  // third content came in between, and it was moved aside by this exchange.
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

// By device and inode: the name may have been taken by something else, but an
// inode cannot be used again while its descriptor is open.
bool NewFile::IsTemporaryOurs() const {
  struct stat named, written;
  return fstatat(directory_->fd(), temporary_.c_str(), &named,
                 AT_SYMLINK_NOFOLLOW) == 0 &&
         fstat(fd(), &written) == 0 && named.st_dev == written.st_dev &&
         named.st_ino == written.st_ino;
}

// The exact form, with the length and the alphabet of the random part: a file
// that a person named "x.patform-tmp-notes" is left alone.
bool IsTemporary(std::string_view name) {
  const size_t at = name.rfind(kTemporaryInfix);
  // `at < 2`: the dot and at least one byte of a name in front of the infix.
  if (at == std::string_view::npos || at < 2 || name.front() != '.') {
    return false;
  }
  const std::string_view random = name.substr(at + kTemporaryInfix.size());
  return random.size() == 2 * kRandomBytes &&
         std::all_of(random.begin(), random.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

void Leftovers::Remove(const Directory& directory) {
  // By device and inode and not by path: two sinks, or two spellings, may lead
  // to one directory, and a second sweep would delete what this run is writing.
  struct stat info;
  if (fstat(directory.fd(), &info) != 0) return;
  // The mutex covers the set only. Two threads at once in one directory are
  // excluded by the directory's own lock, which the caller has.
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!seen_.emplace(info.st_dev, info.st_ino).second) return;
  }
  for (const std::string& name : NamesIn(directory)) {
    // Only plain files of this user. Anything else under such a name was put
    // there by somebody who wants patform to follow or to delete it.
    if (!IsTemporary(name) ||
        fstatat(directory.fd(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) !=
            0 ||
        !S_ISREG(info.st_mode) || info.st_uid != geteuid()) {
      continue;
    }
    unlinkat(directory.fd(), name.c_str(), 0);
  }
}

void Leftovers::Sweep(const Root& root, Deadline deadline) {
  WalkDirectories(root, deadline,
                  [this](const Directory& directory, const std::string&,
                         const std::vector<std::string>& names) {
                    if (std::any_of(names.begin(), names.end(), IsTemporary)) {
                      // Where it cannot be locked, nobody can have written.
                      RemoveIfIdle(directory).IgnoreError();
                    }
                  });
}

bool Leftovers::Removed(const Directory& directory) {
  struct stat info;
  if (fstat(directory.fd(), &info) != 0) return false;
  const std::lock_guard<std::mutex> lock(mutex_);
  return seen_.count({info.st_dev, info.st_ino}) > 0;
}

absl::Status Leftovers::RemoveIfIdle(const Directory& directory) {
  // Cheap, and saves the lock in the usual case: one look per directory and
  // run.
  if (Removed(directory)) return absl::OkStatus();
  PATFORM_ASSIGN_OR_RETURN(const bool mine,
                           TryLock(directory.fd(), directory.path()));
  // Not ours: a living run has it, and will remove what is there itself when it
  // writes. To wait would only delay a plan.
  if (!mine) return absl::OkStatus();
  Remove(directory);
  Unlock(directory.fd());
  return absl::OkStatus();
}

absl::StatusOr<Directory> OpenToRemove(const Root& root, const FilePath& at) {
  PATFORM_ASSIGN_OR_RETURN(std::optional<Directory> directory,
                           OpenDirectory(root, at));
  if (!directory) return absl::NotFoundError("nothing is there");
  return *std::move(directory);
}

absl::StatusOr<std::optional<Directory>> OpenToCheck(const Root& root,
                                                     const FilePath& at,
                                                     Leftovers& leftovers) {
  PATFORM_RETURN_IF_ERROR(CheckDirectory(root, at));
  PATFORM_ASSIGN_OR_RETURN(std::optional<Directory> directory,
                           OpenDirectory(root, at));
  if (directory) PATFORM_RETURN_IF_ERROR(leftovers.RemoveIfIdle(*directory));
  return directory;
}

}  // namespace patform::sinks
