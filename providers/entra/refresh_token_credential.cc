#include "providers/entra/refresh_token_credential.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/entra/kept_sign_in.h"
#include "providers/entra/registration.h"

namespace patform::entra {
namespace {

// Before the end of an access token: a request takes seconds, and clocks
// differ.
constexpr absl::Duration kEarly = absl::Minutes(5);
// A bearer that is younger and was refused would be refused again: the sign-in
// is not what is wrong. Otherwise each of a thousand calls would exchange.
constexpr absl::Duration kYoung = absl::Minutes(1);
// Once more where the answer to the write was lost.
constexpr int kWrites = 3;

// Nothing but a person changes that, and a thousand calls would ask.
bool IsFinal(const absl::Status& failed) {
  return !absl::IsUnavailable(failed) && !absl::IsDeadlineExceeded(failed) &&
         !absl::IsCancelled(failed);
}

std::string Seed(const std::string& place) {
  return absl::StrCat("patform login --seed ", place);
}

}  // namespace

RefreshTokenCredential::RefreshTokenCredential(
    AuthConfig auth, Machine machine, std::unique_ptr<ClientProof> proof)
    : auth_(std::move(auth)),
      machine_(std::move(machine)),
      proof_(std::move(proof)) {}

std::string RefreshTokenCredential::Place() const {
  return Visible(auth_.kept_at->place.Address());
}

// At the first use and not before: whoever only validates opens nothing.
absl::Status RefreshTokenCredential::Open() {
  if (keeper_ != nullptr) return absl::OkStatus();
  // A configuration that was read has it; a saved plan does not.
  if (!auth_.kept_at) {
    return absl::InvalidArgumentError(
        "[auth] `from` names no place that a refresh token is kept in");
  }
  PATFORM_ASSIGN_OR_RETURN(Registration registration,
                           RegistrationOf(auth_, machine_.grants->hosts));
  endpoint_ = std::make_unique<TokenEndpoint>(std::move(registration), machine_,
                                              Seed(Place()));
  PATFORM_ASSIGN_OR_RETURN(keeper_,
                           machine_.sinks->OpenKeeper(auth_.kept_at->sink));
  return absl::OkStatus();
}

// What no exchange can change: a second factor, another network, another
// device.
absl::Status RefreshTokenCredential::NotEnough() const {
  return absl::UnauthenticatedError(absl::StrCat(
      "signing in: the service asks for more than this sign-in proves, and "
      "exchanging it did not help. Sign in again: ",
      Seed(Place())));
}

absl::StatusOr<Secret> RefreshTokenCredential::Bearer(Deadline deadline) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!bearer_.empty() && machine_.clock->Now() < expires_ - kEarly) {
    return bearer_.Clone();
  }
  PATFORM_RETURN_IF_ERROR(failed_);
  absl::Status renewed = Renew(deadline);
  if (renewed.ok()) return bearer_.Clone();
  // Not before its end: the next call tries again.
  if (!bearer_.empty() && machine_.clock->Now() < expires_) {
    return bearer_.Clone();
  }
  if (IsFinal(renewed)) failed_ = renewed;
  return renewed;
}

absl::StatusOr<Secret> RefreshTokenCredential::BearerFor(
    const std::string& resource, Deadline deadline) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Other& other = others_[resource];
  if (!other.bearer.empty() && machine_.clock->Now() < other.expires - kEarly) {
    return other.bearer.Clone();
  }
  PATFORM_RETURN_IF_ERROR(other.failed);
  PATFORM_RETURN_IF_ERROR(Open());
  absl::StatusOr<TokenAnswer> answer =
      Redeem(ScopesFor(resource), "", deadline);
  if (!answer.ok()) {
    // A consent that is missing there says nothing of Azure DevOps.
    if (IsFinal(answer.status())) other.failed = answer.status();
    return answer.status();
  }
  other.bearer = std::move(answer->access_token);
  other.expires =
      machine_.clock->Now() + std::max(answer->lifetime, kEarly + kYoung);
  return other.bearer.Clone();
}

absl::StatusOr<KeptSecret> RefreshTokenCredential::ReadPlace(
    Deadline deadline) {
  absl::StatusOr<KeptSecret> kept =
      keeper_->Read(auth_.kept_at->place, deadline);
  if (kept.ok()) return kept;
  if (absl::IsNotFound(kept.status())) {
    return absl::UnauthenticatedError(
        absl::StrCat("signing in: there is no refresh token at ", Place(),
                     ". Sign in once to put one there: ", Seed(Place())));
  }
  return Annotate(kept.status(), "signing in with the refresh token");
}

absl::StatusOr<TokenAnswer> RefreshTokenCredential::Exchange(
    const KeptSecret& kept, const std::string& scopes,
    const std::string& claims, Refusal& refusal, Deadline deadline) {
  // The refresh token last: what goes before it is the same in every run.
  Form form;
  form.Add("grant_type", "refresh_token").Add("scope", scopes);
  if (!claims.empty()) form.Add("claims", claims);
  if (proof_ != nullptr) {
    PATFORM_RETURN_IF_ERROR(proof_->AddTo(form, *endpoint_, deadline));
  }
  form.Add("refresh_token", kept.value.Reveal());
  return endpoint_->Redeem(form, Resend::kHarmless, deadline, &refusal);
}

absl::StatusOr<TokenAnswer> RefreshTokenCredential::Redeem(
    const std::string& scopes, const std::string& claims, Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(KeptSecret kept, ReadPlace(deadline));
  // One refusal is looked into, because another run may be its cause.
  Refusal refusal;
  absl::StatusOr<TokenAnswer> answer =
      Exchange(kept, scopes, claims, refusal, deadline);
  if (!answer.ok() && refusal.error == "invalid_grant") {
    // Another run may have been between the two: a stricter authority than
    // Entra ends what was used, and theirs is in its place.
    PATFORM_ASSIGN_OR_RETURN(KeptSecret again, ReadPlace(deadline));
    if (again.version != kept.version) {
      kept = std::move(again);
      answer = Exchange(kept, scopes, claims, refusal, deadline);
    }
  }
  if (!answer.ok()) return answer.status();
  // Before the bearer is known to anybody.
  absl::Status written;
  ToTheEnd(machine_, [&] { written = WriteBack(kept, *answer, deadline); });
  PATFORM_RETURN_IF_ERROR(written);
  return answer;
}

absl::Status RefreshTokenCredential::Renew(Deadline deadline) {
  PATFORM_RETURN_IF_ERROR(Open());
  PATFORM_ASSIGN_OR_RETURN(
      TokenAnswer answer,
      Redeem(endpoint_->registration().scopes, claims_, deadline));
  const absl::Time now = machine_.clock->Now();
  if (!challenged_.empty() &&
      challenged_.Reveal() == answer.access_token.Reveal()) {
    return NotEnough();
  }
  // From here on other threads may have it.
  bearer_ = std::move(answer.access_token);
  // At least once, even if it ends sooner than this program renews.
  expires_ = now + std::max(answer.lifetime, kEarly + kYoung);
  exchanged_at_ = now;
  return absl::OkStatus();
}

absl::Status RefreshTokenCredential::WriteBack(const KeptSecret& kept,
                                               const TokenAnswer& answer,
                                               Deadline deadline) {
  const absl::Duration rests = answer.refresh_lifetime.value_or(kMayRest);
  rests_why_ = absl::StrCat("the refresh token at ", Place(), " is good for ",
                            FormatSpan(rests), " without use");
  const bool same = answer.refresh_token.empty() ||
                    answer.refresh_token.Reveal() == kept.value.Reveal();
  absl::Status done;
  for (int tried = 0; !same && tried < kWrites; ++tried) {
    done = keeper_->Replace(auth_.kept_at->place, answer.refresh_token,
                            kept.version, deadline);
    if (done.ok() || !absl::IsUnknown(done)) break;
    // It may have been written. What is there now tells.
    const absl::StatusOr<KeptSecret> now =
        keeper_->Read(auth_.kept_at->place, deadline);
    if (now.ok() && now->version != kept.version) done = absl::OkStatus();
    if (done.ok()) break;
  }
  // Theirs is newer than what was read, and stays.
  if (done.ok() || absl::IsAborted(done)) {
    rests_until_ = (same ? kept.written_at : machine_.clock->Now()) + rests;
    // By whom and when it was put there is not known.
    if (same && kept.written_at == absl::InfinitePast()) {
      rests_until_ = absl::InfiniteFuture();
    }
    trouble_.clear();
    return absl::OkStatus();
  }
  // For good: no room, no permission, a store that is gone.
  const std::string what =
      absl::StrCat("the new refresh token could not be written to ", Place(),
                   " (", std::string(done.message()), ")");
  if (!IsMicrosofts(endpoint_->registration())) {
    return absl::FailedPreconditionError(absl::StrCat(
        "signing in: ", what,
        ", and this authority may have ended the old one. Nothing else was "
        "done. Mend the place, then sign in again: ",
        Seed(Place())));
  }
  // From when the old one was written; unknown: from now on nothing is safe.
  rests_until_ = kept.written_at == absl::InfinitePast()
                     ? machine_.clock->Now()
                     : kept.written_at + rests;
  trouble_ = absl::StrCat(what, ": the old one is still good, until its ",
                          FormatSpan(rests), " are over");
  return absl::OkStatus();
}

void RefreshTokenCredential::Refused(const Secret& bearer) {
  const std::lock_guard<std::mutex> lock(mutex_);
  // Another thread may have been here, and the new one is good.
  if (bearer_.Reveal() != bearer.Reveal()) return;
  if (machine_.clock->Now() - exchanged_at_ < kYoung) return;
  bearer_ = Secret();
}

void RefreshTokenCredential::Challenged(const Secret& bearer,
                                        const std::string& claims) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (bearer_.Reveal() != bearer.Reveal()) return;
  // They were asked for already, and this is what came of it.
  if (!challenged_.empty() && claims_ == claims) failed_ = NotEnough();
  claims_ = claims;
  challenged_ = std::move(bearer_);
  bearer_ = Secret();
}

// The earlier of both ends: without its certificate the application is refused,
// however fresh the refresh token is.
void RefreshTokenCredential::Describe(SignedIn& user) {
  const std::lock_guard<std::mutex> lock(mutex_);
  user.rests_until = rests_until_;
  user.rests_why = rests_why_;
  user.trouble = trouble_;
  if (proof_ != nullptr && proof_->Ends() < user.rests_until) {
    user.rests_until = proof_->Ends();
    user.rests_why = "the certificate of the application ends";
  }
}

SettingKey FromKey() {
  return {
      "from", SettingKey::Kind::kPlace, /*required=*/true,
      "Where the refresh token is kept: SINK:PLACE, or SINK:FILE#VARIABLE."};
}

SourceRow RefreshTokenRow() {
  SourceRow row;
  row.type.name = "refresh-token";
  row.type.doc =
      "A sign-in made once (`patform login --seed`), kept and renewed in a "
      "sink.";
  row.type.keys = RegistrationKeys();
  row.type.keys.push_back(FromKey());
  row.make = [](const AuthConfig& auth,
                const Machine& machine) -> std::unique_ptr<CredentialSource> {
    return std::make_unique<RefreshTokenCredential>(auth, machine, nullptr);
  };
  return row;
}

}  // namespace patform::entra
