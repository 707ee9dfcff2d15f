#include "providers/system/signals.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <exception>

// Handlers may use atomics that are lock-free, write() and _exit(), and little
// else. So a signal is a number that everybody who waits looks at, in slices of
// 50 to 100 ms; nothing is woken.
namespace patform::system {
namespace {

// The first signal that came; 0: none. It decides the exit code.
std::atomic<int> g_signal = 0;
// How many came.
std::atomic<int> g_times = 0;
// Above 0: nothing that is going on would be lost.
std::atomic<int> g_at_once = 0;
// This thread does what must not stop half-way.
thread_local bool t_must_finish = false;

void Say(const char* text) {
  // The only output that a signal handler may make.
  [[maybe_unused]] const ssize_t n = write(STDERR_FILENO, text, strlen(text));
}

// _exit(): destructors and handlers of exit() are not for signal handlers.
[[noreturn]] void End(int signal) {
  Say("\npatform: interrupted; nothing was changed\n");
  _exit(128 + signal);
}

void OnSignal(int signal) {
  // While a prompt or a list is waited for, the program ends here and now.
  if (g_at_once > 0) End(signal);
  const int times = ++g_times;
  if (times == 1) {
    // The first signal, which stays the one that counts.
    g_signal = signal;
    Say("\nInterrupt received: finishing the steps in hand, starting nothing "
        "new.\n");
  } else if (times == 2) {
    Say("\nStill finishing: if a secret was just minted, it is delivered or "
        "revoked first. Once more kills the program at once; the next apply "
        "cleans up what that leaves.\n");
  } else {
    // The third time whoever sends it means it.
    _exit(128 + signal);
  }
}

}  // namespace

void InstallSignalHandlers() {
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  sigemptyset(&action.sa_mask);
  // Calls that were interrupted go on: an EINTR in the middle of a delivery
  // would be one more thing that can go wrong.
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  // Under nohup a hangup is ignored, and stays so.
  struct sigaction hangup = {};
  sigaction(SIGHUP, nullptr, &hangup);
  if (hangup.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);
  // A reader that goes away shows as EPIPE, a limit of file size as EFBIG,
  // where they can be handled.
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
}

void EndAtSignal(bool at_once) {
  g_at_once += at_once ? 1 : -1;
  // The signal came before this was called.
  if (at_once && g_signal != 0) End(g_signal);
}

int StopSignal() { return g_signal; }

void RunToTheEnd(absl::FunctionRef<void()> call) {
  // A guard, because `call` may throw.
  struct Guard {
    Guard() { t_must_finish = true; }
    ~Guard() { t_must_finish = false; }
  } guard;
  call();
}

bool MayStopHere() { return g_signal != 0 && !t_must_finish; }

void ForbidDumps() {
  // Neither dumps nor, by other processes of this user, ptrace() or
  // /proc/PID/mem.
  prctl(PR_SET_DUMPABLE, 0);
  // The weaker of the two: the kernel ignores it where core_pattern is a
  // program.
  const rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
}

void InstallLastResort() {
  // Without a dump, and without the text of the exception, which may hold
  // anything.
  std::set_terminate([] {
    Say("patform: a failure that nothing expected ended it here. If changes "
        "were being made, the next apply finishes or undoes them.\n");
    _exit(1);
  });
}

}  // namespace patform::system
