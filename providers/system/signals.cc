#include "providers/system/signals.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <exception>

namespace patform::system {
namespace {

std::atomic<int> g_signal = 0;
std::atomic<int> g_times = 0;
std::atomic<int> g_at_once = 0;
thread_local bool t_must_finish = false;

void Say(const char* text) {
  // The only output that a signal handler may make.
  [[maybe_unused]] const ssize_t n = write(STDERR_FILENO, text, strlen(text));
}

[[noreturn]] void End(int signal) {
  Say("\npatform: interrupted; nothing was changed\n");
  _exit(128 + signal);
}

void OnSignal(int signal) {
  if (g_at_once > 0) End(signal);
  const int times = ++g_times;
  if (times == 1) {
    g_signal = signal;
    Say("\nInterrupt received: finishing the steps in hand, starting nothing "
        "new.\n");
  } else if (times == 2) {
    Say("\nStill finishing: if a secret was just minted, it is delivered or "
        "revoked first. Once more kills the program at once; the next apply "
        "cleans up what that leaves.\n");
  } else {
    _exit(128 + signal);
  }
}

}  // namespace

void InstallSignalHandlers() {
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  struct sigaction hangup = {};
  sigaction(SIGHUP, nullptr, &hangup);
  if (hangup.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
}

void EndAtSignal(bool at_once) {
  g_at_once += at_once ? 1 : -1;
  if (at_once && g_signal != 0) End(g_signal);
}

int StopSignal() { return g_signal; }

void RunToTheEnd(const std::function<void()>& call) {
  struct Guard {
    Guard() { t_must_finish = true; }
    ~Guard() { t_must_finish = false; }
  } guard;
  call();
}

bool MayStopHere() { return g_signal != 0 && !t_must_finish; }

void ForbidDumps() {
  prctl(PR_SET_DUMPABLE, 0);
  const rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
}

void InstallLastResort() {
  std::set_terminate([] {
    Say("patform: a failure that nothing expected ended it here. If changes "
        "were being made, the next apply finishes or undoes them.\n");
    _exit(1);
  });
}

}  // namespace patform::system
