#include <algorithm>
#include <iterator>
#include <set>

#include "engine/desired/read_policy.h"

// Two policies as one that is at least as strict as each: the configuration's
// own and the one that a security team passes with --policy. A pull request may
// edit the former only, so whatever is in it can add to the latter and never
// take away.
namespace patform {
namespace {

// Lists of rules: each of them holds.
template <typename T>
std::vector<T> Joined(std::vector<T> a, const std::vector<T>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// In the order in which they are written, each once.
std::vector<std::string> Union(std::vector<std::string> a,
                               const std::vector<std::string>& b) {
  for (const std::string& item : b) {
    if (std::find(a.begin(), a.end(), item) == a.end()) a.push_back(item);
  }
  return a;
}

// nullopt means "no limit", so the other one counts.
template <typename T>
std::optional<T> Smaller(const std::optional<T>& a, const std::optional<T>& b) {
  if (!a) return b;
  if (!b) return a;
  return std::min(*a, *b);
}

template <typename T>
std::optional<T> Larger(const std::optional<T>& a, const std::optional<T>& b) {
  if (!a) return b;
  if (!b) return a;
  return std::max(*a, *b);
}

// A policy without the rule does not count. If both have it the stricter one
// wins, and only exceptions that are in both hold.
void MergeUnmanaged(const PolicyConfig& a, const PolicyConfig& b,
                    PolicyConfig& both) {
  if (!b.Says(rule::kUnmanaged)) return;
  if (!a.Says(rule::kUnmanaged)) {
    both.unmanaged = b.unmanaged;
    both.unmanaged_except = b.unmanaged_except;
    return;
  }
  both.unmanaged = std::max(a.unmanaged, b.unmanaged);
  both.unmanaged_except.clear();
  const std::set<std::string> theirs(b.unmanaged_except.begin(),
                                     b.unmanaged_except.end());
  std::copy_if(a.unmanaged_except.begin(), a.unmanaged_except.end(),
               std::back_inserter(both.unmanaged_except),
               [&](const std::string& glob) { return theirs.count(glob) > 0; });
}

}  // namespace

// An exception from a rule that the other file sets itself.
bool Overruled(const PolicyException& exception, const PolicyConfig& policy) {
  return policy.Says(exception.rule).has_value();
}

PolicyConfig Stricter(const PolicyConfig& a, const PolicyConfig& b) {
  PolicyConfig both = a;
  both.max_lifetime = Smaller(a.max_lifetime, b.max_lifetime);
  both.min_lifetime = Larger(a.min_lifetime, b.min_lifetime);
  both.min_rotate_before = Larger(a.min_rotate_before, b.min_rotate_before);
  both.forbidden_scopes = Union(a.forbidden_scopes, b.forbidden_scopes);
  // Not the intersection: a scope has to fit each list.
  both.allowed_scopes = Joined(a.allowed_scopes, b.allowed_scopes);
  // It is the catalogue's list, or none.
  if (both.high_privilege_scopes.empty()) {
    both.high_privilege_scopes = b.high_privilege_scopes;
  }
  // Forbidden by one is forbidden.
  both.deny_full_scope = a.deny_full_scope || b.deny_full_scope;
  both.deny_all_organizations =
      a.deny_all_organizations || b.deny_all_organizations;
  both.name_patterns = Union(a.name_patterns, b.name_patterns);
  both.required_fields = Union(a.required_fields, b.required_fields);
  both.sinks_for_scopes = Joined(a.sinks_for_scopes, b.sinks_for_scopes);
  both.allowed_places = Joined(a.allowed_places, b.allowed_places);
  both.max_tokens = Smaller(a.max_tokens, b.max_tokens);
  MergeUnmanaged(a, b, both);
  // The enumeration rises from lenient to strict.
  both.existing = Larger(a.existing, b.existing);
  both.max_revocations = Smaller(a.max_revocations, b.max_revocations);
  both.max_revocations_share =
      Smaller(a.max_revocations_share, b.max_revocations_share);
  both.prevent_revoke = Union(a.prevent_revoke, b.prevent_revoke);
  // Allowed only if both allow it.
  both.allow_unknown_scopes = a.allow_unknown_scopes && b.allow_unknown_scopes;
  // Each file may except from its own rules.
  both.exceptions = b.exceptions;
  std::copy_if(
      a.exceptions.begin(), a.exceptions.end(),
      std::back_inserter(both.exceptions),
      [&](const PolicyException& each) { return !Overruled(each, b); });
  // Of two severities the one that stops.
  for (const std::string& rule : PolicyRules()) {
    const std::optional<Severity> mine = a.Says(rule), theirs = b.Says(rule);
    // kError is the smaller one.
    const std::optional<Severity> stricter = Smaller(mine, theirs);
    if (stricter) both.severity[rule] = *stricter;
  }
  // Blame is with the policy file, whose rule it is.
  for (const auto& [rule, where] : b.set_at) both.set_at[rule] = where;
  return both;
}

}  // namespace patform
