#include "engine/actual/list_ahead.h"

#include <utility>

namespace patform {

ListAhead::ListAhead(std::unique_ptr<TokenReader> reader,
                     std::string organization, Deadline deadline)
    : reader_(std::move(reader)),
      thread_([this, organization = std::move(organization), deadline] {
        const SnapshotProgress count = [this](int tokens) {
          const std::lock_guard<std::mutex> lock(mutex_);
          tokens_ = tokens;
          changed_.notify_all();
        };
        absl::StatusOr<Snapshot> snapshot = TakeSnapshot(
            *reader_, organization, /*with_history=*/false, deadline, count);
        const std::lock_guard<std::mutex> lock(mutex_);
        snapshot_ = std::move(snapshot);
        done_ = true;
        changed_.notify_all();
      }) {}

ListAhead::~ListAhead() {
  if (!IsDone()) reader_->Abandon();
  thread_.join();
}

bool ListAhead::IsDone() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return done_;
}

absl::StatusOr<Snapshot> ListAhead::Take(const SnapshotProgress& progress) {
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
  return std::move(snapshot_);
}

}  // namespace patform
