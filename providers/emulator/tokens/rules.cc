#include "providers/emulator/tokens/rules.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"
#include "providers/emulator/tokens/scope_list.h"

// What may be created and changed. Each refusal has the name that Microsoft's
// specification gives it; when it is given is inferred where nobody has
// described it, and a switch where descriptions differ.
namespace patform::emulator {
namespace {

constexpr size_t kMaxName = 256;  // UTF-16 units after HTML encoding
// The portal's default; the API's own is not documented.
constexpr Ticks kDefaultLifetime = 30 * kTicksPerDay;

// A verdict that is not ok.
Verdict Refuse(const char* error, std::string message) {
  return {error, std::move(message)};
}

// Names need not be unique; length and characters are all that is checked.
Verdict CheckName(const std::string& name) {
  if (absl::StripAsciiWhitespace(name).empty()) {
    return Refuse("displayNameRequired", "A display name is required.");
  }
  // After encoding, because "&" takes five characters then.
  if (HasControl(name) || Utf16Length(HtmlEncode(name)) > kMaxName) {
    return Refuse("invalidDisplayName",
                  "The display name has more than 256 characters or one that "
                  "is not allowed.");
  }
  return {};
}

// `scope` becomes a set in the order it was sent in.
Verdict CheckScope(const Switches& switches, std::string& scope) {
  std::vector<std::string> kept;
  for (const absl::string_view part :
       absl::StrSplit(scope, absl::ByAnyChar(" \t\r\n"), absl::SkipEmpty())) {
    if (std::find(kept.begin(), kept.end(), part) == kept.end()) {
      kept.emplace_back(part);
    }
  }
  if (kept.empty()) {
    if (switches.Is("empty_scope", "reject")) {
      return Refuse("invalidScope", "A scope is required.");
    }
    // Full access: the worst that a missing scope could mean, so that a client
    // which forgets it is found out.
    kept = {"app_token"};
  }
  for (const std::string& part : kept) {
    // Looked at in the loop, so that the set is built in either case.
    if (switches.Is("unknown_scopes", "accept")) break;
    if (PatScopes().count(absl::AsciiStrToLower(part)) == 0) {
      return Refuse("invalidScope",
                    absl::StrCat("The scope ", part, " is not valid."));
    }
  }
  if (switches.Is("full_scope", "denied") &&
      std::find(kept.begin(), kept.end(), "app_token") != kept.end()) {
    return Refuse("fullScopePatPolicyViolation",
                  "A policy of the tenant forbids full-scoped tokens.");
  }
  scope = absl::StrJoin(kept, " ");
  return {};
}

// An organization that restricts creation may let tokens through that can do
// nothing but packaging.
bool IsPackagingOnly(const std::string& scope) {
  const std::vector<std::string> scopes = absl::StrSplit(scope, ' ');
  return std::all_of(scopes.begin(), scopes.end(), [](const std::string& each) {
    const std::string lower = absl::AsciiStrToLower(each);
    return lower == "vso.packaging" ||
           absl::StartsWith(lower, "vso.packaging_");
  });
}

// For tokens of all organizations: the retirement first, then the tenant's
// policy.
Verdict CheckGlobal(const Switches& switches) {
  if (!switches.Is("global_pats", "allowed")) {
    return Refuse("globalPATCreationBlocked",
                  "Tokens for all accessible organizations can no longer be "
                  "created.");
  }
  if (switches.Is("global_policy", "denied")) {
    return Refuse("globalPatPolicyViolation",
                  "A policy of the tenant forbids tokens for all accessible "
                  "organizations.");
  }
  return {};
}

// Shortens `valid_to` to what is allowed; the tenant's maximum counts from
// `created`.
Verdict CheckValidTo(Ticks created, Ticks now, const Switches& switches,
                     Ticks& valid_to) {
  if (valid_to <= now && switches.Is("past_valid_to", "reject")) {
    return Refuse("invalidValidTo", "The expiration date is in the past.");
  }
  // A calendar year, not 365 days.
  const Ticks year = AddYear(now);
  if (valid_to >= year) {
    if (switches.Is("year", "error")) {
      return Refuse("invalidValidTo",
                    "The expiration date is more than a year away.");
    }
    // Shortened without a word, which is what the service does.
    valid_to = year;
  }
  const int days = switches.Number("tenant_max_days");
  const Ticks longest = created + days * kTicksPerDay;
  if (days > 0 && valid_to > longest) {
    // A token that is older than the maximum cannot be changed within it.
    if (switches.Is("lifespan", "error") || longest <= now) {
      return Refuse("patLifespanPolicyViolation",
                    absl::StrCat("A policy of the tenant allows tokens to live "
                                 "for ",
                                 days, " days."));
    }
    valid_to = longest;
  }
  return {};
}

}  // namespace

Verdict DecideCreate(const Payload& payload, Ticks now,
                     const Switches& switches, TokenRow& row) {
  // Only creation: existing tokens may still be changed.
  const Verdict restricted =
      Refuse("disablePatCreationPolicyViolation",
             "A policy of the organization restricts the creation of personal "
             "access tokens.");
  if (switches.Is("creation", "denied")) return restricted;
  row.display_name = payload.display_name.value_or("");
  if (Verdict v = CheckName(row.display_name); !v.ok()) return v;
  row.scope = payload.scope.value_or("");
  if (Verdict v = CheckScope(switches, row.scope); !v.ok()) return v;
  if (switches.Is("creation", "packaging_only") &&
      !IsPackagingOnly(row.scope)) {
    return restricted;
  }
  row.all_organizations = payload.all_organizations.value_or(false);
  if (row.all_organizations) {
    if (Verdict v = CheckGlobal(switches); !v.ok()) return v;
  }
  // By the service's clock, never by the request.
  row.valid_from = now;
  if (payload.valid_to) {
    row.valid_to = ToTicks(*payload.valid_to);
  } else {
    row.valid_to = switches.Is("missing_valid_to", "1y")
                       ? AddYear(now)
                       : now + kDefaultLifetime;
  }
  return CheckValidTo(now, now, switches, row.valid_to);
}

Verdict DecideUpdate(const Payload& payload, Ticks now,
                     const Switches& switches, TokenRow& row) {
  // For good: nothing brings a revoked token back.
  if (row.revoked) {
    return Refuse("invalidToken", "The token has been revoked.");
  }
  // Since sprint 271 nothing of it: neither its end nor its name or reach.
  if (StateOf(row, now) == RowState::kExpired &&
      switches.Is("expired_extend", "refuse")) {
    return Refuse("expiredPatCannotBeExtended",
                  "An expired token cannot be modified.");
  }
  TokenRow changed = row;
  // Only what is in the request changes; the rest keeps its value.
  if (payload.display_name) {
    changed.display_name = *payload.display_name;
    if (Verdict v = CheckName(changed.display_name); !v.ok()) return v;
  }
  if (payload.scope) {
    changed.scope = *payload.scope;
    if (Verdict v = CheckScope(switches, changed.scope); !v.ok()) return v;
  }
  if (payload.all_organizations) {
    changed.all_organizations = *payload.all_organizations;
    // A token that is global already may stay so.
    if (changed.all_organizations && !row.all_organizations) {
      if (Verdict v = CheckGlobal(switches); !v.ok()) return v;
    }
  }
  if (payload.valid_to) {
    changed.valid_to = ToTicks(*payload.valid_to);
    // From the beginning of its life: no update carries a token past the
    // tenant's maximum.
    Verdict v = CheckValidTo(row.valid_from, now, switches, changed.valid_to);
    if (!v.ok()) return v;
  }
  // All or nothing.
  row = std::move(changed);
  return {};
}

bool IsUsable(const TokenRow& row, Ticks now, const Switches& switches) {
  return StateOf(row, now) == RowState::kActive &&
         !(row.all_organizations && switches.Is("global_pats", "dead"));
}

}  // namespace patform::emulator
