#include "engine/policy/rules.h"

#include <algorithm>
#include <map>
#include <regex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

class TokenRules {
 public:
  TokenRules(const PolicyConfig& policy, const DesiredToken& token,
             absl::Time now, std::vector<Finding>& out)
      : policy_(policy), token_(token), now_(now), out_(out) {}

  void Run() const {
    MaxLifetime();
    ForbiddenScopes();
    RequiredFields();
    if (policy_.deny_all_organizations && token_.all_organizations) {
      Break("all_organizations", "is valid in all organizations",
            "remove `all_organizations`; declare one token per organization",
            token_.where);
    }
  }

 private:
  void Break(std::string rule, std::string what, std::string fix,
             const SourceLocation& where) const {
    out_.push_back({std::move(rule), TokenAddress(token_.name), std::move(what),
                    std::move(fix), where, Severity::kError});
  }

  void MaxLifetime() const {
    if (!policy_.max_lifetime) return;
    if (token_.expires) {
      const absl::Duration left = *token_.expires - now_;
      if (left <= *policy_.max_lifetime) return;
      Break(
          "max_lifetime",
          absl::StrCat("expires in ", FormatSpan(left), "; the policy allows ",
                       FormatSpan(*policy_.max_lifetime)),
          "say an earlier `expires`, or a `lifetime` instead: rotation "
          "renews the token in time",
          token_.where);
      return;
    }
    if (token_.lifetime <= *policy_.max_lifetime) return;
    Break(
        "max_lifetime",
        absl::StrCat("lives ", FormatSpan(token_.lifetime),
                     "; the policy allows ", FormatSpan(*policy_.max_lifetime)),
        "shorten `lifetime`; rotation renews the token in time", token_.where);
  }

  void ForbiddenScopes() const {
    for (std::string_view scope : token_.scopes.items()) {
      for (const std::string& pattern : policy_.forbidden_scopes) {
        if (!GlobMatch(pattern, scope)) continue;
        Break("forbidden_scopes",
              absl::StrCat("asks for ", AbslView(scope),
                           ", which the policy forbids (\"", pattern, "\")"),
              "ask for a weaker scope; `patform scopes` lists them",
              token_.scopes_where);
        break;
      }
    }
  }

  void RequiredFields() const {
    for (const std::string& field : policy_.required_fields) {
      const bool given = field == "owner"     ? !token_.owner.empty()
                         : field == "purpose" ? !token_.purpose.empty()
                         : field == "deliver" ? !token_.deliver.empty()
                                              : token_.labels.count(field) > 0;
      if (given) continue;
      Break("required_fields", absl::StrCat("has no `", field, "`"),
            absl::StrCat(
                "add `", field, "`",
                field == "owner" || field == "purpose" || field == "deliver"
                    ? ""
                    : " under `labels`"),
            token_.where);
    }
  }

  const PolicyConfig& policy_;
  const DesiredToken& token_;
  const absl::Time now_;
  std::vector<Finding>& out_;
};

}  // namespace

const char* Name(Severity severity) {
  return severity == Severity::kError ? "error" : "warning";
}

bool HasErrors(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& f) {
    return f.severity == Severity::kError;
  });
}

std::vector<Finding> CheckDesired(const DesiredState& desired, absl::Time now) {
  std::vector<Finding> findings;
  std::optional<std::regex> pattern;
  if (desired.policy.name_pattern) {
    try {
      pattern.emplace(*desired.policy.name_pattern,
                      std::regex::ECMAScript | std::regex::nosubs);
    } catch (const std::regex_error&) {
      findings.push_back({"name_pattern", "",
                          "the pattern is not a regular expression",
                          "correct `name_pattern`", desired.policy.where});
    }
  }
  for (const DesiredToken& token : desired.tokens) {
    if (token.ensure != Ensure::kPresent) continue;
    TokenRules(desired.policy, token, now, findings).Run();
    if (pattern && !std::regex_match(token.name, *pattern)) {
      findings.push_back({"name_pattern", TokenAddress(token.name),
                          absl::StrCat("the name does not match ",
                                       *desired.policy.name_pattern),
                          "rename it, with `renamed_from` the old name",
                          token.where});
    }
  }
  return findings;
}

}  // namespace patform
