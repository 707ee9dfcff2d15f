#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <ostream>
#include <thread>

#include "engine/base/waiting.h"
#include "engine/observed/list_tokens.h"
#include "engine/ports/ports.h"

namespace patform::cli {

// Tells whoever watches that the lists of tokens are being read, and what the
// service has to do with it if that takes: on a terminal
// a line that is written over, else a line once a second has gone by and then
// one every ten. Nothing where it is quicker. As long as it lives nobody else
// may write to the terminal's `err`.
class Reading {
 public:
  Reading(Ports& ports, bool quiet);
  ~Reading();
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  // To be called with the number of tokens read so far. From any thread.
  ListProgress Progress();

 private:
  using Time = std::chrono::steady_clock::time_point;
  void Watch();
  void Draw();  // with the mutex held

  enum class How { kQuiet, kLines, kTerminal };
  std::ostream& err_;
  TokenServices* const tokens_of_;
  const How how_;
  const Time began_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by the mutex.
  int tokens_ = 0;
  Time heard_ = began_;  // when the last page came
  Waiting waiting_;      // the last wait since then; no `why`: none was
  Time until_{};         // its end
  bool done_ = false;
  std::thread thread_;
};

}  // namespace patform::cli
