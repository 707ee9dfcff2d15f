#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace patform::system {

// What `call` answers in a process of its own, whose limits and signals it may
// change; -1: it ended otherwise.
inline int InChild(const std::function<int()>& call) {
  const pid_t child = fork();
  if (child == 0) _exit(call());
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace patform::system
