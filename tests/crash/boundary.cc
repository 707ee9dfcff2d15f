// Stands between patform and the C library: LD_PRELOAD=libpatform_boundary.so.
// Where a call is about to change or to read what outlives the process (the
// files of a store, a connection), it can kill the process, let the call fail,
// or wait until a test says go on; and it can move the clock. The program under
// test is not changed for it and knows nothing of it.
//
// All is steered by the environment:
//   BOUNDARY_STORE    the folder whose files count
//   BOUNDARY_CALLS    names such as ",send,recv,fsync,": the calls that count,
//                     all threads together
//   BOUNDARY_AT       the number, from 1, of the call that something happens to
//   BOUNDARY_DO       what: kill | error:ERRNO | done-error:ERRNO (the call is
//                     done and then said to have failed) | short (one byte of
//                     it is done) | end (a recv: the peer has closed) |
//                     signal:N (the process gets that signal, and goes on) |
//                     memory:N (the N-th allocation from there on fails) |
//                     cut:0 or cut:1 (the power fails: see power.h)
//   BOUNDARY_THEN     names such as ",create,": calls that fail from then on,
//                     as on a disk that is full
//   BOUNDARY_REPORT   a file that gets one line for every call that counts:
//                     its number and name, @ and the inode of the file or
//                     folder where that matters, and a "!" when something
//                     happened; "dumpable" where a core dump would be written
//   BOUNDARY_GATE     a Unix socket: every call that counts is written there,
//                     and waits for one byte, "g" (go on) or "k" (die)
//   BOUNDARY_LATER    seconds by which the wall clock is ahead
//   BOUNDARY_NO_NAPS  sleeping moves both clocks on and takes no time; for one
//                     thread, as others would see their deadlines jump by
//   BOUNDARY_SPEED    both clocks run so many times as fast
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <string>

#include "tests/crash/power.h"

// The C library's own, for what comes before dlsym() can be asked.
extern "C" {
void* __libc_malloc(size_t size);                // NOLINT
void* __libc_calloc(size_t count, size_t size);  // NOLINT
void* __libc_realloc(void* block, size_t size);  // NOLINT
}

namespace {

using boundary::Power;

constexpr int kMaxFds = 1024;
constexpr int64_t kNanos = 1'000'000'000;

enum class Kind : char { kOther, kStore, kSocket };

// Nothing here is ever destroyed: threads may call to the very end.
struct State {
  std::string store;
  std::string calls;
  std::string then;
  int at = 0;
  std::string action;
  int error = 0;
  int report = -1;
  int gate = -1;
  bool no_naps = false;
  int64_t speed = 1;
  int64_t begun = 0;               // nanoseconds of CLOCK_MONOTONIC
  std::atomic<int64_t> later{0};   // nanoseconds, of the wall clock
  std::atomic<int64_t> napped{0};  // nanoseconds, of both clocks
  std::atomic<int> count{0};
  std::atomic<bool> happened{false};  // what was to happen did
  std::atomic<Kind> kinds[kMaxFds] = {};
  std::mutex mutex;
  Power* power = nullptr;  // for "cut" alone
};

// Allocations until one fails; 0: none does.
std::atomic<int64_t> g_allocations{0};

State* g_state = nullptr;  // nullptr: before main() and without a store

template <typename Function>
Function Next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

// The real function behind the one that this is used in.
#define REAL(name) static const auto real = Next<decltype(&::name)>(#name)

const char* Variable(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

[[noreturn]] void Die() {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

int ConnectGate(const char* path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
  const int fd = static_cast<int>(
      syscall(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (syscall(SYS_connect, fd, &address, sizeof(address)) != 0) {
    fprintf(stderr, "boundary: no gate at %s\n", path);
    _exit(99);
  }
  return fd;
}

int64_t TrueTime() {
  timespec time = {};
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &time);
  return time.tv_sec * kNanos + time.tv_nsec;
}

__attribute__((constructor)) void Begin() {
  State* state = new State;
  state->store = Variable("BOUNDARY_STORE");
  state->calls = Variable("BOUNDARY_CALLS");
  state->then = Variable("BOUNDARY_THEN");
  state->at = atoi(Variable("BOUNDARY_AT"));
  state->action = Variable("BOUNDARY_DO");
  if (const size_t colon = state->action.find(':');
      colon != std::string::npos) {
    state->error = atoi(state->action.c_str() + colon + 1);
    state->action.resize(colon);
  }
  if (const char* path = Variable("BOUNDARY_REPORT"); *path != '\0') {
    state->report = static_cast<int>(
        syscall(SYS_openat, AT_FDCWD, path,
                O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  }
  if (const char* path = Variable("BOUNDARY_GATE"); *path != '\0') {
    state->gate = ConnectGate(path);
  }
  state->no_naps = *Variable("BOUNDARY_NO_NAPS") != '\0';
  state->speed = atoll(Variable("BOUNDARY_SPEED"));
  if (state->speed < 1) state->speed = 1;
  state->begun = TrueTime();
  state->later = atoll(Variable("BOUNDARY_LATER")) * kNanos;
  if (state->action == "cut") {
    state->power = new Power(state->store, /*names_stay=*/state->error == 1);
  }
  g_state = state;
}

Kind KindOf(int fd) {
  if (g_state == nullptr || Power::Failing() || fd < 0 || fd >= kMaxFds)
    return Kind::kOther;
  return g_state->kinds[fd];
}

void Remember(int fd, Kind kind) {
  if (g_state != nullptr && fd >= 0 && fd < kMaxFds) g_state->kinds[fd] = kind;
}

bool InStore(int directory, const char* path) {
  if (g_state == nullptr || g_state->store.empty() || Power::Failing()) {
    return false;
  }
  if (path[0] != '/') return KindOf(directory) == Kind::kStore;
  return strncmp(path, g_state->store.c_str(), g_state->store.size()) == 0;
}

void Report(const char* text) {
  if (g_state->report < 0) return;
  [[maybe_unused]] const auto written =
      syscall(SYS_write, g_state->report, text, strlen(text));
}

void AskGate(const char* name) {
  const std::lock_guard<std::mutex> lock(g_state->mutex);
  char line[64];
  snprintf(line, sizeof(line), "%s\n", name);
  char answer = 'k';
  if (syscall(SYS_write, g_state->gate, line, strlen(line)) < 0 ||
      syscall(SYS_read, g_state->gate, &answer, 1) != 1 || answer == 'k') {
    Die();
  }
}

// What is to happen to the call that is about to be made.
bool Dumpable() {
  rlimit core = {};
  getrlimit(RLIMIT_CORE, &core);
  return prctl(PR_GET_DUMPABLE) != 0 || core.rlim_cur != 0;
}

enum class Fate { kGoOn, kError, kDoneError, kShort, kEnd };

Fate Decide(const char* name, const std::string& what = "") {
  if (g_state == nullptr) return Fate::kGoOn;
  char word[32];
  snprintf(word, sizeof(word), ",%s,", name);
  if (g_state->happened && g_state->then.find(word) != std::string::npos) {
    g_state->error = ENOSPC;
    return Fate::kError;
  }
  if (g_state->calls.find(word) == std::string::npos) return Fate::kGoOn;
  const int number = ++g_state->count;
  const bool now = number == g_state->at;
  if (g_state->report >= 0) {
    char line[128];
    snprintf(line, sizeof(line), "%d %s%s%s%s\n", number, name, what.c_str(),
             now ? " !" : "", Dumpable() ? " dumpable" : "");
    Report(line);
  }
  if (g_state->gate >= 0) AskGate(name);
  if (!now) return Fate::kGoOn;
  const std::string& action = g_state->action;
  g_state->happened = true;
  if (action == "kill") Die();
  if (action == "cut") {
    g_state->power->Fail();
    Die();
  }
  if (action == "memory") {
    g_allocations = g_state->error;
    return Fate::kGoOn;
  }
  if (action == "signal") {
    kill(getpid(), g_state->error);
    return Fate::kGoOn;
  }
  if (action == "short") return Fate::kShort;
  if (action == "end") return Fate::kEnd;
  return action == "done-error" ? Fate::kDoneError : Fate::kError;
}

// Makes the call, or not, as was decided; -1 and errno for a failure.
template <typename Call>
auto Perform(const char* name, Call call, const std::string& what = "")
    -> decltype(call()) {
  const Fate fate = Decide(name, what);
  if (fate == Fate::kError) {
    errno = g_state->error;
    return -1;
  }
  const auto result = call();
  if (fate == Fate::kDoneError) {
    errno = g_state->error;
    return -1;
  }
  return result;
}

// The same for a call that moves `size` bytes.
template <typename Call>
ssize_t Move(const char* name, size_t size, Call call,
             const std::string& what = "") {
  const Fate fate = Decide(name, what);
  if (fate == Fate::kEnd) return 0;
  if (fate == Fate::kError) {
    errno = g_state->error;
    return -1;
  }
  const ssize_t moved = call(fate == Fate::kShort && size > 1 ? 1 : size);
  if (fate == Fate::kDoneError) {
    errno = g_state->error;
    return -1;
  }
  return moved;
}

// By how much the clock is ahead of the true one.
int64_t Ahead(clockid_t clock) {
  if (g_state == nullptr) return 0;
  if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) return 0;
  int64_t ahead = g_state->napped;
  if (g_state->speed > 1) {
    ahead += (TrueTime() - g_state->begun) * (g_state->speed - 1);
  }
  return clock == CLOCK_REALTIME ? ahead + g_state->later : ahead;
}

// True: it is as if the time had passed, or it has.
bool Nap(int64_t nanos) {
  if (g_state == nullptr || (!g_state->no_naps && g_state->speed == 1)) {
    return false;
  }
  if (nanos <= 0) return true;
  if (g_state->no_naps) {
    g_state->napped += nanos;
    return true;
  }
  nanos = nanos / g_state->speed + 1;
  const timespec span = {nanos / kNanos, nanos % kNanos};
  syscall(SYS_nanosleep, &span, nullptr);
  return true;
}

// "@" and what tells one file, or folder, from the others.
std::string Inode(int fd) {
  struct stat info;
  return syscall(SYS_fstat, fd, &info) == 0 ? "@" + std::to_string(info.st_ino)
                                            : "@0";
}
std::string Inode(int directory, const char* path) {
  struct stat info;
  return syscall(SYS_newfstatat, directory, path, &info, AT_SYMLINK_NOFOLLOW) ==
                 0
             ? "@" + std::to_string(info.st_ino)
             : "@0";
}

bool AllocationFails() {
  if (g_allocations.load(std::memory_order_relaxed) <= 0 ||
      --g_allocations != 0) {
    return false;
  }
  errno = ENOMEM;
  return true;
}

}  // namespace

extern "C" {

// Only the folder that the store is in: a new store's entry is put on disk.
int open(const char* path, int flags, ...) {
  REAL(open);
  mode_t mode = 0;
  if ((flags & (O_CREAT | O_TMPFILE)) != 0) {
    va_list rest;
    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
  }
  const auto call = [&] { return real(path, flags, mode); };
  if (g_state == nullptr || g_state->store.empty() ||
      path != g_state->store.substr(0, g_state->store.rfind('/'))) {
    return call();
  }
  const int fd = Perform("openat", call);
  Remember(fd, Kind::kStore);
  return fd;
}

int openat(int directory, const char* path, int flags, ...) {
  REAL(openat);
  mode_t mode = 0;
  if ((flags & (O_CREAT | O_TMPFILE)) != 0) {
    va_list rest;
    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
  }
  const auto call = [&] { return real(directory, path, flags, mode); };
  if (!InStore(directory, path)) return call();
  const bool creates = (flags & O_CREAT) != 0;
  const int fd = Perform(creates ? "create" : "openat", [&] {
    const Power::Hold hold(g_state->power);
    if (creates && g_state->power) g_state->power->Changes(directory, path);
    return call();
  });
  Remember(fd, Kind::kStore);
  return fd;
}

int mkdirat(int directory, const char* path, mode_t mode) {
  REAL(mkdirat);
  if (!InStore(directory, path)) return real(directory, path, mode);
  return Perform("mkdirat", [&] {
    const Power::Hold hold(g_state->power);
    if (g_state->power) g_state->power->Changes(directory, path);
    return real(directory, path, mode);
  });
}

int renameat(int from_directory, const char* from, int to_directory,
             const char* to) {
  REAL(renameat);
  if (!InStore(from_directory, from)) {
    return real(from_directory, from, to_directory, to);
  }
  const auto call = [&] {
    const Power::Hold hold(g_state->power);
    if (g_state->power) g_state->power->Changes(from_directory, from, to);
    return real(from_directory, from, to_directory, to);
  };
  return Perform("renameat", call,
                 Inode(from_directory, from) + Inode(from_directory));
}

int renameat2(int from_directory, const char* from, int to_directory,
              const char* to, unsigned flags) {
  REAL(renameat2);
  if (!InStore(from_directory, from)) {
    return real(from_directory, from, to_directory, to, flags);
  }
  const auto call = [&] {
    const Power::Hold hold(g_state->power);
    if (g_state->power) g_state->power->Changes(from_directory, from, to);
    return real(from_directory, from, to_directory, to, flags);
  };
  return Perform("renameat", call,
                 Inode(from_directory, from) + Inode(from_directory));
}

int unlinkat(int directory, const char* path, int flags) {
  REAL(unlinkat);
  if (!InStore(directory, path)) return real(directory, path, flags);
  return Perform("unlinkat", [&] {
    const Power::Hold hold(g_state->power);
    if (g_state->power) g_state->power->Changes(directory, path);
    return real(directory, path, flags);
  });
}

int fstatat(int directory, const char* path, struct stat* info, int flags) {
  REAL(fstatat);
  const auto call = [&] { return real(directory, path, info, flags); };
  return InStore(directory, path) ? Perform("fstatat", call) : call();
}

int fstat(int fd, struct stat* info) {
  REAL(fstat);
  const auto call = [&] { return real(fd, info); };
  return KindOf(fd) == Kind::kStore ? Perform("fstat", call) : call();
}

int fchmod(int fd, mode_t mode) {
  REAL(fchmod);
  const auto call = [&] { return real(fd, mode); };
  return KindOf(fd) == Kind::kStore ? Perform("fchmod", call, Inode(fd))
                                    : call();
}

int fchmodat(int directory, const char* path, mode_t mode, int flags) {
  REAL(fchmodat);
  const auto call = [&] { return real(directory, path, mode, flags); };
  return InStore(directory, path) ? Perform("fchmod", call) : call();
}

int futimens(int fd, const struct timespec times[2]) {
  REAL(futimens);
  const auto call = [&] { return real(fd, times); };
  return KindOf(fd) == Kind::kStore ? Perform("futimens", call, Inode(fd))
                                    : call();
}

int fsync(int fd) {
  REAL(fsync);
  const auto call = [&] {
    const Power::Hold hold(g_state ? g_state->power : nullptr);
    const int result = real(fd);
    if (result == 0 && g_state && g_state->power) g_state->power->Synced(fd);
    return result;
  };
  return KindOf(fd) == Kind::kStore ? Perform("fsync", call, Inode(fd))
                                    : call();
}

int flock(int fd, int operation) {
  REAL(flock);
  const auto call = [&] { return real(fd, operation); };
  return KindOf(fd) == Kind::kStore ? Perform("flock", call) : call();
}

ssize_t read(int fd, void* buffer, size_t size) {
  REAL(read);
  const auto call = [&](size_t n) { return real(fd, buffer, n); };
  return KindOf(fd) == Kind::kStore ? Move("read", size, call) : call(size);
}

ssize_t write(int fd, const void* buffer, size_t size) {
  REAL(write);
  if (KindOf(fd) != Kind::kStore) return real(fd, buffer, size);
  const auto call = [&](size_t n) {
    const Power::Hold hold(g_state->power);
    if (g_state->power) g_state->power->Written(fd);
    return real(fd, buffer, n);
  };
  return Move("write", size, call, Inode(fd));
}

int close(int fd) {
  REAL(close);
  const Kind kind = KindOf(fd);
  const auto call = [&] {
    // Before the call: another thread may be given the number at once.
    Remember(fd, Kind::kOther);
    return real(fd);
  };
  if (kind == Kind::kOther) return call();
  return Perform(kind == Kind::kStore ? "close" : "shut", call);
}

int socket(int domain, int type, int protocol) {
  REAL(socket);
  const int fd = real(domain, type, protocol);
  if (domain == AF_INET || domain == AF_INET6) Remember(fd, Kind::kSocket);
  return fd;
}

int connect(int fd, const struct sockaddr* address, socklen_t size) {
  REAL(connect);
  const auto call = [&] { return real(fd, address, size); };
  return KindOf(fd) == Kind::kSocket ? Perform("connect", call) : call();
}

ssize_t send(int fd, const void* buffer, size_t size, int flags) {
  REAL(send);
  const auto call = [&](size_t n) { return real(fd, buffer, n, flags); };
  return KindOf(fd) == Kind::kSocket ? Move("send", size, call) : call(size);
}

ssize_t recv(int fd, void* buffer, size_t size, int flags) {
  REAL(recv);
  const auto call = [&](size_t n) { return real(fd, buffer, n, flags); };
  return KindOf(fd) == Kind::kSocket ? Move("recv", size, call) : call(size);
}

ssize_t sendmsg(int fd, const struct msghdr* message, int flags) {
  REAL(sendmsg);
  const auto call = [&](size_t) { return real(fd, message, flags); };
  return KindOf(fd) == Kind::kSocket ? Move("send", 1, call) : call(1);
}

ssize_t recvmsg(int fd, struct msghdr* message, int flags) {
  REAL(recvmsg);
  const auto call = [&](size_t) { return real(fd, message, flags); };
  return KindOf(fd) == Kind::kSocket ? Move("recv", 1, call) : call(1);
}

// A failure is an answer here, not errno.
int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                   void* (*run)(void*), void* argument) {
  REAL(pthread_create);
  if (Decide("thread") == Fate::kError) return EAGAIN;
  return real(thread, attributes, run, argument);
}

void* malloc(size_t size) {
  return AllocationFails() ? nullptr : __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  return AllocationFails() ? nullptr : __libc_calloc(count, size);
}
void* realloc(void* block, size_t size) {
  return AllocationFails() ? nullptr : __libc_realloc(block, size);
}

int clock_gettime(clockid_t clock, struct timespec* time) {
  REAL(clock_gettime);
  const int result = real(clock, time);
  if (const int64_t ahead = Ahead(clock); result == 0 && ahead != 0) {
    const int64_t nanos = time->tv_nsec + ahead;
    time->tv_sec += static_cast<time_t>(nanos / kNanos);
    time->tv_nsec = static_cast<long>(nanos % kNanos);
  }
  return result;
}

int nanosleep(const struct timespec* span, struct timespec* rest) {
  REAL(nanosleep);
  if (Nap(span->tv_sec * kNanos + span->tv_nsec)) return 0;
  return real(span, rest);
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec* time,
                    struct timespec* rest) {
  REAL(clock_nanosleep);
  int64_t nanos = time->tv_sec * kNanos + time->tv_nsec;
  if ((flags & TIMER_ABSTIME) != 0) {
    struct timespec now = {};
    clock_gettime(clock, &now);
    nanos -= now.tv_sec * kNanos + now.tv_nsec;
  }
  if (Nap(nanos)) return 0;
  return real(clock, flags, time, rest);
}

}  // extern "C"
