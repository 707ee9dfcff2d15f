#pragma once

#include "engine/diff/change.h"
#include "engine/model/actual_state.h"
#include "engine/model/desired_state.h"

namespace patform {

// What becomes of the secrets in places that no table names any more. One whose
// token a revocation of `out` ends is removed with it; any other is named in a
// note, with the time at which its token ends. All are in `out.strays`.
void DiffStrays(const DesiredState& desired, const ActualState& actual,
                ChangeSet& out);

}  // namespace patform
