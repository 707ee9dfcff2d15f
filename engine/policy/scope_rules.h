#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/model/policy.h"
#include "engine/model/scope_set.h"

namespace patform {

// The scope that stands for full access. The service gives it also to a token
// that names no scope.
inline constexpr std::string_view kFullAccess = "app_token";

// One scope and the rule that it breaks.
struct ScopeFault {
  std::string rule;
  std::string what;  // "vso.code_full, which the policy forbids"
};

// Every rule about scopes, over one token's.
std::vector<ScopeFault> CheckScopes(const PolicyConfig& policy,
                                    const ScopeSet& scopes);

// Is there any rule about scopes?
bool HasScopeRules(const PolicyConfig& policy);

}  // namespace patform
