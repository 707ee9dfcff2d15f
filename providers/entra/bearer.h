#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "engine/base/secret.h"

// An access token that a person or another program handed over, before it is
// sent anywhere.
namespace patform::entra {

// kUnauthenticated: `value` is none, for one of the reasons that people and
// pipelines have. `holder` is what the message names it by, "PATFORM_…"; the
// value is never shown.
absl::Status CheckBearer(std::string_view value, std::string_view holder);

// `text` without the line end that editors, shells and programs put there. A
// copy.
Secret OneLine(const Secret& text);

}  // namespace patform::entra
