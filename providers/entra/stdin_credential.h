#pragma once

#include "providers/entra/sources.h"

namespace patform::entra {

// The bearer that another program prints into this one's standard input. Read
// once, to its end: there is no other after that, whatever the service says of
// this one. Safe from several threads.
SourceRow StdinRow();

}  // namespace patform::entra
