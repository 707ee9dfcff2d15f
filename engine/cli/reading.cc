#include "engine/cli/reading.h"

#include <exception>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"

namespace patform::cli {
namespace {

// Who waits for less does not wonder. In a log ten seconds are often enough to
// show that it is alive; a terminal's line is written over and costs nothing.
constexpr std::chrono::milliseconds kFirst(900);
constexpr std::chrono::seconds kEvery(10), kRedraw(1);

}  // namespace

Reading::Reading(Ports& ports, bool quiet)
    : err_(ports.terminal->err),
      tokens_of_(ports.tokens),
      how_(quiet                             ? How::kQuiet
           : ports.terminal->err_is_terminal ? How::kTerminal
                                             : How::kLines) {
  if (quiet) return;
  tokens_of_->OnWait([this](const Waiting& waiting) {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting_ = waiting;
    until_ = std::chrono::steady_clock::now() +
             absl::ToChronoNanoseconds(waiting.span);
  });
  try {
    thread_ = std::thread([this] { Watch(); });
  } catch (const std::exception&) {
    // Without a thread nobody is told, and the lists are read all the same.
  }
}

Reading::~Reading() {
  if (how_ != How::kQuiet) tokens_of_->OnWait({});
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    done_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (how_ == How::kTerminal) err_ << "\r\x1b[K" << std::flush;
}

ListProgress Reading::Progress() {
  return [this](int tokens) {
    const std::lock_guard<std::mutex> lock(mutex_);
    tokens_ = tokens;
    heard_ = std::chrono::steady_clock::now();
    waiting_ = Waiting();
    if (how_ == How::kTerminal) Draw();
  };
}

void Reading::Watch() {
  std::unique_lock<std::mutex> lock(mutex_);
  const auto ended = [this] { return done_; };
  // Most runs end here, without a word.
  if (changed_.wait_for(lock, kFirst, ended)) return;
  do {
    Draw();
  } while (!changed_.wait_for(lock, how_ == How::kTerminal ? kRedraw : kEvery,
                              ended));
}

void Reading::Draw() {
  const Time now = std::chrono::steady_clock::now();
  std::string line = absl::StrCat("Reading tokens: ", tokens_);
  const absl::Duration silence = absl::FromChrono(now - heard_);
  if (!waiting_.why.empty()) {
    waiting_.span = absl::FromChrono(until_ - now);
    absl::StrAppend(&line, "; ", waiting_.ToString());
  } else if (silence >= absl::FromChrono(kFirst)) {
    absl::StrAppend(&line, ", waiting for the service for ",
                    FormatSpan(absl::Ceil(silence, absl::Seconds(1))));
  }
  if (how_ == How::kTerminal) {
    err_ << absl::StrCat("\r\x1b[K", line) << std::flush;
  } else {
    err_ << absl::StrCat(line, "\n") << std::flush;
  }
}

}  // namespace patform::cli
