#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/clock.h"
#include "engine/ports/secret_sink.h"
#include "providers/sinks/local/commit.h"
#include "providers/sinks/local/directory.h"
#include "providers/sinks/row.h"

// The sink type "dotenv": an address is a file, a key a variable in it. Secret
// and record are two lines of one file and change by one rename
// (dotenv_text.h). Every other line stays as it is. A program of others that
// writes the file at the same instant and knows nothing of the lock is noticed
// in the rename itself: what it wrote stays (commit.h).
namespace patform::sinks {

// Reads each file once and answers all its keys from that: for a plan, which
// wants one moment. Keeps records, not values.
class DotenvReader : public RecordReader {
 public:
  // `root`: from NormalRoot.
  explicit DotenvReader(Root root) : root_(std::move(root)) {}
  HeldRecord Read(const Delivery& place, Deadline deadline) override;
  // Of all variables of the files `ats`, and of .env: what else is below the
  // root is not looked into.
  std::vector<StrayPlace> Recorded(const std::set<std::string>& ats,
                                   Deadline deadline) override;

 private:
  struct File {
    absl::Status status;
    std::map<std::string, HeldRecord> by_key;
    std::string caution;  // of HeldRecord, for each of them
  };

  const File& FileAt(const std::string& at);

  const Root root_;
  std::mutex mutex_;
  std::map<std::string, File> files_;  // by Delivery::at
};

class DotenvSink : public SecretSink {
 public:
  explicit DotenvSink(Root root) : root_(std::move(root)) {}

  // Also removes what runs that died have left in that directory.
  HeldRecord Read(const Delivery& place, Deadline deadline) override;
  absl::Status Check(const Delivery& place, Deadline deadline) override;
  absl::StatusOr<std::string> Put(const Delivery& place, const Secret& value,
                                  const SinkRecord& record,
                                  const std::string& expected,
                                  Deadline deadline) override;
  absl::Status Remove(const Delivery& place, const std::string& expected,
                      Deadline deadline) override;
  void Tidy(absl::Span<const Delivery* const> places,
            Deadline deadline) override;

 private:
  const Root root_;
  Leftovers leftovers_;
};

Row DotenvRow();

}  // namespace patform::sinks
