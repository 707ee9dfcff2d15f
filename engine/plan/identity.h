#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/model/scope_set.h"

namespace patform {

// From here on a sign-in that ends is shown wherever people look.
inline constexpr absl::Duration kSignInEndsSoon = absl::Hours(24 * 14);

// What the credential of a plan claims of itself. Nobody has verified it, and a
// credential may be opaque: it is shown and warned about, and decides nothing.
struct Identity {
  std::optional<ScopeSet> scopes;  // nullopt: opaque, nobody knows

  // SignedIn's of the same names: when the sign-in that it comes from ends
  // unless a person or a run does something, why, and what went wrong with
  // keeping it.
  absl::Time rests_until = absl::InfiniteFuture();
  std::string rests_why;
  std::string trouble;

  // What a person has to do about the sign-in and by when: where it ends within
  // kSignInEndsSoon of `now`, or is in trouble. "": nothing.
  std::string Concern(absl::Time now) const;

  // Could the one who planned have made tokens, too? nullopt: nobody knows.
  std::optional<bool> MayMint() const;
  // Those of its scopes that let it, sorted.
  std::vector<std::string> MintingScopes() const;

  friend bool operator==(const Identity&, const Identity&) = default;
};

}  // namespace patform
