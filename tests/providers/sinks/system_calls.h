#pragma once

#include <functional>
#include <string>
#include <vector>

namespace patform::sinks {

// While it lives, sees the calls of this thread that change files, in the place
// of the C library (system_calls.cc defines them), and may disturb them. One at
// a time.
class SystemCalls {
 public:
  SystemCalls();
  ~SystemCalls();

  // In order: "write .a", "fchmod .a", "fsync .a", "rename .a -> a",
  // "exchange .a <-> a", "fsync /", "unlink .a", "mkdir d"; temporary names
  // without what makes them unlike each other, directories as "/".
  std::vector<std::string> log;
  // Every file that was opened to be made: ".a 0600 new not-inherited".
  std::vector<std::string> creates;
  // What one write takes at most.
  size_t most = static_cast<size_t>(-1);
  // Asked before each: 0, or the errno with which it fails and does nothing.
  std::function<int(const std::string& call)> before;
  // Asked after each: 0, or the errno that is said although it was done.
  std::function<int(const std::string& call)> after;
};

}  // namespace patform::sinks
