#include "providers/azure_devops/bearer_hint.h"

#include <algorithm>
#include <string_view>

#include "engine/model/lifecycle_scopes.h"
#include "engine/model/scope_set.h"

namespace patform::azure_devops {
namespace {

// Longer than any personal access token, which has 84 characters today.
constexpr size_t kLongerThanAPat = 200;

// Are these the scopes of a reader's registration?
bool ReadsOnly(const ScopeSet& scopes) {
  if (!scopes.Contains(kReaderScope)) return false;
  return std::none_of(std::begin(kLifecycleScopes), std::end(kLifecycleScopes),
                      [&scopes](const LifecycleScope& scope) {
                        return scope.may_mint && scopes.Contains(scope.name);
                      });
}

}  // namespace

BearerHint HintOf(const entra::Claims& claims, absl::Time now) {
  // By this machine's clock, which the message mentions.
  if (claims.expires > 0 && absl::FromUnixSeconds(claims.expires) <= now) {
    return BearerHint::kExpired;
  }
  return ReadsOnly(ScopeSet::Parse(claims.scopes)) ? BearerHint::kReadsOnly
                                                   : BearerHint::kNone;
}

BearerHint HintOf(const Secret& bearer, absl::Time now) {
  const std::string_view text = bearer.Reveal();
  // HEADER.CLAIMS.SIGNATURE.
  if (std::count(text.begin(), text.end(), '.') >= 2) {
    return HintOf(entra::ReadClaims(text), now);
  }
  // Entra also issues opaque tokens, which have no dots.
  return text.size() < kLongerThanAPat ? BearerHint::kNoJwt : BearerHint::kNone;
}

}  // namespace patform::azure_devops
