#pragma once

#include <optional>
#include <string_view>

#include "engine/base/secret.h"

namespace patform {

// RFC 4648 with padding, as HTTP's Basic and Kubernetes want it. absl's
// Base64Escape() would do the same into a std::string, which nobody wipes.
Secret Base64(std::string_view bytes);

// The inverse, strict: no line breaks, padding where it belongs. nullopt: not
// base64.
std::optional<Secret> FromBase64(std::string_view text);

}  // namespace patform
