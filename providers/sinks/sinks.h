#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/model/desired_state.h"
#include "engine/ports/secret_sink.h"

namespace patform::sinks {

// What a plan needs of a sink; nothing that writes is made. kInvalidArgument:
// the type is not one of SinkTypes(), or a setting is missing or wrong.
absl::StatusOr<std::unique_ptr<RecordReader>> MakeRecordReader(
    const SinkConfig& config);

// The same for a sink that is to be written.
absl::StatusOr<std::unique_ptr<SecretSink>> MakeSink(const SinkConfig& config);

// The types that this version has, sorted.
std::vector<std::string> SinkTypes();

}  // namespace patform::sinks
