#include "providers/system/child_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string_view>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"

// posix_spawn(), not fork(): it says why a program could not be started,
// nothing of ours runs in the child, and a process with much memory starts one
// as quickly as a small one.
namespace patform::system {
namespace {

constexpr std::chrono::milliseconds kSlice(50);      // a stop goes unnoticed
constexpr std::chrono::milliseconds kToTidyUp(500);  // between TERM and KILL

// While one lives, writing to a pipe that nobody reads is an error and does
// not end the process, whatever it does with SIGPIPE.
class NoBrokenPipe {
 public:
  NoBrokenPipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoBrokenPipe() {
    const timespec now = {};
    // Ours is taken out of the queue; somebody else's stays there.
    while (!was_pending_ && sigtimedwait(&pipe_, nullptr, &now) > 0) continue;
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;

 private:
  sigset_t pipe_, before_;
  bool was_pending_ = false;
};

std::vector<char*> Pointers(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const std::string& word : words) {
    pointers.push_back(const_cast<char*>(word.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

absl::Status WhyNotStarted(int error, const std::string& name) {
  const std::string text = absl::StrCat("the program ", Visible(name),
                                        " cannot be run: ", strerror(error));
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(text);
    case ENOMEM:
    case EAGAIN:
    case EMFILE:
    case ENFILE:
      return absl::ResourceExhaustedError(text);
    default:  // no permission, or not a program
      return absl::PermissionDeniedError(text);
  }
}

// A session of its own: no terminal to ask anything of, and one group for all
// that it starts. The signals as any program expects them, although this
// process ignores some.
void Describe(posix_spawnattr_t& attributes) {
  sigset_t usual, none;
  sigemptyset(&usual);
  for (const int signal : {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM}) {
    sigaddset(&usual, signal);
  }
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID |
                                            POSIX_SPAWN_SETSIGDEF |
                                            POSIX_SPAWN_SETSIGMASK);
}

// `files` says what the standard streams are, and is used up.
absl::StatusOr<pid_t> Spawn(const std::string& path, const ProgramCall& call,
                            const std::vector<std::string>& environment,
                            posix_spawn_file_actions_t& files) {
  // Whatever else is open: a file with a secret, a connection.
  posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  Describe(attributes);
  pid_t pid = 0;
  const int error =
      posix_spawn(&pid, path.c_str(), &files, &attributes,
                  Pointers(call.words).data(), Pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) return WhyNotStarted(error, path);
  return pid;
}

int PollTime(Deadline until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      until - std::chrono::steady_clock::now());
  return static_cast<int>(
      std::clamp(left, std::chrono::milliseconds(0), kSlice).count());
}

// What there is, from a pipe that does not block, to `take`; false: its end.
template <typename Take>
bool Drain(int fd, const Take& take) {
  char buffer[8192];
  const auto wipe =
      absl::MakeCleanup([&buffer] { explicit_bzero(buffer, sizeof(buffer)); });
  for (;;) {
    const ssize_t n = read(fd, buffer, sizeof(buffer));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN;
    if (n == 0) return false;
    if (!take(std::string_view(buffer, static_cast<size_t>(n)))) return true;
  }
}

}  // namespace

// Not waited for: it is a zombie, if anything, until this process ends.
absl::Status StartAndLeave(const std::string& path, const ProgramCall& call,
                           const std::vector<std::string>& environment) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_addopen(&files, stream, "/dev/null", O_RDWR, 0);
  }
  return Spawn(path, call, environment, files).status();
}

ChildProcess::Pipe::~Pipe() {
  CloseOurs();
  CloseTheirs();
}

absl::Status ChildProcess::Pipe::Open(bool we_write) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no pipe to a program: ", strerror(errno)));
  }
  ours = ends[we_write ? 1 : 0];
  theirs = ends[we_write ? 0 : 1];
  fcntl(ours, F_SETFL, O_NONBLOCK);
  return absl::OkStatus();
}

void ChildProcess::Pipe::CloseOurs() {
  if (ours >= 0) close(ours);
  ours = -1;
}

void ChildProcess::Pipe::CloseTheirs() {
  if (theirs >= 0) close(theirs);
  theirs = -1;
}

ChildProcess::~ChildProcess() {
  if (pid_ != 0) Kill();
  if (pid_file_ >= 0) close(pid_file_);
}

absl::Status ChildProcess::Start(const std::string& path,
                                 const ProgramCall& call,
                                 const std::vector<std::string>& environment) {
  if (call.input != nullptr) PATFORM_RETURN_IF_ERROR(in_.Open(true));
  PATFORM_RETURN_IF_ERROR(out_.Open(false));
  PATFORM_RETURN_IF_ERROR(err_.Open(false));
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  if (call.input != nullptr) {
    posix_spawn_file_actions_adddup2(&files, in_.theirs, STDIN_FILENO);
  } else {
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null",
                                     O_RDONLY, 0);
  }
  posix_spawn_file_actions_adddup2(&files, out_.theirs, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, err_.theirs, STDERR_FILENO);
  PATFORM_ASSIGN_OR_RETURN(pid_, Spawn(path, call, environment, files));
  // Before it gets its input, which may be a secret.
  const rlimit none = {0, 0};
  prlimit(pid_, RLIMIT_CORE, &none, nullptr);
  pid_file_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  for (Pipe* pipe : {&in_, &out_, &err_}) pipe->CloseTheirs();
  return absl::OkStatus();
}

absl::StatusOr<ProgramResult> ChildProcess::Finish(
    const ProgramCall& call, Deadline deadline,
    const std::function<bool()>& interrupted) {
  const NoBrokenPipe no_broken_pipe;
  ProgramResult result;
  std::string_view left;
  if (call.input != nullptr) left = call.input->Reveal();
  for (;;) {
    // Asked before the outputs are read: what it has written is there then,
    // and what a daemon that it left behind will write is not waited for.
    const bool ended = HasEnded();
    Write(left);
    PATFORM_RETURN_IF_ERROR(ReadAll(call.max_output, result));
    if (ended) break;
    if (interrupted()) return absl::CancelledError("interrupted");
    if (std::chrono::steady_clock::now() >= deadline) {
      return absl::DeadlineExceededError("it did not end in time");
    }
    Wait(deadline);
  }
  waitpid(pid_, &wait_status_, 0);
  pid_ = 0;
  result.exit_code = WIFEXITED(wait_status_) ? WEXITSTATUS(wait_status_)
                                             : 128 + WTERMSIG(wait_status_);
  return result;
}

bool ChildProcess::HasEnded() {
  siginfo_t info = {};
  // It stays a zombie: until it is waited for, nobody else gets its number.
  return waitid(P_PID, static_cast<id_t>(pid_), &info,
                WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == pid_;
}

// For something to do, at most a slice.
void ChildProcess::Wait(Deadline until) {
  pollfd files[] = {{in_.ours, POLLOUT, 0},
                    {out_.ours, POLLIN, 0},
                    {err_.ours, POLLIN, 0},
                    {pid_file_, POLLIN, 0}};
  poll(files, std::size(files), PollTime(until));
}

void ChildProcess::Write(std::string_view& left) {
  while (in_.ours >= 0) {
    if (left.empty()) return in_.CloseOurs();
    const ssize_t n = write(in_.ours, left.data(), left.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    // It does not want the rest: what it says of that is its result.
    if (n < 0) return in_.CloseOurs();
    left.remove_prefix(static_cast<size_t>(n));
  }
}

absl::Status ChildProcess::ReadAll(int64_t most, ProgramResult& result) {
  bool too_much = false;
  const auto room = [&](size_t used, std::string_view more) {
    too_much = static_cast<int64_t>(used + more.size()) > most;
    return !too_much;
  };
  const auto take_out = [&](std::string_view more) {
    if (room(result.out.size(), more)) result.out.Append(more);
    return !too_much;
  };
  const auto take_err = [&](std::string_view more) {
    if (room(result.errors.size(), more)) result.errors.append(more);
    return !too_much;
  };
  if (out_.ours >= 0 && !Drain(out_.ours, take_out)) out_.CloseOurs();
  if (!too_much && err_.ours >= 0 && !Drain(err_.ours, take_err)) {
    err_.CloseOurs();
  }
  if (!too_much) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("it printed more than ", most, " bytes"));
}

// The whole group, and the leader is waited for last: as long as it is a
// zombie, the number of the group cannot be another's.
void ChildProcess::Kill() {
  kill(-pid_, SIGTERM);
  const Deadline until = std::chrono::steady_clock::now() + kToTidyUp;
  for (Pipe* pipe : {&in_, &out_, &err_}) pipe->CloseOurs();
  while (!HasEnded() && std::chrono::steady_clock::now() < until) Wait(until);
  kill(-pid_, SIGKILL);
  waitpid(pid_, &wait_status_, 0);
  pid_ = 0;
}

}  // namespace patform::system
