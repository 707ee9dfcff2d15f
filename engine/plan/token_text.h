#pragma once

#include "engine/base/json_text.h"
#include "engine/model/token.h"

namespace patform {

// Writes what Canonical(TokenJson(token, Places::kWithout)) is, without the
// tree: a digest is over it, for each of a hundred thousand tokens.
void WriteToken(const DesiredToken& token, JsonText& json);

}  // namespace patform
