#pragma once

#include "engine/diff/change.h"
#include "engine/model/actual_state.h"

namespace patform {

// Who asked for `change`. Maintenance is what time or an interrupted run asks
// for and nothing else: a rotation or extension that falls due, the end of
// superseded and orphaned generations, a delivery that was not finished. It
// changes no field but the end of the token's life and delivers only to places
// that hold a record of this very token already; a place that a person just
// wrote into the file holds none. Everything else is policy.
ChangeClass Classify(const Change& change, const ActualState& actual);

// Is it time or an interrupted run that asks, and nobody's edit?
bool ByTimeOrCrash(Reason reason);

// Does `place` hold a record of the token that `change` is about?
bool HoldsSecretOf(const Change& change, const Delivery& place,
                   const ActualState& actual);

}  // namespace patform
