#pragma once

#include "engine/desired/read_desired.h"
#include "providers/entra/sources.h"
#include "providers/sinks/sinks.h"

namespace patform {

// Lets a configuration use what the program can do.
inline void UseKnown(ReadInput& input) {
  input.sink_types = sinks::KnownSinks().Types();
  input.canonical = [](const SinkConfig& config) {
    return sinks::KnownSinks().Canonical(config);
  };
  input.auth_sources = entra::Sources();
}

}  // namespace patform
