#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"
#include "engine/model/record.h"
#include "engine/model/token.h"
#include "engine/ports/secret_sink.h"
#include "providers/sinks/program/store_program.h"
#include "providers/sinks/row.h"

// The sink type "exec": any store, by a program that the operator allows. The
// words of `command` get one more, the verb:
//
//   read    whose secret is at the place? Prints {"record": …, "version": "…"}
//   check   could it be written? Leaves nothing behind
//   put     stores standard input as the secret, with the record, in one step.
//           Prints {"version": "…"} if `read` prints one
//   remove  removes both
//   list    what read prints of every place, each on a line of its own with
//           "at" and "key" beside it. Need not be known: without it patform
//           finds no secret whose place no configuration names any more
//
// What it needs is in variables: PATFORM_AT and PATFORM_KEY, the place as the
// configuration has it; PATFORM_EXPECTED, the version that put and remove may
// replace, "" for nothing; PATFORM_RECORD, one line of JSON that put keeps and
// read prints as it is; PATFORM_VALID_TO, the end of the secret's life. The
// secret is on its standard input, which is closed after it, and nowhere else.
//
// Its exit code is its word: 0 done, 3 nothing is there, 4 something else than
// PATFORM_EXPECTED is there and nothing was changed, 5 refused and nothing was
// changed. Any other, also that of a program that was ended because its time
// was up, leaves a put or a remove open: the record is read again.
//
// A program that keeps no versions has its record as one, and the last of two
// writers wins. With compare_and_set = true it promises to answer 4.
namespace patform::sinks {

class ExecReader : public RecordReader {
 public:
  explicit ExecReader(StoreProgram program) : program_(std::move(program)) {}
  HeldRecord Read(const Delivery& place, Deadline deadline) override;
  // Several programs at once.
  std::vector<HeldRecord> ReadAll(absl::Span<const Delivery* const> places,
                                  Deadline deadline) override;
  std::vector<StrayPlace> Recorded(const std::set<std::string>& ats,
                                   Deadline deadline) override;

 private:
  const StoreProgram program_;
};

class ExecSink : public SecretSink {
 public:
  explicit ExecSink(StoreProgram program) : program_(std::move(program)) {}
  HeldRecord Read(const Delivery& place, Deadline deadline) override;
  absl::Status Check(const Delivery& place, Deadline deadline) override;
  absl::StatusOr<std::string> Put(const Delivery& place, const Secret& value,
                                  const SinkRecord& record,
                                  const std::string& expected,
                                  Deadline deadline) override;
  absl::Status Remove(const Delivery& place, const std::string& expected,
                      Deadline deadline) override;

 private:
  const StoreProgram program_;
};

Row ExecRow();

}  // namespace patform::sinks
