#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/model/scope_set.h"

namespace patform {

// What the credential of a plan claims of itself. Nobody has verified it, and a
// credential may be opaque: it is shown and warned about, and decides nothing.
struct Identity {
  std::optional<ScopeSet> scopes;  // nullopt: opaque, nobody knows

  // Could the one who planned have made tokens, too? nullopt: nobody knows.
  std::optional<bool> MayMint() const;
  // Those of its scopes that let it, sorted.
  std::vector<std::string> MintingScopes() const;

  friend bool operator==(const Identity&, const Identity&) = default;
};

}  // namespace patform
