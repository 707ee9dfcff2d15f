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
// Longer than the pause of a run that polls (Lock() in posix.h), so that such a
// run certainly looks at least once while the lock is free.
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

  // Since the last moment at which another run could have had the lock, not
  // since the last time that this process took it.
  bool Expired() const {
    return std::chrono::steady_clock::now() - since >= kLongestShare;
  }
  // `names` is not empty: somebody here holds the kernel's lock, so to join
  // costs nothing.
  bool MayJoin(const std::string& name) const {
    return !names.empty() && !alone && want_alone == 0 && !Expired() &&
           names.count(name) == 0;
  }
};

DirectoryLock::DirectoryLock(std::shared_ptr<State> state, std::string name)
    : state_(std::move(state)), name_(std::move(name)) {}

// Moved from: the object that took over lets go.
DirectoryLock::~DirectoryLock() {
  if (state_ == nullptr) return;
  const std::lock_guard<std::mutex> lock(state_->mutex);
  state_->names.erase(name_);
  // The last one out closes the descriptor, and flock() goes with it.
  if (state_->names.empty()) {
    state_->alone = false;
    state_->fd = Fd();
    state_->released = std::chrono::steady_clock::now();
  }
  // All of them: some wait to join, some to be alone, and only they can tell.
  state_->changed.notify_all();
}

// The one State per directory of this process, made on first use.
std::shared_ptr<DirectoryLock::State> DirectoryLock::StateOf(
    const Directory& directory) {
  using Key = std::pair<dev_t, ino_t>;
  // Never destroyed: a worker may still be in here while statics are torn down
  // at the end of a run that a signal stopped.
  static std::mutex& mutex = *new std::mutex();
  static std::map<Key, std::weak_ptr<State>>& states =
      *new std::map<Key, std::weak_ptr<State>>();
  struct stat info = {};
  if (fstat(directory.fd(), &info) != 0) return nullptr;
  const std::lock_guard<std::mutex> lock(mutex);
  // Weak, so that a State lives only as long as somebody uses it. An inode
  // number may be given to another directory later, with a State of its own.
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
  // From now on nobody joins: whoever wants to be alone would otherwise never
  // find the directory empty under a steady stream of writers.
  state->want_alone += alone ? 1 : 0;
  // The mutex is held. After this the caller owns one name of the State.
  const auto enter = [&] {
    state->want_alone -= alone ? 1 : 0;
    state->names.insert(name);
    state->alone = alone;
    return DirectoryLock(state, name);
  };
  for (;;) {
    // In this order: join those who hold the lock, be the one who takes it, or
    // wait for a change of either.
    if (!alone && state->MayJoin(name)) return enter();
    if (state->names.empty() && !state->taking) break;
    if (state->changed.wait_until(lock, deadline) == std::cv_status::timeout) {
      state->want_alone -= alone ? 1 : 0;
      // Those that stayed out because of this one.
      state->changed.notify_all();  // others may join now
      return absl::DeadlineExceededError(absl::StrCat(
          "other secrets were being written in ", Quoted(directory.path()),
          " until the time for this step was up. Nothing was written; run "
          "patform again."));
    }
  }
  // One thread polls the kernel for all of them. The mutex is let go meanwhile,
  // for this may take until the deadline.
  state->taking = true;
  // Many short turns, one right after the other, shut another run out like a
  // long one does: it only sleeps and looks. So they count as one turn.
  const bool goes_on =
      std::chrono::steady_clock::now() - state->released < kTurn;
  const bool give_turn = goes_on && state->Expired();
  lock.unlock();
  if (give_turn) {
    // The kernel gives flock() to whoever asks first and keeps no queue; the
    // only way to give a turn is to stay away for longer than the other sleeps.
    const timespec turn = {0, std::chrono::nanoseconds(kTurn).count()};
    nanosleep(&turn, nullptr);
  }
  // A descriptor of its own, for flock() belongs to the open file description:
  // on a shared one a second flock() of this process would simply succeed.
  Fd fd = OpenAt(directory.fd(), ".", O_RDONLY | O_DIRECTORY);
  const absl::Status taken =
      fd.ok() ? Lock(fd.get(), directory.path(), deadline)
              : SystemError("open the directory", directory.path(), errno);
  lock.lock();
  // Set back whether or not it worked; another thread may try now.
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
