#pragma once

#include <string>

#include "engine/diff/change.h"
#include "engine/model/actual_state.h"
#include "engine/model/desired_state.h"

namespace patform {

// Who asked for `change`. Maintenance is what time or an interrupted run asks
// for and nothing else: a rotation or extension that falls due, the end of
// superseded and orphaned generations, a delivery that was not finished. It
// changes no field but the end of the token's life and delivers only to places
// that hold a record of this very token already; a place that a person just
// wrote into the file holds none. It ends nothing that another machine may
// serve. Everything else is policy.
ChangeClass Classify(const Change& change, const DesiredState& desired,
                     const ActualState& actual);

// Where every place of the token is on this machine alone, what is not seen
// here may be served by another one, a colleague's or an agent's. Then: which
// secret that is, and why to replace or end it is not maintenance. Else "".
std::string MayBeServedElsewhere(const Change& change,
                                 const DesiredState& desired,
                                 const ActualState& actual);

// Is it time or an interrupted run that asks, and nobody's edit?
bool ByTimeOrCrash(Reason reason);

// Does `place` hold a record of the token that `change` is about?
bool HoldsSecretOf(const Change& change, const Delivery& place,
                   const ActualState& actual);

}  // namespace patform
