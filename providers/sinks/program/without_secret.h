#pragma once

#include <string>
#include <string_view>

#include "engine/base/secret.h"
#include "engine/model/token.h"

namespace patform::sinks {

// `text`, which a program wrote that was given `value`, with [redacted] for
// each part that could be of it: eight bytes or more in a row of the value, of
// its base64 whatever stands before it (either alphabet, broken into lines or
// not), percent-encoded, or in hexadecimal; all of it where it is shorter.
// `encoding`: how `value` was made of a secret, which is looked for as well.
std::string WithoutSecret(std::string_view text, const Secret& value,
                          Encoding encoding);

}  // namespace patform::sinks
