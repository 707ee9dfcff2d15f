#include "engine/model/policy.h"

namespace patform {

// Sorted, as the documentation lists them.
const std::vector<std::string>& PolicyRules() {
  static const auto& rules = *new std::vector<std::string>{
      rule::kAllOrganizations, rule::kAllowedPlaces, rule::kAllowedScopes,
      rule::kForbiddenScopes,  rule::kFullScope,     rule::kHighPrivilegeScopes,
      rule::kMaxLifetime,      rule::kMaxTokens,     rule::kMinLifetime,
      rule::kMinRotateBefore,  rule::kNamePattern,   rule::kRequiredFields,
      rule::kSinksForScopes,   rule::kUnmanaged,
  };
  return rules;
}

// A rule without a severity of its own is an error as soon as it is set.
std::optional<Severity> PolicyConfig::Says(std::string_view rule) const {
  const std::string key(rule);
  const auto set = severity.find(key);
  if (set != severity.end()) return set->second;
  if (set_at.count(key) > 0) return Severity::kError;
  return std::nullopt;
}

// Where it was set, for the caret of a message.
const SourceLocation& PolicyConfig::At(std::string_view rule) const {
  const auto found = set_at.find(std::string(rule));
  return found == set_at.end() ? where : found->second;
}

}  // namespace patform
