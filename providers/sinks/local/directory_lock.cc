#include "providers/sinks/local/directory_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "providers/sinks/local/posix.h"

namespace patform::sinks {
namespace {

// After this long the threads of one run let go together, and another run that
// asks every few milliseconds (Lock() in posix.h) gets its turn.
constexpr auto kLongestShare = std::chrono::milliseconds(250);
constexpr auto kTurn = std::chrono::milliseconds(5);

}  // namespace

// One directory, for the threads of this process.
struct DirectoryLock::State {
  std::mutex mutex;
  std::condition_variable changed;
  // Guarded by the mutex.
  Fd fd;  // holds the kernel's lock, while somebody here has it
  std::set<std::string> names;  // being written
  bool alone = false;
  bool taking = false;  // somebody waits for the kernel's lock
  int want_alone = 0;   // nobody joins while one of these waits
  // The kernel's lock was last let go; and taken, the first time after it was
  // free for long enough that another run could have had it. Many short turns
  // in a row keep others out as one long one does.
  Deadline released, since;

  bool Expired() const {
    return std::chrono::steady_clock::now() - since >= kLongestShare;
  }
  bool MayJoin(const std::string& name) const {
    return !names.empty() && !alone && want_alone == 0 && !Expired() &&
           names.count(name) == 0;
  }
};

DirectoryLock::DirectoryLock(std::shared_ptr<State> state, std::string name)
    : state_(std::move(state)), name_(std::move(name)) {}

DirectoryLock::~DirectoryLock() {
  if (state_ == nullptr) return;
  const std::lock_guard<std::mutex> lock(state_->mutex);
  state_->names.erase(name_);
  if (state_->names.empty()) {
    state_->alone = false;
    state_->fd = Fd();
    state_->released = std::chrono::steady_clock::now();
  }
  state_->changed.notify_all();
}

std::shared_ptr<DirectoryLock::State> DirectoryLock::StateOf(
    const Directory& directory) {
  using Key = std::pair<dev_t, ino_t>;
  static std::mutex& mutex = *new std::mutex();
  static std::map<Key, std::weak_ptr<State>>& states =
      *new std::map<Key, std::weak_ptr<State>>();
  struct stat info = {};
  if (fstat(directory.fd(), &info) != 0) return nullptr;
  const std::lock_guard<std::mutex> lock(mutex);
  std::weak_ptr<State>& known = states[{info.st_dev, info.st_ino}];
  std::shared_ptr<State> state = known.lock();
  if (state == nullptr) known = state = std::make_shared<State>();
  return state;
}

absl::StatusOr<DirectoryLock> DirectoryLock::Take(const Directory& directory,
                                                  const std::string& name,
                                                  With with,
                                                  Deadline deadline) {
  const std::shared_ptr<State> state = StateOf(directory);
  if (state == nullptr) {
    return SystemError("look at", directory.path(), errno);
  }
  const bool alone = with == With::kNobody;
  std::unique_lock<std::mutex> lock(state->mutex);
  state->want_alone += alone ? 1 : 0;
  const auto enter = [&] {
    state->want_alone -= alone ? 1 : 0;
    state->names.insert(name);
    state->alone = alone;
    return DirectoryLock(state, name);
  };
  for (;;) {
    if (!alone && state->MayJoin(name)) return enter();
    if (state->names.empty() && !state->taking) break;
    if (state->changed.wait_until(lock, deadline) == std::cv_status::timeout) {
      state->want_alone -= alone ? 1 : 0;
      state->changed.notify_all();  // others may join now
      return absl::DeadlineExceededError(absl::StrCat(
          "other secrets were being written in ", Quoted(directory.path()),
          " until the time for this step was up. Nothing was written; run "
          "patform again."));
    }
  }
  state->taking = true;
  const bool goes_on =
      std::chrono::steady_clock::now() - state->released < kTurn;
  const bool give_turn = goes_on && state->Expired();
  lock.unlock();
  if (give_turn) {
    const timespec turn = {0, std::chrono::nanoseconds(kTurn).count()};
    nanosleep(&turn, nullptr);
  }
  Fd fd = OpenAt(directory.fd(), ".", O_RDONLY | O_DIRECTORY);
  const absl::Status taken =
      fd.ok() ? Lock(fd.get(), directory.path(), deadline)
              : SystemError("open the directory", directory.path(), errno);
  lock.lock();
  state->taking = false;
  state->changed.notify_all();
  if (!taken.ok()) {
    state->want_alone -= alone ? 1 : 0;
    return taken;
  }
  state->fd = std::move(fd);
  if (!goes_on || give_turn) state->since = std::chrono::steady_clock::now();
  return enter();
}

}  // namespace patform::sinks
