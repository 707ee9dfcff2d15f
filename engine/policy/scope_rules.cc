#include "engine/policy/scope_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

void Forbidden(const PolicyConfig& policy, std::string_view scope,
               std::vector<ScopeFault>& faults) {
  for (const std::string& pattern : policy.forbidden_scopes) {
    if (!GlobMatch(pattern, scope)) continue;
    faults.push_back(
        {rule::kForbiddenScopes,
         absl::StrCat(AbslView(scope), ", which the policy forbids (\"",
                      pattern, "\")")});
    return;
  }
}

void Allowed(const PolicyConfig& policy, std::string_view scope,
             std::vector<ScopeFault>& faults) {
  for (const std::vector<std::string>& list : policy.allowed_scopes) {
    const bool allowed = std::any_of(
        list.begin(), list.end(),
        [&](const std::string& pattern) { return GlobMatch(pattern, scope); });
    if (allowed) continue;
    faults.push_back({rule::kAllowedScopes,
                      absl::StrCat(AbslView(scope),
                                   ", which is not among the scopes that the "
                                   "policy allows")});
    return;
  }
}

void Grave(const PolicyConfig& policy, std::string_view scope,
           std::vector<ScopeFault>& faults) {
  if (scope == kFullAccess && policy.deny_full_scope) {
    faults.push_back(
        {rule::kFullScope, absl::StrCat("full access (", AbslView(scope),
                                        "), which the policy denies")});
    return;
  }
  const std::vector<std::string>& high = policy.high_privilege_scopes;
  if (std::binary_search(high.begin(), high.end(), scope)) {
    faults.push_back({rule::kHighPrivilegeScopes,
                      absl::StrCat(AbslView(scope),
                                   ", a scope of high privilege, which the "
                                   "policy denies")});
  }
}

}  // namespace

std::vector<ScopeFault> CheckScopes(const PolicyConfig& policy,
                                    const ScopeSet& scopes) {
  std::vector<ScopeFault> faults;
  std::vector<std::string_view> items = scopes.items();
  if (items.empty()) items.push_back(kFullAccess);
  for (std::string_view scope : items) Forbidden(policy, scope, faults);
  for (std::string_view scope : items) Allowed(policy, scope, faults);
  for (std::string_view scope : items) Grave(policy, scope, faults);
  return faults;
}

bool HasScopeRules(const PolicyConfig& policy) {
  return !policy.forbidden_scopes.empty() || !policy.allowed_scopes.empty() ||
         !policy.high_privilege_scopes.empty() || policy.deny_full_scope;
}

}  // namespace patform
