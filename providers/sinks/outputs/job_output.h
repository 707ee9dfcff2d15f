#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"
#include "engine/model/record.h"
#include "engine/model/token.h"
#include "engine/ports/secret_sink.h"
#include "providers/sinks/row.h"

// Variables of the CI job that patform runs in, for its later steps. They live
// as long as the job: nothing can be read back, so such a sink is silent and
// only ever behind a primary that keeps a record; and a run that makes no new
// secret sets nothing.
//
// A CI takes them from the job's log. So the log is told first what to cover,
// the secret and each form that a later step may print it in; and only the
// CI's own program may read what is printed. Outside of that CI, and where
// standard output is a file or has JSON for another program, such a sink
// refuses before anything is minted.
namespace patform::sinks {

// What all of them do. Safe from several threads.
class JobOutput : public SecretSink {
 public:
  HeldRecord Read(const Delivery& place, Deadline deadline) override;
  absl::Status Check(const Delivery& place, Deadline deadline) override;
  absl::StatusOr<std::string> Put(const Delivery& place, const Secret& value,
                                  const SinkRecord& record,
                                  const std::string& expected,
                                  Deadline deadline) override;
  // kNotFound: the job ends and the variable with it.
  absl::Status Remove(const Delivery& place, const std::string& expected,
                      Deadline deadline) override;

 protected:
  explicit JobOutput(const Opening& opening)
      : machine_(opening.machine), name_(opening.config.name) {}

  // Can `place` be set, in this job? kFailedPrecondition.
  virtual absl::Status Ready(const Delivery& place) = 0;
  // Masks `masks`, then sets the variable to `value`, one line of text. Errors
  // as Put().
  virtual absl::Status Set(const Delivery& place, const Secret& value,
                           const std::vector<Secret>& masks) = 0;

  std::string Variable(const char* name) const;  // "": not set
  absl::Status Refused(std::string_view why) const;

  const Machine& machine_;

 private:
  const std::string name_;
};

// What a plan needs: that nothing is known.
class SilentReader : public RecordReader {
 public:
  HeldRecord Read(const Delivery& place, Deadline deadline) override;
};

// What both rows have in common; the rest is for whoever calls.
Row JobOutputRow();

}  // namespace patform::sinks
