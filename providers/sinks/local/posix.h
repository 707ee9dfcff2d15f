#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"

// The system calls that the local sinks need, each in one place, each with an
// error whose message ends with what to do.
namespace patform::sinks {

// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.Release()) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd();

  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }
  int Release();

 private:
  int fd_ = -1;
};

// "path", control characters made visible.
std::string Quoted(std::string_view path);

// `cannot OPERATION "path": strerror. What to do.` The code is that of a call
// that did nothing: kUnavailable where trying again may help, else
// kPermissionDenied, kFailedPrecondition or kInvalidArgument.
absl::Status SystemError(std::string_view operation, std::string_view path,
                         int error);

// openat() with O_CLOEXEC and O_NOFOLLOW; not ok: see errno.
Fd OpenAt(int directory, const std::string& name, int flags, mode_t mode = 0);

// All of `bytes`; 0 or errno.
int WriteAll(int fd, std::string_view bytes);

// The whole file; kResourceExhausted for more than `max_bytes`. Every buffer
// is wiped: there may be secrets in it.
absl::StatusOr<Secret> ReadAll(int fd, std::string_view path, size_t max_bytes);

// fsync(); 0 or errno.
int Sync(int fd);

// `bytes` random bytes from the kernel, in lower-case hexadecimal.
std::string RandomHex(int bytes);
uint64_t RandomBits();

// Why a directory could not be locked, when nobody else has the lock.
absl::Status LockError(std::string_view path, int error);

// Takes the exclusive advisory lock of `fd`, which goes with its descriptor.
// kDeadlineExceeded when another holds it to the end.
absl::Status Lock(int fd, std::string_view path, Deadline deadline);
// The same without waiting; false: another has it, or there was no time to
// see. An error: nobody could lock this directory.
absl::StatusOr<bool> TryLock(int fd, std::string_view path);
void Unlock(int fd);

// "0640".
std::string ModeText(mode_t mode);

}  // namespace patform::sinks
