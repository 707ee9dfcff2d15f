#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/ports/secret_sink.h"
#include "tests/fakes/misfortune.h"

namespace patform {

// A store of secrets in memory, by Delivery::Address(). With compare-and-set
// a write on another version than the one that is there is refused.
class FakeSink : public SecretSink {
 public:
  struct Entry {
    HeldRecord::State state = HeldRecord::State::kPresent;
    SinkRecord record;
    std::string value;
    std::string version;
  };

  FakeSink(Misfortune& misfortune, bool compare_and_set)
      : misfortune_(misfortune), compare_and_set_(compare_and_set) {}

  // A value that patform did not write.
  void PutForeign(const std::string& address, const std::string& value);

  HeldRecord Read(const Delivery& place, Deadline deadline) override;
  absl::Status Check(const Delivery& place, Deadline deadline) override;
  absl::StatusOr<std::string> Put(const Delivery& place, const Secret& value,
                                  const SinkRecord& record,
                                  const std::string& expected,
                                  Deadline deadline) override;

  absl::Status Remove(const Delivery& place, const std::string& expected,
                      Deadline deadline) override;

  absl::StatusOr<std::vector<std::string>> After(
      const std::vector<Delivery>& places, Deadline deadline) override;

  std::map<std::string, Entry> entries;
  std::vector<std::string> follow_up;  // what After() does; empty: nothing

 private:
  std::string NextVersion();

  Misfortune& misfortune_;
  const bool compare_and_set_;
  int versions_ = 0;
};

}  // namespace patform
