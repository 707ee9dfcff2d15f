#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "engine/model/desired_state.h"
#include "engine/ports/secret_sink.h"
#include "providers/sinks/machine.h"

namespace patform::sinks {

// What is to be opened, and with what. Only the machine outlives what is
// opened: of the rest that keeps copies.
struct Opening {
  const SinkConfig& config;
  // How the user of [auth] signs in; null where a place of a sign-in itself is
  // opened.
  const AuthConfig* auth = nullptr;
  const Machine& machine;
};

// A row of the table in sinks.cc: one type of sink, and how it is opened. The
// settings that the functions get were checked against `type.keys` when they
// come from a configuration; tests may give others. kInvalidArgument: a setting
// is missing or wrong.
struct Row {
  SinkType type;
  absl::StatusOr<std::string> (*canonical)(const SinkConfig& config);
  absl::StatusOr<std::unique_ptr<RecordReader>> (*open_reader)(
      const Opening& opening);
  // kPermissionDenied, of either: the operator did not allow what it takes.
  absl::StatusOr<std::unique_ptr<SecretSink>> (*open)(const Opening& opening);
  // Null: what is written there cannot be read back (Capabilities::gives_back).
  absl::StatusOr<std::unique_ptr<SecretKeeper>> (*open_keeper)(
      const Opening& opening) = nullptr;
};

}  // namespace patform::sinks
