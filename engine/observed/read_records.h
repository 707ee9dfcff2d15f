#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/model/actual_state.h"
#include "engine/model/desired_state.h"
#include "engine/model/record.h"
#include "engine/model/token.h"
#include "engine/ports/secret_sink.h"

namespace patform {

// What the sinks hold at `places`, by Delivery::Address(); each address is read
// once. `sinks`: by name, none null. A place whose sink is not among them, or
// could not be read, is kUnknown: a reader never fails as a whole.
std::map<std::string, HeldRecord> ReadRecords(
    const std::map<std::string, RecordReader*>& sinks,
    const std::vector<const Delivery*>& places, Deadline deadline);

// The places of this workspace that no table names any more, by their address:
// of `sinks`, by name, as far as these can be looked through. A place of a
// token that is declared absent is one of them.
std::map<std::string, StrayPlace> ReadStrays(
    const DesiredState& desired,
    const std::map<std::string, RecordReader*>& sinks, Deadline deadline);

}  // namespace patform
