#include "providers/sinks/local/posix.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

// Thin covers of system calls: they repeat what was interrupted, close
// descriptors and turn errno into a status with advice. Our signal handlers ask
// for SA_RESTART (providers/system/signals.cc), but a debugger that attaches,
// or a file system in user space, can still make a call return EINTR.
namespace patform::sinks {
namespace {

// The code is for the program, the sentence for the person.
struct Advice {
  absl::StatusCode code;
  const char* what_to_do;
};

// The code says what the caller may expect: kUnavailable where to try again may
// help without a change, kFailedPrecondition where a person has to do
// something.
Advice AdviceFor(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
      return {absl::StatusCode::kPermissionDenied,
              "Give the user that runs patform the right to do this, or run "
              "patform as the owner."};
    case EROFS:
      return {absl::StatusCode::kFailedPrecondition,
              "Mount the file system writable, or deliver to another place."};
    case ENOSPC:
      return {absl::StatusCode::kFailedPrecondition,
              "Make room on this file system, then run patform again."};
    case EDQUOT:
      return {absl::StatusCode::kFailedPrecondition,
              "Make room in this user's quota, then run patform again."};
    case EFBIG:
      return {absl::StatusCode::kFailedPrecondition,
              "Raise the limit of a file's size (ulimit -f), then run patform "
              "again."};
    case ELOOP:
      return {absl::StatusCode::kFailedPrecondition,
              "patform does not follow symbolic links where it keeps secrets: "
              "put a real directory or file there."};
    case ENOTDIR:
      return {absl::StatusCode::kFailedPrecondition,
              "There is a file or a symbolic link where a directory is needed: "
              "move it away, or change the address."};
    case ENOENT:
      return {absl::StatusCode::kFailedPrecondition,
              "Create its directory first."};
    case EBUSY:
      // rename() onto a file that is bind-mounted, as Docker and Kubernetes
      // mount single files, fails with EBUSY for ever.
      return {absl::StatusCode::kFailedPrecondition,
              "It is in use, perhaps as the target of a mount: deliver to a "
              "file in a directory that can be written."};
    case ENAMETOOLONG:
      return {absl::StatusCode::kInvalidArgument, "Choose a shorter address."};
    // May pass when other files are closed, hence kUnavailable.
    case EMFILE:
    case ENFILE:
      return {absl::StatusCode::kUnavailable,
              "Raise the limit of open files, or lower --parallelism."};
    case EIO:
      return {absl::StatusCode::kUnavailable,
              "The disk or its connection failed: see the system's log."};
    default:
      return {absl::StatusCode::kUnavailable, "Run patform again."};
  }
}

}  // namespace

// Self-assignment would close the descriptor that is to be kept.
Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) close(fd_);
    fd_ = other.Release();
  }
  return *this;
}

Fd::~Fd() {
  // An error of close() is not looked at: what matters was synced before.
  if (fd_ >= 0) close(fd_);
}

int Fd::Release() { return std::exchange(fd_, -1); }

// Paths come from configurations and directories and may hold anything; what is
// printed of them must not act on a terminal.
std::string Quoted(std::string_view path) {
  return absl::StrCat("\"", Visible(path), "\"");
}

absl::Status SystemError(std::string_view operation, std::string_view path,
                         int error) {
  const Advice advice = AdviceFor(error);
  return absl::Status(
      advice.code,
      absl::StrCat("cannot ", AbslView(operation), " ", Quoted(path), ": ",
                   std::generic_category().message(error), ". ",
                   advice.what_to_do));
}

// For every open of a sink: no links, and nothing that a child could inherit.
Fd OpenAt(int directory, const std::string& name, int flags, mode_t mode) {
  int fd;
  do {
    fd = openat(directory, name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode);
  } while (fd < 0 && errno == EINTR);
  return Fd(fd);
}

int WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    // Short writes are legal, on a nearly full disk or after a signal.
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return 0;
}

// Into a Secret, for some callers read other people's secrets. The buffer on
// the stack is wiped as well, on each way out.
absl::StatusOr<Secret> ReadAll(int fd, std::string_view path,
                               size_t max_bytes) {
  Secret all;
  char buffer[4096];
  absl::Status status;
  while (true) {
    const ssize_t n = read(fd, buffer, sizeof(buffer));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) status = SystemError("read", path, errno);
    if (n <= 0) break;
    all.Append(std::string_view(buffer, static_cast<size_t>(n)));
    if (all.size() > max_bytes) {
      status = absl::ResourceExhaustedError(absl::StrCat(
          Quoted(path), " is larger than ", max_bytes,
          " bytes, more than patform reads. Deliver to another file."));
      break;
    }
  }
  // memset() before a return would be optimised away.
  explicit_bzero(buffer, sizeof(buffer));
  if (!status.ok()) return status;
  return all;
}

int Sync(int fd) {
  int result;
  do {
    // POSIX allows EINTR here, and file systems on a network return it.
    result = fsync(fd);
  } while (result != 0 && errno == EINTR);
  return result == 0 ? 0 : errno;
}

uint64_t RandomBits() {
  uint64_t bits = 0;
  // Up to 256 bytes come whole and uninterrupted once the kernel is seeded.
  // getrandom() waits for that, and never returns predictable bytes as
  // /dev/urandom may.
  while (getrandom(&bits, sizeof(bits), 0) != sizeof(bits)) {
  }
  return bits;
}

std::string RandomHex(int bytes) {
  std::string text;
  while (static_cast<int>(text.size()) < bytes * 2) {
    absl::StrAppend(&text, absl::Hex(RandomBits(), absl::kZeroPad16));
  }
  text.resize(static_cast<size_t>(bytes) * 2);
  return text;
}

// Some file systems refuse flock() on a directory, or at all; the error differs
// with the file system and with how it was mounted.
absl::Status LockError(std::string_view path, int error) {
  switch (error) {
    case EBADF:
    case EINVAL:
    case EISDIR:
    case ENOLCK:
    case ENOSYS:
    case EOPNOTSUPP:
      return absl::FailedPreconditionError(absl::StrCat(
          "cannot lock ", Quoted(path), ": ",
          std::generic_category().message(error),
          ". Its file system gives no locks on directories, as NFS does not, "
          "so two runs could overwrite each other: deliver to a "
          "local disk."));
    default:
      return SystemError("lock", path, error);
  }
}

// False also when a signal came: the caller has another occasion.
absl::StatusOr<bool> TryLock(int fd, std::string_view path) {
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
  if (errno == EWOULDBLOCK || errno == EINTR) return false;
  return LockError(path, errno);
}

void Unlock(int fd) { flock(fd, LOCK_UN); }

// Polls instead of waiting in flock(), which knows no deadline and could only
// be left through a signal.
absl::Status Lock(int fd, std::string_view path, Deadline deadline) {
  constexpr auto kLongest = std::chrono::milliseconds(2);
  // Short at first: most holders are done within a millisecond.
  std::chrono::nanoseconds pause = std::chrono::microseconds(200);
  while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return LockError(path, errno);
    if (std::chrono::steady_clock::now() >= deadline) {
      return absl::DeadlineExceededError(absl::StrCat(
          "the directory ", Quoted(path),
          " is locked by another run of patform and the time for this step is "
          "up. Nothing was written; run patform again when the other is "
          "done."));
    }
    const timespec span = {0, static_cast<long>(pause.count())};
    nanosleep(&span, nullptr);
    pause = std::min<std::chrono::nanoseconds>(pause * 2, kLongest);
  }
  return absl::OkStatus();
}

std::string ModeText(mode_t mode) {
  char text[8];
  std::snprintf(text, sizeof(text), "%04o",
                static_cast<unsigned>(mode & 07777));
  return text;
}

}  // namespace patform::sinks
