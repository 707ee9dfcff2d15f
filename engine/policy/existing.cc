#include "engine/policy/existing.h"

#include <string_view>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/likeness.h"
#include "engine/base/strings.h"
#include "engine/model/mark.h"
#include "engine/policy/judge.h"
#include "engine/policy/name_pattern.h"
#include "engine/policy/scope_rules.h"

namespace patform {
namespace {

// A life is counted from the service's clock, and was asked for by another.
constexpr absl::Duration kClocksDiffer = absl::Minutes(10);

class ExistingRules {
 public:
  ExistingRules(const DesiredState& desired, const ExistingInput& input,
                absl::Time now, std::vector<Finding>& out)
      : desired_(desired),
        policy_(desired.policy),
        input_(input),
        now_(now),
        pattern_(policy_),
        scopes_(policy_),
        judge_(policy_, now, out, nullptr) {}

  // Is there anything to look for at all? There may be 100,000 tokens.
  bool Any() const {
    return policy_.existing != Existing::kIgnore &&
           (policy_.max_lifetime || HasScopeRules(policy_) ||
            policy_.deny_all_organizations || !policy_.name_patterns.empty() ||
            policy_.max_tokens);
  }

  void List(const TokenList& listed) {
    std::set<std::string_view> seen;
    int live = 0;
    for (const ActualToken& token : listed.tokens) {
      if (token.state != TokenState::kActive) continue;
      const auto marked = ParseDisplayName(token.display_name);
      // All generations of one token are one token: they differ behind the #.
      const std::string_view whole = token.display_name;
      if (!marked || seen.insert(whole.substr(0, whole.rfind('#'))).second) {
        ++live;
      }
      if (input_.changed.count(token.id) == 0) Token(listed, token, marked);
    }
    if (!policy_.max_tokens || live <= *policy_.max_tokens) return;
    judge_.Broken({rule::kMaxTokens, "",
                   absl::StrCat("the user has ", Count(live, "live token"),
                                " in ", listed.realm().ToString(),
                                "; the policy allows ", *policy_.max_tokens),
                   "revoke what nobody uses: `patform audit` ranks it",
                   policy_.At(rule::kMaxTokens)},
                  "", /*exists=*/true);
  }

  void Finish() { judge_.Finish(); }

  void Unmanaged(const ActualToken& token) {
    judge_.Broken({rule::kUnmanaged, token.display_name,
                   absl::StrCat("(", token.id.Short(),
                                ") is in no configuration; the "
                                "policy denies such tokens"),
                   "declare it (`patform import`), revoke it, or name it in "
                   "`unmanaged_except`",
                   policy_.At(rule::kUnmanaged)},
                  token.display_name);
  }

 private:
  struct Subject {
    const ActualToken* token;
    std::string name;  // in front of the mark
    const DesiredToken* declared = nullptr;
  };

  void Token(const TokenList& listed, const ActualToken& token,
             const std::optional<MarkedName>& marked) {
    const bool ours = marked && marked->workspace == desired_.workspace;
    Subject subject;
    subject.token = &token;
    subject.name = marked ? std::string(marked->name) : token.display_name;
    const auto breaks = [&](const char* rule, const std::string& what) {
      if (ours || !marked) {
        subject.declared = FindDeclared(listed, subject.name);
      }
      Break(rule, subject, what);
    };
    for (const ScopeFault& fault : scopes_.Check(token.scopes)) {
      breaks(fault.rule.c_str(), absl::StrCat("has ", fault.what));
    }
    if (policy_.max_lifetime) {
      // How long ours were given is judged by their declaration; one that is
      // extended may be as old as it likes.
      const absl::Duration life =
          token.valid_to -
          (ours ? std::max(token.valid_from, now_) : token.valid_from);
      if (life > *policy_.max_lifetime + kClocksDiffer) {
        breaks(
            rule::kMaxLifetime,
            absl::StrCat("lives ", FormatSpan(life), ", until ",
                         FormatMinute(token.valid_to), "; the policy allows ",
                         FormatSpan(*policy_.max_lifetime)));
      }
    }
    if (policy_.deny_all_organizations && token.all_organizations) {
      breaks(rule::kAllOrganizations,
             absl::StrCat("is valid in all organizations; such tokens stop "
                          "working on ",
                          kGlobalTokensEnd));
    }
    if (marked) return;
    if (const std::string* refuses = pattern_.Refuses(subject.name)) {
      breaks(rule::kNamePattern,
             absl::StrCat("has a name that does not match ", *refuses));
    }
  }

  void Break(const std::string& rule, const Subject& subject,
             const std::string& what) {
    Finding finding;
    finding.rule = rule;
    const std::string id = subject.token->id.Short();
    if (subject.declared != nullptr) {
      finding.address =
          desired_.AddressOf(subject.declared->name, subject.declared->realm());
      if (Said(rule, finding.address)) return;
      finding.what = absl::StrCat("as it is (", id, ") ", what);
      finding.fix = absl::StrCat("it ends with the next rotation; --rotate ",
                                 subject.declared->name, " makes one now");
      finding.where = subject.declared->where;
    } else {
      finding.address = subject.token->display_name;
      finding.what = absl::StrCat("(", id, ") ", what);
      finding.fix =
          "declare it (`patform import`) or revoke it: it is in no "
          "configuration";
      finding.where = policy_.At(rule);
    }
    judge_.Broken(std::move(finding), subject.name, /*exists=*/true);
  }

  // Indexes are made when the first rule is broken.
  const DesiredToken* FindDeclared(const TokenList& listed,
                                   const std::string& name) {
    if (!indexed_) {
      indexed_ = true;
      for (const DesiredToken& token : desired_.tokens) {
        if (token.ensure != Ensure::kPresent) continue;
        declared_[{token.identity, token.organization, Folded(token.name)}] =
            &token;
      }
    }
    const auto found =
        declared_.find({listed.identity, listed.organization, Folded(name)});
    return found == declared_.end() ? nullptr : found->second;
  }

  bool Said(const std::string& rule, const std::string& address) {
    if (!reported_ && input_.reported != nullptr) {
      reported_.emplace();
      for (const Finding& finding : *input_.reported) {
        reported_->insert({finding.rule, finding.address});
      }
    }
    return reported_ && reported_->count({rule, address}) > 0;
  }

  const DesiredState& desired_;
  const PolicyConfig& policy_;
  const ExistingInput& input_;
  const absl::Time now_;
  const NamePattern pattern_;
  ScopeRules scopes_;
  Judge judge_;
  bool indexed_ = false;
  // By identity, organization and folded name.
  absl::flat_hash_map<
      std::tuple<std::string_view, std::string_view, std::string>,
      const DesiredToken*>
      declared_;
  std::optional<std::set<std::pair<std::string, std::string>>> reported_;
};

}  // namespace

std::set<AuthorizationId> ChangedBy(const std::vector<Change>& changes) {
  std::set<AuthorizationId> ids;
  for (const Change& change : changes) {
    if (change.before && change.before->id) ids.insert(*change.before->id);
    for (const auto* ends : {&change.revoke, &change.decision->collect,
                             &change.decision->collect_first}) {
      for (const Collect& end : *ends) ids.insert(end.id);
    }
  }
  return ids;
}

std::vector<Finding> CheckExisting(const DesiredState& desired,
                                   const ActualState& actual,
                                   const ExistingInput& input, absl::Time now) {
  std::vector<Finding> findings;
  ExistingRules rules(desired, input, now, findings);
  if (rules.Any()) {
    for (const auto& [realm, listed] : actual.organizations) {
      rules.List(listed);
    }
  }
  if (desired.policy.unmanaged == Unmanaged::kDeny &&
      input.unmanaged != nullptr) {
    for (const ActualToken& token : *input.unmanaged) rules.Unmanaged(token);
  }
  rules.Finish();
  return findings;
}

}  // namespace patform
