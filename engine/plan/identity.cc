#include "engine/plan/identity.h"

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/model/lifecycle_scopes.h"

namespace patform {

std::vector<std::string> Identity::MintingScopes() const {
  std::vector<std::string> found;
  if (!scopes) return found;
  for (const LifecycleScope& scope : kLifecycleScopes) {
    if (scope.may_mint && scopes->Contains(scope.name)) {
      found.emplace_back(scope.name);
    }
  }
  return found;
}

// Two weeks: the person whose sign-in it is may be on holiday.
std::string Identity::Concern(absl::Time now) const {
  const bool soon = rests_until - now <= kSignInEndsSoon;
  std::string text = trouble;
  if (soon) {
    absl::StrAppend(&text, text.empty() ? "" : "; ",
                    rests_until <= now ? "it has ended" : "it ends ",
                    rests_until <= now ? "" : FormatRelative(rests_until, now),
                    ", on ", FormatDay(rests_until),
                    rests_why.empty() ? "" : ": ", rests_why);
  }
  return text;
}

std::optional<bool> Identity::MayMint() const {
  if (!scopes) return std::nullopt;
  return !MintingScopes().empty();
}

}  // namespace patform
