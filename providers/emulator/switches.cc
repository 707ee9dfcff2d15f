#include "providers/emulator/switches.h"

#include <stdlib.h>

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/strings.h"

namespace patform::emulator {

// Each switch is a place where Microsoft's documentation is silent or reports
// differ, or a policy that an administrator can set. The first value is the
// default: the one with the best evidence, or else the strictest. Tests run
// with every value.
const std::vector<SwitchSpec>& SwitchSpecs() {
  static const std::vector<SwitchSpec> specs = {
      // Lists.
      {"list_filter",
       {"active", "revoked", "expired", "all"},
       "active",
       "what a list without displayFilterOption shows"},
      {"list_sort",
       {"displayName", "displayDate", "status"},
       "displayName",
       "the order of a list without sortByOption"},
      {"list_ascending",
       {"true", "false"},
       "true",
       "its direction without isSortAscending"},
      {"list_top", {"N"}, "100", "tokens on a page without $top, 1 to 100"},
      {"list_organizations",
       {"own", "all"},
       "own",
       "does a list show the user's tokens of other organizations?"},
      {"paging",
       {"keyset", "offset"},
       "keyset",
       "offset: rows shift when tokens come or go between two pages"},
      // What a create or an update asks for.
      {"past_valid_to",
       {"reject", "accept"},
       "reject",
       "a validTo that is over"},
      {"missing_valid_to", {"30d", "1y"}, "30d", "a create without validTo"},
      {"year", {"clamp", "error"}, "clamp", "a validTo beyond one year"},
      {"tenant_max_days",
       {"N"},
       "0",
       "the tenant's maximum lifespan in days; 0: no such policy"},
      {"lifespan",
       {"clamp", "error"},
       "clamp",
       "a validTo beyond the tenant's maximum"},
      {"names",
       {"sent", "html", "lower", "upper", "decomposed", "composed", "trimmed",
        "cut"},
       "sent",
       "how display names are answered: as sent, HTML-encoded, in another "
       "case, "
       "in another form of Unicode, with one space for several, or the first "
       "40 "
       "characters"},
      {"update_secret",
       {"kept", "renewed"},
       "kept",
       "renewed: an update gives the token another secret and answers it"},
      {"scope_order",
       {"sent", "sorted"},
       "sent",
       "sorted: scopes are answered sorted and in lower case"},
      {"unknown_scopes",
       {"reject", "accept"},
       "reject",
       "a scope that is in no list"},
      {"empty_scope",
       {"full", "reject"},
       "full",
       "a create without scope: full access, or refused"},
      {"expired_extend",
       {"refuse", "allow"},
       "refuse",
       "any change of an expired token, a new validTo among them"},
      {"revoke_status", {"204", "200"}, "204", "the answer to a revocation"},
      {"not_found_status",
       {"404", "400", "500"},
       "404",
       "the status of SessionTokenNotFoundException"},
      // Policies.
      {"creation",
       {"allowed", "denied", "packaging_only"},
       "allowed",
       "the organization's policy on creating tokens; packaging_only: none but "
       "those with scopes of packaging"},
      {"full_scope",
       {"allowed", "denied"},
       "allowed",
       "the tenant's policy on full-scope tokens"},
      {"global_policy",
       {"allowed", "denied"},
       "allowed",
       "the tenant's policy on tokens for all organizations"},
      {"global_pats",
       {"allowed", "creation_blocked", "dead"},
       "allowed",
       "the retirement of tokens for all organizations"},
      // Key Vault.
      {"vault_role",
       {"officer", "writer", "reader", "none"},
       "officer",
       "what bearers may do in the vault: everything; readMetadata, setSecret "
       "and update; readMetadata; nothing"},
      // Sign-in.
      {"bearers",
       {"own", "any"},
       "own",
       "any: claims are believed whoever signed them, for a sign-in server "
       "beside the emulator"},
      {"sign_in",
       {"off", "lenient", "strict"},
       "off",
       "does it exchange refresh tokens at /TENANT/oauth2/v2.0/token? lenient: "
       "as Entra, the used one stays good; strict: it ends"},
      {"auth_failure",
       {"redirect302", "html203", "json401"},
       "redirect302",
       "the answer to a missing, expired or foreign bearer"},
      {"invalid_access_status",
       {"401", "403", "400"},
       "401",
       "the status of InvalidAccessException"},
      {"scope_failure",
       {"json403", "json401"},
       "json403",
       "a write with a bearer that may only read"},
      {"claims_challenge",
       {"off", "writes", "all"},
       "off",
       "401 insufficient_claims, as continuous access evaluation answers"},
      {"vso_tokens",
       {"refuse", "accept"},
       "refuse",
       "may a bearer with vso.tokens manage tokens? The documentation has "
       "recommended it"},
      {"create_scopes",
       {"manage", "both"},
       "manage",
       "both: a write needs vso.pats and vso.pats_manage"},
  };
  return specs;
}

// All of them have a value from the start, so Get() needs no default.
Switches::Switches() {
  for (const SwitchSpec& spec : SwitchSpecs()) {
    values_.emplace(spec.name, spec.initial);
  }
}

// Every name is collected on the way, for a suggestion.
absl::Status Switches::Set(std::string_view name, std::string_view value) {
  std::vector<std::string> names;
  for (const SwitchSpec& spec : SwitchSpecs()) {
    names.push_back(spec.name);
    if (spec.name != name) continue;
    int number = 0;
    // "N" means a number.
    const bool counted = spec.values.front() == "N";
    const bool good = counted
                          ? absl::SimpleAtoi(AbslView(value), &number) &&
                                number >= 0 && number <= 36500
                          : std::find(spec.values.begin(), spec.values.end(),
                                      value) != spec.values.end();
    if (!good) {
      return absl::InvalidArgumentError(
          absl::StrCat("the switch ", spec.name, " cannot be \"",
                       Visible(value), "\"; it can be ",
                       counted ? "a whole number from 0 to 36500"
                               : absl::StrJoin(spec.values, ", ")));
    }
    values_[spec.name] = std::string(value);
    return absl::OkStatus();
  }
  const auto near = Nearest(name, names);
  return absl::InvalidArgumentError(absl::StrCat(
      "there is no switch \"", Visible(name), "\"",
      near ? absl::StrCat("; did you mean ", *near, "?")
           : absl::StrCat("; there are: ", absl::StrJoin(names, ", "))));
}

const std::string& Switches::Get(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) abort();  // a name of ours, misspelt
  return found->second;
}

int Switches::Number(std::string_view name) const {
  int number = 0;
  if (!absl::SimpleAtoi(Get(name), &number)) abort();  // Set lets none in
  return number;
}

}  // namespace patform::emulator
