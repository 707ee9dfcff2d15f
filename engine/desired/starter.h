#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "engine/ports/secret_sink.h"
#include "engine/ports/settings.h"

namespace patform {

// The starter file with a sink of that type and that sign-in in the place of
// its own; a null one leaves its own. Valid as it is: what is required has the
// key's example. kInvalidArgument: the sign-in is kept in a sink, and one of
// this type does not give back what is written to it; or the sink cannot be a
// token's first place, or needs a file that people have to write.
absl::StatusOr<std::string> StarterWith(const SinkType* sink,
                                        const SettingsType* source);

}  // namespace patform
