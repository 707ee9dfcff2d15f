#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/model/desired_state.h"
#include "engine/ports/settings.h"

// The setting keep_versions of stores that keep what was superseded.
namespace patform::sinks {

// `doc`: what becomes of an old version in this store.
SettingKey KeepVersionsKey(std::string doc);

// nullopt: always. kInvalidArgument: not a span; a saved plan may come from
// elsewhere.
absl::StatusOr<std::optional<absl::Duration>> KeepVersions(
    const SinkConfig& config);

}  // namespace patform::sinks
