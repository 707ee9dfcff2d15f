#include "tests/providers/sinks/system_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "providers/sinks/local/posix.h"

namespace patform::sinks {
namespace {

thread_local SystemCalls* t_calls = nullptr;

std::string Short(const std::string& name) {
  return name.substr(0, name.find(".patform-tmp-"));
}

std::string NameOf(int fd) {
  struct stat info;
  if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) return "/";
  char path[PATH_MAX];
  const std::string link = absl::StrCat("/proc/self/fd/", fd);
  const ssize_t n = readlink(link.c_str(), path, sizeof(path));
  const std::string text(path, n > 0 ? static_cast<size_t>(n) : 0);
  return Short(text.substr(text.rfind('/') + 1));
}

long Seen(const std::string& call, const std::function<long()>& perform) {
  SystemCalls& calls = *t_calls;
  t_calls = nullptr;  // what the test does is not seen
  calls.log.push_back(call);
  int error = calls.before ? calls.before(call) : 0;
  long result = -1;
  if (error == 0) {
    result = perform();
    error = result < 0 ? errno : 0;
    if (const int said = calls.after ? calls.after(call) : 0) error = said;
  }
  t_calls = &calls;
  errno = error;
  return error == 0 ? result : -1;
}

}  // namespace

SystemCalls::SystemCalls() { t_calls = this; }
SystemCalls::~SystemCalls() { t_calls = nullptr; }

}  // namespace patform::sinks

using patform::sinks::NameOf;
using patform::sinks::Seen;
using patform::sinks::Short;
using patform::sinks::t_calls;

extern "C" {

int openat(int directory, const char* name, int flags, ...) {
  mode_t mode = 0;
  if ((flags & (O_CREAT | O_TMPFILE)) != 0) {
    va_list rest;
    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
  }
  if (t_calls != nullptr && (flags & O_CREAT) != 0) {
    t_calls->creates.push_back(
        absl::StrCat(Short(name), " ", patform::sinks::ModeText(mode),
                     (flags & O_EXCL) != 0 ? " new" : "",
                     (flags & O_CLOEXEC) != 0 ? " not-inherited" : ""));
  }
  return static_cast<int>(syscall(SYS_openat, directory, name, flags, mode));
}

int mkdirat(int directory, const char* name, mode_t mode) {
  const auto call = [=] { return syscall(SYS_mkdirat, directory, name, mode); };
  if (t_calls == nullptr) return static_cast<int>(call());
  const std::string path = name;
  return static_cast<int>(
      Seen("mkdir " + path.substr(path.rfind('/') + 1), call));
}

ssize_t write(int fd, const void* bytes, size_t size) {
  if (t_calls != nullptr) size = std::min(size, t_calls->most);
  const auto call = [=] { return syscall(SYS_write, fd, bytes, size); };
  if (t_calls == nullptr) return call();
  return Seen("write " + NameOf(fd), call);
}

int fchmod(int fd, mode_t mode) {
  const auto call = [=] { return syscall(SYS_fchmod, fd, mode); };
  if (t_calls == nullptr) return static_cast<int>(call());
  return static_cast<int>(Seen("fchmod " + NameOf(fd), call));
}

int fsync(int fd) {
  const auto call = [=] { return syscall(SYS_fsync, fd); };
  if (t_calls == nullptr) return static_cast<int>(call());
  return static_cast<int>(Seen("fsync " + NameOf(fd), call));
}

int renameat2(int from, const char* old_name, int to, const char* new_name,
              unsigned flags) {
  const auto call = [=] {
    return syscall(SYS_renameat2, from, old_name, to, new_name, flags);
  };
  if (t_calls == nullptr) return static_cast<int>(call());
  const bool both = (flags & RENAME_EXCHANGE) != 0;
  return static_cast<int>(
      Seen(absl::StrCat(both ? "exchange " : "rename ", Short(old_name),
                        both ? " <-> " : " -> ", Short(new_name)),
           call));
}

int renameat(int from, const char* old_name, int to, const char* new_name) {
  const auto call = [=] {
    return syscall(SYS_renameat2, from, old_name, to, new_name, 0);
  };
  if (t_calls == nullptr) return static_cast<int>(call());
  return static_cast<int>(Seen(
      absl::StrCat("rename ", Short(old_name), " -> ", Short(new_name)), call));
}

int unlinkat(int directory, const char* name, int flags) {
  const auto call = [=] {
    return syscall(SYS_unlinkat, directory, name, flags);
  };
  if (t_calls == nullptr) return static_cast<int>(call());
  return static_cast<int>(Seen("unlink " + Short(name), call));
}

}  // extern "C"
