#include "providers/entra/sign_in_credential.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

// Entra leaves a refresh token good that was exchanged; other servers end the
// whole sign-in when one is used twice. Both are served by one order: lock,
// read again, exchange, keep, use. A run that dies between exchange and keep
// loses the sign-in only at a server of the second kind.
namespace patform::entra {
namespace {

// What is left of an access token has to do for an apply, whose last request
// must not come too late.
constexpr absl::Duration kLeast = absl::Minutes(5);

}  // namespace

KeptSignIn KeptOf(const TokenAnswer& answer, const Secret& before,
                  absl::Time now) {
  KeptSignIn kept;
  kept.refresh_token = answer.refresh_token.empty()
                           ? before.Clone()
                           : answer.refresh_token.Clone();
  kept.rests_until = now + answer.refresh_lifetime.value_or(kMayRest);
  kept.access_token = answer.access_token.Clone();
  kept.access_ends = now + answer.lifetime;
  kept.access_lifetime = answer.lifetime;
  return kept;
}

SignInCredential::SignInCredential(AuthConfig auth, const Machine& machine)
    : auth_(std::move(auth)), machine_(machine) {}

// At the first use: what is wrong with the settings is an error of that.
absl::Status SignInCredential::Open() {
  if (cache_) return absl::OkStatus();
  PATFORM_ASSIGN_OR_RETURN(const Registration registration,
                           RegistrationOf(auth_, machine_.grants->hosts));
  PATFORM_ASSIGN_OR_RETURN(TokenCache cache,
                           TokenCache::Of(auth_, registration, machine_));
  endpoint_.emplace(registration, machine_, LoginCommand(auth_));
  cache_.emplace(std::move(cache));
  return absl::OkStatus();
}

// A token that lives for minutes is used for half of them: one that is never
// good enough would be exchanged at every request.
bool SignInCredential::IsGood(const KeptSignIn& kept,
                              absl::Duration least) const {
  return !kept.access_token.empty() &&
         kept.access_ends - machine_.clock->Now() >=
             std::min(least, kept.access_lifetime / 2) &&
         kept.access_token.Reveal() != refused_.Reveal();
}

absl::StatusOr<Secret> SignInCredential::Bearer(Deadline deadline) {
  // One thread asks, the others wait for what it got.
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!IsGood(kept_, kLeast)) {
    PATFORM_RETURN_IF_ERROR(Open());
    PATFORM_RETURN_IF_ERROR(Renew(deadline));
  }
  return kept_.access_token.Clone();
}

absl::StatusOr<Secret> SignInCredential::BearerFor(const std::string& resource,
                                                   Deadline deadline) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Other& other = others_[resource];
  if (machine_.clock->Now() < other.until) return other.bearer.Clone();
  PATFORM_RETURN_IF_ERROR(Open());
  PATFORM_RETURN_IF_ERROR(ReadKept(deadline).status());
  PATFORM_ASSIGN_OR_RETURN(const std::shared_ptr<void> alone,
                           cache_->Lock(deadline));
  // Again, see Renew().
  PATFORM_ASSIGN_OR_RETURN(KeptSignIn kept, ReadKept(deadline));
  Form form;
  form.Add("grant_type", "refresh_token")
      .Add("refresh_token", kept.refresh_token.Reveal())
      .Add("scope", ScopesFor(resource));
  PATFORM_ASSIGN_OR_RETURN(
      TokenAnswer answer, endpoint_->Redeem(form, Resend::kHarmless, deadline));
  const absl::Time now = machine_.clock->Now();
  if (!answer.refresh_token.empty()) {
    kept.refresh_token = std::move(answer.refresh_token);
  }
  kept.rests_until = now + answer.refresh_lifetime.value_or(kMayRest);
  PATFORM_RETURN_IF_ERROR(Keep(kept, deadline));
  other.bearer = std::move(answer.access_token);
  other.until = now + std::max(answer.lifetime - kLeast, answer.lifetime / 2);
  return other.bearer.Clone();
}

absl::StatusOr<KeptSignIn> SignInCredential::ReadKept(Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(std::optional<KeptSignIn> kept,
                           cache_->Read(deadline));
  if (kept) return *std::move(kept);
  return absl::UnauthenticatedError(
      absl::StrCat("nobody is signed in on this machine to the tenant ",
                   endpoint_->registration().shown_tenant, ". Run `",
                   LoginCommand(auth_), "`"));
}

// Before the access token is used: from here on the old refresh token may be
// worthless.
absl::Status SignInCredential::Keep(const KeptSignIn& kept, Deadline deadline) {
  absl::Status written;
  ToTheEnd(machine_, [&] { written = cache_->Write(kept, deadline); });
  if (written.ok()) return written;
  return Annotate(written, "the renewed sign-in cannot be kept");
}

// Leaves a good one in `kept_`, or returns why there is none.
absl::Status SignInCredential::Renew(Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(std::optional<KeptSignIn> kept, ReadKept(deadline));
  if (!IsGood(*kept, kLeast)) {
    PATFORM_ASSIGN_OR_RETURN(const std::shared_ptr<void> alone,
                             cache_->Lock(deadline));
    // Another run may have exchanged it while this one waited, and then the
    // token that was read before has had its use.
    PATFORM_ASSIGN_OR_RETURN(kept, cache_->Read(deadline));
    if (!kept) {
      return absl::UnauthenticatedError(absl::StrCat(
          "somebody signed out just now. Run `", LoginCommand(auth_), "`"));
    }
    if (!IsGood(*kept, kLeast)) {
      const absl::Status exchanged = Exchange(*kept, deadline);
      // The service may be back before the old one ends.
      const bool will_do =
          absl::IsUnavailable(exchanged) && IsGood(*kept, absl::Minutes(1));
      if (!exchanged.ok() && !will_do) return exchanged;
    }
  }
  kept_ = *std::move(kept);
  return absl::OkStatus();
}

// With the cache's lock held.
absl::Status SignInCredential::Exchange(KeptSignIn& kept, Deadline deadline) {
  Form form;
  form.Add("grant_type", "refresh_token")
      .Add("refresh_token", kept.refresh_token.Reveal())
      .Add("scope", endpoint_->registration().scopes);
  if (!claims_.empty()) form.Add("claims", claims_);
  Refusal refusal;
  absl::StatusOr<TokenAnswer> answer =
      endpoint_->Redeem(form, Resend::kHarmless, deadline, &refusal);
  if (!answer.ok()) {
    // What a person has to prove is for the sign-in that they make next.
    const std::string& claims =
        refusal.claims.empty() ? claims_ : refusal.claims;
    if (absl::IsUnauthenticated(answer.status()) && claims != kept.claims) {
      kept.claims = claims;
      cache_->Write(kept, deadline).IgnoreError();
    }
    return answer.status();
  }
  kept = KeptOf(*answer, kept.refresh_token, machine_.clock->Now());
  claims_.clear();
  return Keep(kept, deadline);
}

void SignInCredential::Refused(const Secret& bearer) { Challenged(bearer, ""); }

void SignInCredential::Challenged(const Secret& bearer,
                                  const std::string& claims) {
  const std::lock_guard<std::mutex> lock(mutex_);
  // Another thread may have been here, and the new one is good.
  if (kept_.access_token.Reveal() != bearer.Reveal()) return;
  refused_ = bearer.Clone();
  claims_ = claims;
}

void SignInCredential::Describe(SignedIn& user) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (kept_.access_token.empty()) return;
  user.expires = kept_.access_ends;
  user.rests_until = kept_.rests_until;
  user.rests_why = kRestsWhy;
  user.kept_in = cache_->Place();
}

SourceRow SignInRow() {
  SourceRow row;
  row.type.name = "sign-in";
  row.type.doc = "What `patform login` keeps on this machine.";
  row.type.keys = RegistrationKeys();
  row.type.keys.push_back(TokenStoreKey());
  row.make = [](const AuthConfig& auth,
                const Machine& machine) -> std::unique_ptr<CredentialSource> {
    return std::make_unique<SignInCredential>(auth, machine);
  };
  return row;
}

}  // namespace patform::entra
