#pragma once

#include "providers/entra/sources.h"

namespace patform::entra {

// The access token of who is signed in to the Azure CLI: `az account
// get-access-token`. Its own cache is left alone: its form is private, and what
// is in there belongs to az's application.
SourceRow AzureCliRow();

}  // namespace patform::entra
