#pragma once

#include <string>
#include <string_view>

#include "engine/base/secret.h"
#include "providers/emulator/tokens/wire.h"

namespace patform::emulator {

// The value of a new token: 84 letters and digits laid out as Azure DevOps
// does since July 2024, but with EMUL in place of the marker, so that no
// scanner takes it for a real one.
Secret MakeTokenSecret(Ticks now);

}  // namespace patform::emulator
