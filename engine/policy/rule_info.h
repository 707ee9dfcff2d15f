#pragma once

#include <string_view>

#include "engine/model/policy.h"
#include "engine/policy/guards.h"

namespace patform {

// All that is said of a rule or guard by its id.
struct RuleInfo {
  const char* id;
  const char* what;  // what it asks for: a sentence
  const char* why;   // without a full stop
};

inline constexpr RuleInfo kRules[] = {
    {rule::kMaxLifetime, "No token lives longer than the policy allows.",
     "a secret that leaks is good until its token ends"},
    {rule::kMinLifetime, "No token lives shorter than the policy asks for.",
     "each rotation can fail, and a very short life leaves no time to notice"},
    {rule::kMinRotateBefore, "Every token is renewed early enough.",
     "a rotation that fails must be noticed while the old secret still works"},
    {rule::kForbiddenScopes,
     "No token asks for a scope that the policy forbids.",
     "nobody needs them, and they can do harm"},
    {rule::kAllowedScopes, "Tokens ask only for scopes that the policy allows.",
     "what is not needed is not given"},
    {rule::kHighPrivilegeScopes, "No token has a scope of high privilege.",
     "with such a scope a leaked secret can change code, permissions or "
     "pipelines"},
    {rule::kFullScope, "No token has full access.",
     "it can do everything that its user can"},
    {rule::kAllOrganizations,
     "No token is valid in all organizations of its user.",
     "one leak reaches every organization of the user, and the service ends "
     "such tokens on 2026-12-01"},
    {rule::kNamePattern, "Every token's name fits the policy's pattern.",
     "a name shows who a token belongs to"},
    {rule::kRequiredFields,
     "Every token has the fields that the policy asks for.",
     "without them nobody knows later whether a token may go"},
    {rule::kSinksForScopes,
     "Secrets go only to sinks that may receive what their scopes open.",
     "who can read the place can do what the token can do"},
    {rule::kAllowedPlaces,
     "Secrets go only to places that the policy names for their scopes.",
     "a merged edit must not send a token to somebody else's store"},
    {rule::kMaxTokens, "There are no more tokens than the policy allows.",
     "each token is one more secret to keep"},
    {rule::kUnmanaged, "Every live token is in a configuration.",
     "nobody reviews or rotates it"},
    {rule::kExpiredException, "No exception from a rule outlives its end.",
     "an exception without an end is a hole"},
    {kMaxRevocations,
     "One apply revokes no more tokens than the policy allows.",
     "a mistake in a file must not end everything at once"},
    {kPreventRevoke, "Tokens that the policy protects are not revoked.",
     "something depends on this token"},
    {kSameUser, "Each identity is another user.",
     "each would take the other's tokens for its own that left the file, and "
     "end them"},
    {kWrongUser, "The tokens are those of the user that the records know.",
     "tokens belong to the user who made them"},
    {kWrongOrganization,
     "The plan is for the organizations that were planned for before.",
     "every token would be made again"},
    {kEmptyList,
     "A list of tokens that is suddenly empty is not taken for an empty "
     "world.",
     "another identity or an outage is likelier than that all are gone"},
};

// null: no rule's id.
constexpr const RuleInfo* FindRule(std::string_view id) {
  for (const RuleInfo& info : kRules) {
    if (id == info.id) return &info;
  }
  return nullptr;
}

// Why there is such a rule or guard; "" for an unknown id.
constexpr const char* WhyOf(std::string_view rule) {
  const RuleInfo* info = FindRule(rule);
  return info == nullptr ? "" : info->why;
}

}  // namespace patform
