#pragma once

#include "providers/entra/sources.h"

namespace patform::entra {

// The access token that a program of the configuration prints: azd, AzureAuth,
// one of your own. It is run only where the operator allows programs: whoever
// may propose a configuration must not run any on a machine of others.
SourceRow ExecRow();

}  // namespace patform::entra
