#include "engine/policy/rules.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"
#include "engine/policy/allowed_places.h"
#include "engine/policy/judge.h"
#include "engine/policy/name_pattern.h"
#include "engine/policy/scope_rules.h"

namespace patform {
namespace {

class TokenRules {
 public:
  TokenRules(const DesiredState& desired, const DesiredToken& token,
             absl::Time now, ScopeRules& scopes, Judge& judge)
      : desired_(desired),
        policy_(desired.policy),
        token_(token),
        now_(now),
        scopes_(scopes),
        judge_(judge) {}

  void Run() const {
    // In the order of the documentation, which is that of findings, too.
    MaxLifetime();
    MinLifetime();
    MinRotateBefore();
    for (ScopeFault& fault : scopes_.Check(token_.scopes)) {
      Break(fault.rule, absl::StrCat("asks for ", fault.what),
            "ask for a weaker scope; `patform scopes` lists them",
            token_.scopes_where);
    }
    RequiredFields();
    Sinks();
    Places();
    if (policy_.deny_all_organizations && token_.all_organizations) {
      Break(rule::kAllOrganizations,
            absl::StrCat("is valid in all organizations; such tokens stop "
                         "working on ",
                         kGlobalTokensEnd),
            "remove `all_organizations`; declare one token per organization",
            token_.where);
    }
  }

 private:
  void Break(const std::string& rule, std::string what, std::string fix,
             const SourceLocation& where) const {
    judge_.Broken({rule, desired_.AddressOf(token_.name, token_.realm()),
                   std::move(what), std::move(fix), where},
                  token_.name);
  }

  void MaxLifetime() const {
    if (!policy_.max_lifetime) return;
    // A date has no length of its own: what counts is what is left of it.
    if (token_.expires) {
      const absl::Duration left = *token_.expires - now_;
      if (left <= *policy_.max_lifetime) return;
      Break(
          rule::kMaxLifetime,
          absl::StrCat("expires in ", FormatSpan(left), "; the policy allows ",
                       FormatSpan(*policy_.max_lifetime)),
          "set an earlier `expires`, or a `lifetime` instead: rotation "
          "renews the token in time",
          token_.where);
      return;
    }
    if (token_.lifetime <= *policy_.max_lifetime) return;
    Break(
        rule::kMaxLifetime,
        absl::StrCat("lives ", FormatSpan(token_.lifetime),
                     "; the policy allows ", FormatSpan(*policy_.max_lifetime)),
        "shorten `lifetime`; rotation renews the token in time", token_.where);
  }

  void MinLifetime() const {
    // A date was somebody's decision, and comes nearer by itself.
    if (!policy_.min_lifetime || token_.expires ||
        token_.lifetime >= *policy_.min_lifetime) {
      return;
    }
    Break(rule::kMinLifetime,
          absl::StrCat("lives ", FormatSpan(token_.lifetime),
                       "; the policy asks for ",
                       FormatSpan(*policy_.min_lifetime), " at least"),
          "lengthen `lifetime`", token_.where);
  }

  // A share of a life that ends on a date is only known once it began.
  void MinRotateBefore() const {
    const RotateBefore& before = token_.rotate_before;
    if (!policy_.min_rotate_before || (token_.expires && !before.span)) return;
    // What patform never replaces has no such time.
    if (token_.deliver.empty() && token_.renewal == Renewal::kRotate) return;
    const absl::Duration span =
        before.span ? *before.span : token_.lifetime * before.share;
    if (span >= *policy_.min_rotate_before) return;
    Break(rule::kMinRotateBefore,
          absl::StrCat("is renewed ", FormatSpan(span),
                       " before its end; the policy asks for ",
                       FormatSpan(*policy_.min_rotate_before), " at least"),
          "set an earlier `rotate_before`", token_.where);
  }

  void RequiredFields() const {
    for (const std::string& field : policy_.required_fields) {
      const bool given = field == "owner"     ? !token_.owner.empty()
                         : field == "purpose" ? !token_.purpose.empty()
                         : field == "deliver" ? !token_.deliver.empty()
                                              : token_.labels.count(field) > 0;
      if (given) continue;
      // A rule that is new breaks for every token at once.
      if (judge_.OnlyCounted(rule::kRequiredFields, token_.name)) continue;
      Break(rule::kRequiredFields, absl::StrCat("has no `", field, "`"),
            absl::StrCat(
                "add `", field, "`",
                field == "owner" || field == "purpose" || field == "deliver"
                    ? ""
                    : " under `labels`"),
            token_.where);
    }
  }

  void Sinks() const {
    if (token_.deliver.empty()) return;
    for (size_t i = 0; i < policy_.sinks_for_scopes.size(); ++i) {
      const SinkRule& rule = policy_.sinks_for_scopes[i];
      const std::string scope = ScopeUnder(i);
      // The rule is about none of this token's scopes.
      if (scope.empty()) continue;
      for (const Delivery& place : token_.deliver) {
        const SinkConfig* sink = desired_.FindSink(place.sink);
        const std::string type = sink == nullptr ? "" : sink->type;
        if (scopes_.Allows(i, place.sink, type)) continue;
        if (judge_.OnlyCounted(rule::kSinksForScopes, token_.name)) continue;
        Break(rule::kSinksForScopes,
              absl::StrCat("goes to ", place.Address(), " (type ", type,
                           "); with ", scope, " the policy allows ",
                           Allowed(rule)),
              "deliver it to an allowed sink, or ask for a weaker scope",
              place.where);
      }
    }
  }

  // Once a place: the first scope that must not go there shows what is wrong.
  void Places() const {
    if (policy_.allowed_places.empty()) return;
    std::vector<std::string_view> scopes = token_.scopes.items();
    // The service reads no scopes as full access.
    if (scopes.empty()) scopes.push_back(kFullAccess);
    for (const Delivery& place : token_.deliver) {
      const SinkConfig* sink = desired_.FindSink(place.sink);
      const std::string address = WhatItIs(desired_, place);
      for (std::string_view scope : scopes) {
        if (sink != nullptr &&
            IsAllowedPlace(policy_, scope, sink->type, address)) {
          continue;
        }
        if (judge_.OnlyCounted(rule::kAllowedPlaces, token_.name)) break;
        // What the environment filled in is shown to nobody.
        const bool shown = sink != nullptr && sink->filled_in.empty();
        Break(rule::kAllowedPlaces,
              absl::StrCat("goes to ", place.Address(), ", which is ",
                           shown ? address : "at an address with ${…}",
                           "; with ", AbslView(scope), " the policy allows ",
                           AllowedPlacesFor(policy_, scope)),
              "deliver it to an allowed place, or ask for a weaker scope",
              place.where);
        break;
      }
    }
  }

  // The first scope of the token that a rule is about.
  std::string ScopeUnder(size_t sink_rule) const {
    for (std::string_view scope : token_.scopes.items()) {
      if (scopes_.IsAbout(sink_rule, scope)) return std::string(scope);
    }
    return "";
  }

  static std::string Allowed(const SinkRule& rule) {
    std::vector<std::string> words;
    if (!rule.types.empty()) {
      words.push_back(
          absl::StrCat("sinks of type ", absl::StrJoin(rule.types, ", ")));
    }
    if (!rule.sinks.empty()) {
      words.push_back(
          absl::StrCat("sinks named ", absl::StrJoin(rule.sinks, ", ")));
    }
    return absl::StrJoin(words, " and ");
  }

  const DesiredState& desired_;
  const PolicyConfig& policy_;
  const DesiredToken& token_;
  const absl::Time now_;
  ScopeRules& scopes_;
  Judge& judge_;
};

void CheckCount(const DesiredState& desired, Judge& judge) {
  const PolicyConfig& policy = desired.policy;
  if (!policy.max_tokens) return;
  const auto declared =
      std::count_if(desired.tokens.begin(), desired.tokens.end(),
                    [](const DesiredToken& token) {
                      return token.ensure == Ensure::kPresent;
                    });
  if (declared <= *policy.max_tokens) return;
  // Of no token: any of them could be the one too many.
  judge.Broken(
      {rule::kMaxTokens, "",
       absl::StrCat("the configuration declares ", Count(declared, "token"),
                    "; the policy allows ", *policy.max_tokens),
       "take out what nobody uses: `patform audit` ranks it",
       policy.At(rule::kMaxTokens)},
      "");
}

// Warnings: what an ended exception no longer covers is a finding of its own.
void CheckExceptions(const PolicyConfig& policy, absl::Time now,
                     std::vector<Finding>& findings) {
  for (const PolicyException& exception : policy.exceptions) {
    if (exception.until - now > kExceptionNotice) continue;
    const bool ended = exception.until <= now;
    findings.push_back(
        {rule::kExpiredException, "",
         absl::StrCat(
             "the exception of \"", exception.token, "\" from ", exception.rule,
             ended ? " ended " : " ends ", FormatMinute(exception.until),
             ended ? ""
                   : absl::StrCat(" (", FormatRelative(exception.until, now),
                                  ")")),
         ended ? "remove it; the rule holds again"
               : "make the token keep to the rule before, or set a later "
                 "`until`",
         exception.where, Severity::kWarning});
  }
}

}  // namespace

bool HasErrors(const std::vector<Finding>& findings) {
  return CountOf(findings, Severity::kError) > 0;
}

bool Forbids(const std::vector<Finding>& findings) {
  return std::any_of(
      findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.severity == Severity::kError && !finding.lapsed;
      });
}

int CountOf(const std::vector<Finding>& findings, Severity severity) {
  return static_cast<int>(std::count_if(
      findings.begin(), findings.end(),
      [&](const Finding& finding) { return finding.severity == severity; }));
}

std::vector<Finding> CheckDesired(const DesiredState& desired, absl::Time now,
                                  std::vector<Note>* excepted) {
  std::vector<Finding> findings;
  Judge judge(desired.policy, now, findings, excepted);
  CheckExceptions(desired.policy, now, findings);
  // Compiled once, not once a token.
  const NamePattern pattern(desired.policy);
  ScopeRules scopes(desired.policy);
  if (!pattern.good()) {
    findings.push_back({rule::kNamePattern, "",
                        "the pattern is not a regular expression",
                        "correct `name_pattern`", desired.policy.where});
  }
  for (const DesiredToken& token : desired.tokens) {
    // What is to go, or to be let go, need not keep to the rules.
    if (token.ensure != Ensure::kPresent) continue;
    TokenRules(desired, token, now, scopes, judge).Run();
    if (const std::string* refuses = pattern.Refuses(token.name)) {
      judge.Broken(
          {rule::kNamePattern, desired.AddressOf(token.name, token.realm()),
           absl::StrCat("the name does not match ", *refuses),
           "rename it, with `renamed_from` the old name", token.where},
          token.name);
    }
  }
  CheckCount(desired, judge);
  judge.Finish();
  return findings;
}

std::vector<std::string> RulesInForce(const PolicyConfig& policy) {
  const std::map<std::string_view, bool> set = {
      {rule::kMaxLifetime, policy.max_lifetime.has_value()},
      {rule::kMinLifetime, policy.min_lifetime.has_value()},
      {rule::kMinRotateBefore, policy.min_rotate_before.has_value()},
      {rule::kForbiddenScopes, !policy.forbidden_scopes.empty()},
      {rule::kAllowedScopes, !policy.allowed_scopes.empty()},
      {rule::kHighPrivilegeScopes, !policy.high_privilege_scopes.empty()},
      {rule::kFullScope, policy.deny_full_scope},
      {rule::kAllOrganizations, policy.deny_all_organizations},
      {rule::kNamePattern, !policy.name_patterns.empty()},
      {rule::kRequiredFields, !policy.required_fields.empty()},
      {rule::kSinksForScopes, !policy.sinks_for_scopes.empty()},
      {rule::kAllowedPlaces, !policy.allowed_places.empty()},
      {rule::kMaxTokens, policy.max_tokens.has_value()},
      // Reporting them, or revoking them, cannot be broken as a rule can.
      {rule::kUnmanaged, policy.unmanaged == Unmanaged::kDeny},
  };
  std::vector<std::string> rules;
  for (const std::string& each : PolicyRules()) {
    const auto found = set.find(each);
    if (found != set.end() && found->second) rules.push_back(each);
  }
  if (!policy.exceptions.empty()) rules.emplace_back(rule::kExpiredException);
  return rules;
}

absl::Time NextExceptionEnd(const PolicyConfig& policy, absl::Time now) {
  absl::Time next = absl::InfiniteFuture();
  for (const PolicyException& exception : policy.exceptions) {
    // It has ended, which the plan tells already.
    if (now >= exception.until) continue;
    const absl::Time announced = exception.until - kExceptionNotice;
    next = std::min(next, now < announced ? announced : exception.until);
  }
  return next;
}

}  // namespace patform
