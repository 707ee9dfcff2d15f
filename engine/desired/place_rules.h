#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/desired/problems.h"
#include "engine/model/desired_state.h"
#include "engine/model/token.h"
#include "engine/ports/secret_sink.h"

namespace patform {

// Fills in `place` what a sink of that type has as its default, `name` where
// that is "{name}", then reports what it needs and does not have.
void CompletePlace(Problems& problems, const SinkType& type,
                   const std::string& name, Delivery& place);

// The sinks that a place can be in, with their types.
struct KnownSinkConfigs {
  absl::Span<const SinkConfig> sinks;
  absl::Span<const SinkType> types;
};

// A place that a setting names as SINK:AT or SINK:AT#KEY. nullopt: it cannot
// be, which is reported.
std::optional<KeptPlace> ReadKeptPlace(Problems& problems, const Position& at,
                                       const std::string& text,
                                       const KnownSinkConfigs& known);

// The same of a text that somebody typed behind `flag`. kInvalidArgument.
absl::StatusOr<KeptPlace> TypedPlace(const std::string& flag,
                                     const std::string& text,
                                     const KnownSinkConfigs& known);

}  // namespace patform
