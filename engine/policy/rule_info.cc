#include "engine/policy/guards.h"
#include "engine/policy/rules.h"

namespace patform {
namespace {

struct RuleInfo {
  const char* id;
  const char* why;
};

constexpr RuleInfo kRules[] = {
    {rule::kMaxLifetime, "a secret that leaks is good until its token ends"},
    {rule::kMinLifetime,
     "each rotation can fail, and a very short life leaves no time to notice"},
    {rule::kMinRotateBefore,
     "a rotation that fails must be noticed while the old secret still works"},
    {rule::kForbiddenScopes, "nobody needs them, and they can do harm"},
    {rule::kAllowedScopes, "what is not needed is not given"},
    {rule::kHighPrivilegeScopes,
     "with such a scope a leaked secret can change code, permissions or "
     "pipelines"},
    {rule::kFullScope, "it can do everything that its user can"},
    {rule::kAllOrganizations,
     "one leak reaches every organization of the user, and the service ends "
     "such tokens on 2026-12-01"},
    {rule::kNamePattern, "a name shows who a token belongs to"},
    {rule::kRequiredFields,
     "without them nobody knows later whether a token may go"},
    {rule::kSinksForScopes,
     "who can read the place can do what the token can do"},
    {rule::kMaxTokens, "each token is one more secret to keep"},
    {rule::kUnmanaged, "nobody reviews or rotates it"},
    {rule::kExpiredException, "an exception without an end is a hole"},
    {kMaxRevocations, "a mistake in a file must not end everything at once"},
    {kPreventRevoke, "something depends on this token"},
    {kWrongUser, "tokens belong to the user who made them"},
    {kWrongOrganization, "every token would be made again"},
    {kEmptyList,
     "another identity or an outage is likelier than that all are gone"},
};

}  // namespace

std::string_view WhyOf(std::string_view rule) {
  for (const RuleInfo& info : kRules) {
    if (rule == info.id) return info.why;
  }
  return "";
}

}  // namespace patform
