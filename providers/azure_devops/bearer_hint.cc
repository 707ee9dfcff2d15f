#include "providers/azure_devops/bearer_hint.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/pat_shape.h"
#include "engine/base/strings.h"
#include "engine/model/lifecycle_scopes.h"
#include "engine/model/scope_set.h"

namespace patform::azure_devops {
namespace {

// Longer than any personal access token, which has 84 characters today.
constexpr size_t kLongerThanAPat = 200;
// Of text from a bearer, in characters.
constexpr int kMostShown = 120;

std::string Shown(std::string_view text) {
  const std::string shown = Visible(text);
  const std::string cut = FirstCodePoints(shown, kMostShown);
  return cut.size() < shown.size() ? cut + "…" : shown;
}

// "2h ago, on 2026-11-23 19:29 UTC by this machine's clock"
std::string When(int64_t seconds, absl::Time now) {
  const absl::Time time = absl::FromUnixSeconds(seconds);
  return absl::StrCat(FormatRelative(time, now), " (", FormatMinute(time),
                      ", by this machine's clock)");
}

BearerHint Make(BearerHint::Kind kind, std::string cause, std::string fix) {
  BearerHint hint(kind);
  hint.cause = std::move(cause);
  hint.fix = std::move(fix);
  return hint;
}

std::string GetOne(const char* what) {
  return absl::StrCat("Get ", what, ": ", entra::kGetAccessToken);
}

BearerHint Application(const entra::Claims& claims) {
  const std::string which =
      claims.application.empty()
          ? "an application"
          : absl::StrCat("the application \"", Shown(claims.application), "\"");
  return Make(BearerHint::kApplication,
              absl::StrCat("the access token belongs to ", which,
                           " (a service principal or a managed identity), and "
                           "only a user can have personal access tokens"),
              "Sign in as a user; an application needs no PAT, because it can "
              "use Entra access tokens instead.");
}

// What the scopes allow; kFine: anything.
BearerHint OfScopes(const entra::Claims& claims) {
  const ScopeSet scopes = ScopeSet::Parse(claims.scopes);
  // Without any claim about scopes nothing is known of them.
  if (scopes.empty() || HasLifecycleScope(scopes, /*that_may_mint=*/true)) {
    return BearerHint::kFine;
  }
  if (HasLifecycleScope(scopes, /*that_may_mint=*/false)) {
    return Make(BearerHint::kReadsOnly,
                "the access token may list tokens (vso.pats), and not create, "
                "change or revoke them",
                "Sign in with vso.pats_manage as well: apply needs both, plan "
                "only the first.");
  }
  return Make(
      BearerHint::kNoScope,
      absl::StrCat("the access token has only the scopes ",
                   Shown(scopes.text()), ", and may not even list tokens"),
      "Sign in through an application that asks for vso.pats (to plan) and "
      "vso.pats_manage (to apply), or with `az`, which may do both.");
}

}  // namespace

// The order is that of what helps: a new token for the wrong service, or of an
// application, would be refused as well.
BearerHint HintOf(const entra::Claims& claims, absl::Time now) {
  BearerHint hint;
  // By this machine's clock, which the message mentions.
  if (claims.app_only) {
    hint = Application(claims);
  } else if (!claims.audience.empty() &&
             !entra::IsAzureDevOps(claims.audience)) {
    hint = Make(BearerHint::kOtherAudience,
                absl::StrCat("the access token is for ",
                             Shown(entra::AudienceName(claims.audience)),
                             ", not for Azure DevOps"),
                GetOne("one for Azure DevOps"));
  } else if (claims.expires > 0 &&
             absl::FromUnixSeconds(claims.expires) <= now) {
    hint = Make(
        BearerHint::kExpired,
        absl::StrCat("the access token expired ", When(claims.expires, now)),
        GetOne("a new one"));
  } else if (claims.not_before > 0 &&
             absl::FromUnixSeconds(claims.not_before) > now) {
    hint = Make(BearerHint::kNotYet,
                absl::StrCat("the access token becomes valid only ",
                             When(claims.not_before, now)),
                "Check the clock.");
  } else {
    hint = OfScopes(claims);
  }
  hint.tenant = claims.tenant;
  if (!claims.name.empty()) hint.who = absl::StrCat(" of ", Shown(claims.name));
  if (claims.expires > 0) {
    absl::StrAppend(&hint.who, " (valid until ",
                    FormatMinute(absl::FromUnixSeconds(claims.expires)), ")");
  }
  return hint;
}

BearerHint HintOf(const Secret& bearer, absl::Time now) {
  const std::string_view text = bearer.Reveal();
  if (IsPatShaped(text)) {
    return Make(
        BearerHint::kPat,
        "what was sent is a personal access token, and only a Microsoft "
        "Entra access token is accepted here",
        GetOne("one"));
  }
  // HEADER.CLAIMS.SIGNATURE.
  if (std::count(text.begin(), text.end(), '.') >= 2) {
    const entra::Claims claims = entra::ReadClaims(text);
    // No claims at all: not one that can be read.
    const bool opaque = claims.oid.empty() && claims.audience.empty() &&
                        claims.scopes.empty() && claims.expires == 0 &&
                        !claims.app_only;
    return opaque ? BearerHint(BearerHint::kNone) : HintOf(claims, now);
  }
  // Entra also issues opaque tokens, which have no dots.
  if (text.size() >= kLongerThanAPat) return BearerHint::kNone;
  return Make(
      BearerHint::kNoJwt,
      "what was sent does not look like a Microsoft Entra access token, "
      "and nothing else (such as a PAT) is accepted here",
      GetOne("one"));
}

}  // namespace patform::azure_devops
