#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"
#include "engine/model/actual_state.h"
#include "engine/model/record.h"
#include "engine/model/token.h"
#include "engine/ports/programs.h"
#include "providers/sinks/row.h"

namespace patform::sinks {

// What one call asks of the program.
struct StoreCall {
  const char* verb;
  const Delivery& place;
  bool writes = false;
  // put: what it is given on its standard input. Null: nothing.
  const Secret* value = nullptr;
  std::vector<std::string> variables = {};  // beside those of the place
};

// What the program says with its exit code; any other code of a call that
// writes leaves open whether it was done.
inline constexpr int kNothingThere = 3;
inline constexpr int kSomethingElseThere = 4;
inline constexpr int kNothingChanged = 5;

// The program of a sink of type "exec", and what its answers mean. Safe from
// several threads.
class StoreProgram {
 public:
  // kInvalidArgument: a setting is wrong. kPermissionDenied: the operator did
  // not allow programs.
  static absl::StatusOr<StoreProgram> Make(const Opening& opening);

  // What it printed. kNotFound and kAborted: it ended with kNothingThere,
  // kSomethingElseThere. kUnknown, of a call that writes alone: it may have
  // been done. Any other: it was not done.
  absl::StatusOr<Secret> Run(const StoreCall& call, Deadline deadline) const;

  HeldRecord Read(const Delivery& place, Deadline deadline) const;
  // Of a program that knows `list`, every place with a record.
  std::vector<StrayPlace> List(Deadline deadline) const;

  // An answer that is not what it should be.
  absl::Status Malformed(const StoreCall& call, std::string_view why) const;
  // Does it refuse to overwrite what it was not told of?
  bool compare_and_set() const { return compare_and_set_; }

 private:
  HeldRecord Held(const StoreCall& call, std::string_view printed) const;
  absl::Status NotEnded(const StoreCall& call, const absl::Status& why) const;
  absl::Status Failed(const StoreCall& call, ProgramResult& result) const;
  absl::Status Error(absl::StatusCode code, const StoreCall& call,
                     std::string_view why) const;

  std::string sink_;
  std::vector<std::string> words_;
  std::string program_;  // as it is shown
  absl::Duration timeout_;
  bool compare_and_set_ = false;
  const Machine* machine_ = nullptr;
};

// The version that a program has printed in `out`: {"version": "…"}. "": none;
// nothing was printed, or an object without it. kInvalidArgument: what it
// printed instead.
absl::StatusOr<std::string> PrintedVersion(const Secret& out);

// Of a program that prints none.
std::string VersionOf(const SinkRecord& record);

// What is wrong with a time limit: "" or what is expected instead.
std::string TimeoutFault(std::string_view text);

}  // namespace patform::sinks
