#include "engine/policy/scope_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

// One fault a scope and kind of rule: the first pattern that fits says enough,
// and ten of them would hide what else is wrong.
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

// Several lists: that of the file and that of the operator. A scope has to be
// in each of them.
void Allowed(const PolicyConfig& policy, std::string_view scope,
             std::vector<ScopeFault>& faults) {
  for (const std::vector<std::string>& list : policy.allowed_scopes) {
    if (GlobMatchAny(list, scope)) continue;
    faults.push_back({rule::kAllowedScopes,
                      absl::StrCat(AbslView(scope),
                                   ", which is not among the scopes that the "
                                   "policy allows")});
    return;
  }
}

// Full access is more than any scope of high privilege, and is named first.
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

const ScopeRules::Known& ScopeRules::Look(std::string_view scope) {
  // Asked once a scope, not once a token: a hundred thousand tokens share a few
  // dozen scopes, and every pattern is tried on each.
  const auto found = known_.find(AbslView(scope));
  if (found != known_.end()) return found->second;
  Known known;
  Forbidden(policy_, scope, known.faults[0]);
  Allowed(policy_, scope, known.faults[1]);
  Grave(policy_, scope, known.faults[2]);
  for (const SinkRule& rule : policy_.sinks_for_scopes) {
    // Full access can do what any scope can: each rule is about it.
    known.sink_rules.push_back(scope == kFullAccess ||
                               GlobMatchAny(rule.scopes, scope));
  }
  return known_.emplace(std::string(scope), std::move(known)).first->second;
}

std::vector<ScopeFault> ScopeRules::Check(const ScopeSet& scopes) {
  std::vector<ScopeFault> faults;
  if (!HasScopeRules(policy_)) return faults;
  std::vector<std::string_view> items = scopes.items();
  // No scopes are full access; the service reads them so.
  if (items.empty()) items.push_back(kFullAccess);
  // By kind first, so that a plan lists what is forbidden before what is merely
  // not allowed.
  for (size_t kind = 0; kind < Known().faults.size(); ++kind) {
    for (std::string_view scope : items) {
      const std::vector<ScopeFault>& more = Look(scope).faults[kind];
      faults.insert(faults.end(), more.begin(), more.end());
    }
  }
  return faults;
}

bool ScopeRules::IsAbout(size_t sink_rule, std::string_view scope) {
  return Look(scope).sink_rules[sink_rule];
}

bool ScopeRules::Allows(size_t sink_rule, const std::string& sink,
                        const std::string& type) {
  const std::vector<std::string>& types =
      policy_.sinks_for_scopes[sink_rule].types;
  // By type or by name: either is enough.
  if (std::find(types.begin(), types.end(), type) != types.end()) return true;
  std::vector<bool>& allowed = sinks_[sink];
  if (allowed.empty()) {
    for (const SinkRule& rule : policy_.sinks_for_scopes) {
      allowed.push_back(GlobMatchAny(rule.sinks, sink));
    }
  }
  return allowed[sink_rule];
}

bool HasScopeRules(const PolicyConfig& policy) {
  return !policy.forbidden_scopes.empty() || !policy.allowed_scopes.empty() ||
         !policy.high_privilege_scopes.empty() || policy.deny_full_scope;
}

}  // namespace patform
