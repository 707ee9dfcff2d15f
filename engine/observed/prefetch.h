#pragma once

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "engine/model/snapshot.h"
#include "engine/observed/list_tokens.h"
#include "engine/ports/token_service.h"

namespace patform {

// One organization's active tokens, listed on a thread of their own while the
// caller still reads the configuration; where no thread can be had, when they
// are taken. Only reads; what it found is dropped when nobody takes it.
class ListAhead {
 public:
  // Begins at once.
  ListAhead(std::unique_ptr<TokenReader> reader, std::string organization,
            Deadline deadline);
  ListAhead(const ListAhead&) = delete;
  ListAhead& operator=(const ListAhead&) = delete;
  // Does not wait for answers that are not needed any more.
  ~ListAhead();

  TokenReader& reader() { return *reader_; }
  // Has it come to its end, whichever?
  bool IsDone();

  // Waits for the end; once. `progress` is called on this thread.
  absl::StatusOr<Snapshot> Take(const SnapshotProgress& progress);

 private:
  void List();

  const std::unique_ptr<TokenReader> reader_;
  const std::string organization_;
  const Deadline deadline_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by the mutex.
  int tokens_ = 0;
  bool done_ = false;
  std::exception_ptr failure_;  // what listing threw; Take() throws it again
  absl::StatusOr<Snapshot> snapshot_ = absl::UnknownError("not listed yet");
  std::thread thread_;
};

}  // namespace patform
