#include "engine/plan/identity.h"

namespace patform {
namespace {

// The scope that the service asks for today, the older one, and the one of
// sign-ins that stand for the user in everything.
constexpr const char* kMinting[] = {"user_impersonation", "vso.pats_manage",
                                    "vso.tokens"};

}  // namespace

std::vector<std::string> Identity::MintingScopes() const {
  std::vector<std::string> found;
  if (!scopes) return found;
  for (const char* scope : kMinting) {
    if (scopes->Contains(scope)) found.push_back(scope);
  }
  return found;
}

std::optional<bool> Identity::MayMint() const {
  if (!scopes) return std::nullopt;
  return !MintingScopes().empty();
}

}  // namespace patform
