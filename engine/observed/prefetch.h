#pragma once

#include <condition_variable>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/model/actual_state.h"
#include "engine/model/desired_state.h"
#include "engine/observed/list_tokens.h"
#include "engine/ports/ports.h"

namespace patform {

// Longest time to look at everything. A list of 100,000 tokens takes a minute
// on the real service.
inline constexpr absl::Duration kReadDeadline = absl::Minutes(5);

struct Readers;

// The readers of one run, and the lists of tokens that it will need, begun
// while the configuration is still being read. Opens nothing that could change
// anything. Must not outlive the ports. For one thread.
class Prefetch {
 public:
  class List;

  Prefetch(Ports& ports, ServiceOptions service);
  ~Prefetch();

  // Begins to list a user's tokens in an organization. A reader that cannot be
  // opened is left for OpenTokens() to open again and explain.
  void Begin(const AuthConfig& auth, const Realm& realm);
  // True while exactly one list is pending, or none has begun. With several,
  // parsing helpers start at once: the last list can only begin when all files
  // are read.
  bool HasSinglePendingList();

  // Opens a reader for each of `realms` that has none yet. Where they are of
  // several identities, one that cannot sign in is in Readers::closed, and the
  // others go on; it is an error only if none can.
  absl::Status OpenTokens(const DesiredState& desired,
                          const std::vector<Realm>& realms);
  // Opens a reader for each sink that `desired` uses.
  absl::Status OpenRecords(const DesiredState& desired);
  // What was opened; lives as long as this object.
  const Readers& readers() const { return *readers_; }

 private:
  Ports& ports_;
  const ServiceOptions service_;
  std::map<Realm, std::unique_ptr<List>> lists_;
  std::vector<std::unique_ptr<TokenReader>> token_readers_;
  std::vector<std::unique_ptr<RecordReader>> record_readers_;
  const std::unique_ptr<Readers> readers_;
};

// A user's active tokens in one organization, listed on a thread of their own;
// where no thread can be had, when they are taken. Only reads; what it found is
// dropped when nobody takes it.
class Prefetch::List {
 public:
  // Begins at once.
  List(std::unique_ptr<TokenReader> reader, Realm realm, Deadline deadline);
  List(const List&) = delete;
  List& operator=(const List&) = delete;
  // Does not wait for answers that are not needed any more.
  ~List();

  TokenReader& reader() { return *reader_; }
  // Whether it has come to its end, with an error or without.
  bool IsDone();

  // Waits for the end; once. `progress` is called on this thread.
  absl::StatusOr<TokenList> Take(const ListProgress& progress);

 private:
  void Read();

  const std::unique_ptr<TokenReader> reader_;
  const Realm realm_;
  const Deadline deadline_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by the mutex.
  int tokens_ = 0;
  bool done_ = false;
  std::exception_ptr failure_;  // what listing threw; Take() throws it again
  absl::StatusOr<TokenList> listed_ = absl::UnknownError("not listed yet");
  std::thread thread_;
};

// How to read what exists. Holds nothing that could change anything, and owns
// nothing.
struct Readers {
  std::map<Realm, TokenReader*> organizations;
  std::map<std::string, RecordReader*> sinks;  // by name
  // Of those whose list is being read already.
  std::map<Realm, Prefetch::List*> lists;
  // Those that could not be opened, and why.
  std::map<Realm, absl::Status> closed;
};

}  // namespace patform
