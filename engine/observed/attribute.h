#pragma once

#include "engine/model/actual_state.h"
#include "engine/model/desired_state.h"

namespace patform {

// Leaves every token in the one organization that it belongs to.
//
// Whether a list shows the user's tokens of other organizations is the
// service's choice, and tokens for all organizations are in every list. A
// token in the wrong list would look like one that is in no configuration, and
// be revoked. The service names organizations by id and the configuration by
// name; records in the sinks, or lists that do not overlap, show which is
// which. Where nothing does, a token stays only if the organization declares
// its name; the rest is counted in `untold`.
//
// A token for all organizations stays where it is declared, else in the first
// organization that lists it. Each identity's lists by themselves: what one
// user's do not show those of another. Pure.
void Attribute(const DesiredState& desired, ActualState& actual);

}  // namespace patform
