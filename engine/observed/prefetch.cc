#include "engine/observed/prefetch.h"

#include <exception>
#include <utility>

namespace patform {

ListAhead::ListAhead(std::unique_ptr<TokenReader> reader,
                     std::string organization, Deadline deadline)
    : reader_(std::move(reader)),
      organization_(std::move(organization)),
      deadline_(deadline) {
  try {
    thread_ = std::thread([this] { List(); });
  } catch (const std::exception&) {
  }
}

void ListAhead::List() {
  std::exception_ptr failure;
  absl::StatusOr<Snapshot> snapshot;
  try {
    const SnapshotProgress count = [this](int tokens) {
      const std::lock_guard<std::mutex> lock(mutex_);
      tokens_ = tokens;
      changed_.notify_all();
    };
    snapshot = TakeSnapshot(*reader_, organization_, /*with_history=*/false,
                            deadline_, count);
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  failure_ = failure;
  snapshot_ = std::move(snapshot);
  done_ = true;
  changed_.notify_all();
}

ListAhead::~ListAhead() {
  if (!thread_.joinable()) return;
  if (!IsDone()) reader_->Abandon();
  thread_.join();
}

bool ListAhead::IsDone() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return done_;
}

absl::StatusOr<Snapshot> ListAhead::Take(const SnapshotProgress& progress) {
  if (!thread_.joinable()) List();
  std::unique_lock<std::mutex> lock(mutex_);
  for (int told = 0; !done_;) {
    if (progress && tokens_ != told) {
      told = tokens_;
      lock.unlock();
      progress(told);
      lock.lock();
      continue;
    }
    changed_.wait(lock);
  }
  if (failure_) std::rethrow_exception(failure_);
  return std::move(snapshot_);
}

}  // namespace patform
