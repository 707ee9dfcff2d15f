#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/diagnostic.h"
#include "engine/base/words.h"

namespace patform {

// How grave a broken rule is: an error stops the plan (exit code 5).
enum class Severity { kError, kWarning };
inline constexpr WordFor<Severity> kSeverityWords[] = {
    {Severity::kError, "error"}, {Severity::kWarning, "warning"}};
constexpr auto& WordsOf(Severity) { return kSeverityWords; }
static_assert(AllInOrder(kSeverityWords, Severity::kWarning));

// What to do about live tokens in no configuration, the strictest last.
enum class Unmanaged { kIgnore, kReport, kDeny, kRevoke };
inline constexpr WordFor<Unmanaged> kUnmanagedWords[] = {
    {Unmanaged::kIgnore, "ignore"},
    {Unmanaged::kReport, "report"},
    {Unmanaged::kDeny, "deny"},
    {Unmanaged::kRevoke, "revoke"}};
constexpr auto& WordsOf(Unmanaged) { return kUnmanagedWords; }
static_assert(AllInOrder(kUnmanagedWords, Unmanaged::kRevoke));

// How a broken rule counts when a token that exists breaks it, and not the
// configuration: not at all, as a warning, or like any other.
enum class Existing { kIgnore, kWarning, kError };
inline constexpr WordFor<Existing> kExistingWords[] = {
    {Existing::kIgnore, "ignore"},
    {Existing::kWarning, "warning"},
    {Existing::kError, "error"}};
constexpr auto& WordsOf(Existing) { return kExistingWords; }
static_assert(AllInOrder(kExistingWords, Existing::kError));

// The rules of [policy], by the names of their keys. Stable words.
namespace rule {
inline constexpr char kMaxLifetime[] = "max_lifetime";
inline constexpr char kMinLifetime[] = "min_lifetime";
inline constexpr char kMinRotateBefore[] = "min_rotate_before";
inline constexpr char kForbiddenScopes[] = "forbidden_scopes";
inline constexpr char kAllowedScopes[] = "allowed_scopes";
inline constexpr char kHighPrivilegeScopes[] = "high_privilege_scopes";
inline constexpr char kFullScope[] = "full_scope";
inline constexpr char kAllOrganizations[] = "all_organizations";
inline constexpr char kNamePattern[] = "name_pattern";
inline constexpr char kRequiredFields[] = "required_fields";
inline constexpr char kSinksForScopes[] = "sinks_for_scopes";
inline constexpr char kAllowedPlaces[] = "allowed_places";
inline constexpr char kMaxTokens[] = "max_tokens";
inline constexpr char kUnmanaged[] = "unmanaged";
// No key: an exception whose end has come.
inline constexpr char kExpiredException[] = "expired_exception";
}  // namespace rule

// Every rule that can have a severity, sorted.
const std::vector<std::string>& PolicyRules();

// Which sinks may receive the secrets of tokens with certain scopes.
struct SinkRule {
  std::vector<std::string> scopes;  // globs
  std::vector<std::string> sinks;   // globs over names
  std::vector<std::string> types;
  SourceLocation where;
};

// Places that may receive the secrets of tokens with certain scopes, by what
// they are and not by what a file calls them.
struct AllowedPlaces {
  std::vector<std::string> scopes;     // globs
  std::vector<std::string> types;      // of sinks; none: any
  std::vector<std::string> addresses;  // globs over policy/allowed_places.h
  SourceLocation where;
};

// Tokens that a rule does not hold for, until it does.
struct PolicyException {
  std::string rule;
  std::string token;  // a glob over the name in front of the mark
  absl::Time until;
  std::string reason;
  SourceLocation where;
};

// [policy]: every rule is optional.
struct PolicyConfig {
  std::optional<absl::Duration> max_lifetime;
  std::optional<absl::Duration> min_lifetime;
  std::optional<absl::Duration> min_rotate_before;
  std::vector<std::string> forbidden_scopes;  // names or globs
  // A scope must match one glob of each list; none: all are allowed.
  std::vector<std::vector<std::string>> allowed_scopes;
  // The catalogue's high-privilege scopes, sorted; empty: allowed.
  std::vector<std::string> high_privilege_scopes;
  bool deny_full_scope = false;
  bool deny_all_organizations = false;
  std::vector<std::string> name_patterns;    // base/pattern.h; all of them hold
  std::vector<std::string> required_fields;  // of a token: owner, purpose …
  std::vector<SinkRule> sinks_for_scopes;    // all of them hold
  // With each of its scopes a place has to be one of each list: each policy
  // has its own.
  std::vector<std::vector<AllowedPlaces>> allowed_places;
  std::optional<int> max_tokens;  // declared; live ones of a user
  Unmanaged unmanaged = Unmanaged::kReport;
  std::vector<std::string> unmanaged_except;  // globs over display names
  std::optional<Existing> existing;           // kWarning unless set
  std::optional<int> max_revocations;
  std::optional<double> max_revocations_share;  // of the live tokens; 0 to 1
  std::vector<std::string> prevent_revoke;      // globs over names
  bool allow_unknown_scopes = false;
  std::vector<PolicyException> exceptions;
  std::map<std::string, Severity> severity;      // by rule, where it is set
  std::map<std::string, SourceLocation> set_at;  // of each rule and guard
  SourceLocation where;

  // The severity of `rule`: an error where the rule is set without one;
  // nullopt: the rule is not set.
  std::optional<Severity> Says(std::string_view rule) const;
  // Where `rule` is set; the table's place if it is not.
  const SourceLocation& At(std::string_view rule) const;
};

}  // namespace patform
