#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "engine/model/desired_state.h"
#include "engine/ports/secret_sink.h"

namespace patform::sinks {

// A row of the table in sinks.cc: one type of sink, and how it is opened. The
// settings that the functions get were checked against `type.keys` when they
// come from a configuration; tests may give others. kInvalidArgument: a setting
// is missing or wrong.
struct Row {
  SinkType type;
  absl::StatusOr<std::string> (*canonical)(const SinkConfig& config);
  absl::StatusOr<std::unique_ptr<RecordReader>> (*open_reader)(
      const SinkConfig& config);
  absl::StatusOr<std::unique_ptr<SecretSink>> (*open)(const SinkConfig& config);
  // Null: what is written there cannot be read back (Capabilities::gives_back).
  absl::StatusOr<std::unique_ptr<SecretKeeper>> (*open_keeper)(
      const SinkConfig& config) = nullptr;
};

}  // namespace patform::sinks
