#pragma once

#include <string>

#include "providers/emulator/switches.h"
#include "providers/emulator/tokens/payload.h"
#include "providers/emulator/tokens/token_row.h"

namespace patform::emulator {

// A refusal that the API names; "none": it is allowed.
struct Verdict {
  std::string error = "none";
  std::string message;  // patTokenErrorMessage, from API version 7.2 on

  bool ok() const { return error == "none"; }
};

// May a token be made so? Fills name, scope, dates and reach of `row`.
Verdict DecideCreate(const Payload& payload, Ticks now,
                     const Switches& switches, TokenRow& row);

// May the token of `row` become so? Changes `row` where it may.
Verdict DecideUpdate(const Payload& payload, Ticks now,
                     const Switches& switches, TokenRow& row);

// Does a secret of this token open anything now?
bool IsUsable(const TokenRow& row, Ticks now, const Switches& switches);

}  // namespace patform::emulator
