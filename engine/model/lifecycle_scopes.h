#pragma once

#include <algorithm>
#include <iterator>
#include <string_view>

#include "engine/model/scope_set.h"

namespace patform {

// A scope of an access token, and what the PAT lifecycle API makes of it. Who
// may mint is written here and nowhere else.
//
// Microsoft's specification of the API (version 7.2) asks for vso.pats to list
// and get, and for vso.pats_manage to create, update and revoke; the notes of
// Azure DevOps sprint 257 (2025-06-10) call the two required in the place of
// user_impersonation, with which first-party sign-ins still mint. vso.tokens
// is the older one: those who measured it in 2026 were answered 401, but it
// administers a user's tokens, and the service is free to take it again. So it
// counts as one that may: what is called unable to mint must be.
struct LifecycleScope {
  std::string_view name;
  bool may_mint;    // make and end tokens
  bool entra_only;  // of Entra access tokens: no PAT can have it
};

// Sorted by name.
inline constexpr LifecycleScope kLifecycleScopes[] = {
    {"user_impersonation", true, true},
    {"vso.pats", false, true},
    {"vso.pats_manage", true, true},
    {"vso.tokens", true, false},
};

// The scope that means full access. The service gives it also to a token
// that names no scope.
inline constexpr std::string_view kFullAccess = "app_token";

// A plan needs this scope and no other.
inline constexpr char kReaderScope[] = "vso.pats";

constexpr const LifecycleScope* FindLifecycleScope(std::string_view name) {
  for (const LifecycleScope& scope : kLifecycleScopes) {
    if (scope.name == name) return &scope;
  }
  return nullptr;
}

// Does an access token with these scopes get an answer from the API at all, or
// one that makes and ends tokens?
inline bool HasLifecycleScope(const ScopeSet& scopes, bool that_may_mint) {
  return std::any_of(std::begin(kLifecycleScopes), std::end(kLifecycleScopes),
                     [&](const LifecycleScope& scope) {
                       return (scope.may_mint || !that_may_mint) &&
                              scopes.Contains(scope.name);
                     });
}

}  // namespace patform
