#include "engine/plan/identity.h"

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

std::optional<bool> Identity::MayMint() const {
  if (!scopes) return std::nullopt;
  return !MintingScopes().empty();
}

}  // namespace patform
