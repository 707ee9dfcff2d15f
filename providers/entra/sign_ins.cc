#include "providers/entra/sign_ins.h"

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/ports/secret_sink.h"
#include "providers/entra/browser.h"
#include "providers/entra/browser_sign_in.h"
#include "providers/entra/claims.h"
#include "providers/entra/client_proof.h"
#include "providers/entra/device_code.h"
#include "providers/entra/registration.h"
#include "providers/entra/sign_in_credential.h"
#include "providers/entra/token_cache.h"
#include "providers/entra/token_endpoint.h"
#include "providers/entra/workload_credential.h"

// A login in its order: everything that can be wrong without a person is found
// out first (the settings, the host, the place), then the person is asked, then
// the refresh token is kept, and only then is anything reported. The access
// token that came with it is kept as well where this machine keeps the sign-in,
// and is dropped where a pipeline will read it: it would have ended by then.
namespace patform::entra {
namespace {

constexpr char kWorkload[] = "workload";

// Where a sign-in goes. Made before a person is asked for anything: what is
// wrong with the place should not cost them a sign-in.
class Destination {
 public:
  virtual ~Destination() = default;
  // What the service asked for when it refused the last one; JSON, or "".
  virtual std::string Claims() { return ""; }
  virtual absl::Status Keep(const KeptSignIn& kept) = 0;
  virtual std::string Place() = 0;
};

class InCache : public Destination {
 public:
  InCache(TokenCache cache, const Machine& machine)
      : cache_(std::move(cache)), machine_(machine) {}

  std::string Claims() override {
    const absl::StatusOr<std::optional<KeptSignIn>> before =
        cache_.Read(Soon());
    return before.ok() && *before ? (*before)->claims : "";
  }
  absl::Status Keep(const KeptSignIn& kept) override {
    PATFORM_ASSIGN_OR_RETURN(const std::shared_ptr<void> alone,
                             cache_.Lock(Soon()));
    absl::Status written;
    ToTheEnd(machine_, [&] { written = cache_.Write(kept, Soon()); });
    return written;
  }
  std::string Place() override { return cache_.Place(); }

 private:
  // Of its own: the person may have used up the login's.
  Deadline Soon() const { return After(*machine_.clock, absl::Minutes(2)); }

  TokenCache cache_;
  const Machine& machine_;
};

// A place of a sink, from which a pipeline reads it.
class InSink : public Destination {
 public:
  static absl::StatusOr<std::unique_ptr<Destination>> At(const KeptPlace& place,
                                                         const Machine& machine,
                                                         Deadline deadline) {
    auto made = std::make_unique<InSink>();
    made->place_ = place;
    made->machine_ = &machine;
    PATFORM_ASSIGN_OR_RETURN(made->keeper_,
                             machine.sinks->OpenKeeper(place.sink));
    const absl::StatusOr<KeptSecret> before =
        made->keeper_->Read(place.place, deadline);
    // Over what is there, if nobody changes it while the person signs in.
    if (before.ok()) {
      made->version_ = before->version;
    } else if (!absl::IsNotFound(before.status())) {
      return before.status();
    }
    return made;
  }
  absl::Status Keep(const KeptSignIn& kept) override {
    absl::Status written;
    ToTheEnd(*machine_, [&] {
      written = keeper_->Replace(place_.place, kept.refresh_token, version_,
                                 After(*machine_->clock, absl::Minutes(2)));
    });
    return written;
  }
  std::string Place() override { return Visible(place_.place.Address()); }

 private:
  KeptPlace place_;
  const Machine* machine_ = nullptr;
  std::unique_ptr<SecretKeeper> keeper_;
  std::string version_;  // "": nothing is there
};

absl::StatusOr<std::unique_ptr<Destination>> DestinationOf(
    const AuthConfig& auth, const std::optional<KeptPlace>& seed,
    const Registration& registration, const Machine& machine,
    Deadline deadline) {
  if (seed) return InSink::At(*seed, machine, deadline);
  if (auth.kept_at) return InSink::At(*auth.kept_at, machine, deadline);
  PATFORM_ASSIGN_OR_RETURN(TokenCache cache,
                           TokenCache::Of(auth, registration, machine));
  PATFORM_RETURN_IF_ERROR(cache.Check(deadline));
  return std::make_unique<InCache>(std::move(cache), machine);
}

// Only these are made by a person with this program.
absl::Status CheckSource(const AuthConfig& auth) {
  for (const char* made : {"sign-in", "refresh-token", kWorkload}) {
    if (auth.source == made) return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      SignInTable(auth.identity), " `source` is \"", Visible(auth.source),
      "\", which patform does not sign in to. Set source = \"sign-in\", and "
      "tenant and client_id of your app registration; see `patform help "
      "login`"));
}

}  // namespace

absl::StatusOr<SignedIn> EntraSignIns::Login(const AuthConfig& auth,
                                             const LoginRequest& request,
                                             LoginListener& listener,
                                             Deadline deadline) {
  PATFORM_RETURN_IF_ERROR(CheckSource(auth));
  PATFORM_ASSIGN_OR_RETURN(const Registration registration,
                           RegistrationOf(auth, machine_.grants->hosts));
  PATFORM_ASSIGN_OR_RETURN(
      const std::unique_ptr<Destination> destination,
      DestinationOf(auth, request.seed, registration, machine_, deadline));
  TokenEndpoint endpoint(registration, machine_, LoginCommand(auth));
  // A refresh token belongs to the client that it was given to: one that only
  // this application can use has to be asked for by this application.
  std::unique_ptr<ClientProof> proof;
  if (auth.source == kWorkload) {
    PATFORM_ASSIGN_OR_RETURN(proof, MakeProof(auth, machine_));
  }
  using Way = LoginRequest::Way;
  // Without a desktop and without BROWSER, a page would open for nobody.
  const bool by_code = request.way == Way::kDeviceCode ||
                       (request.way == Way::kAny && !HasBrowser(machine_));
  const BrowserRequest browser = {request.way != Way::kShownAddress,
                                  destination->Claims(), proof.get()};
  PATFORM_ASSIGN_OR_RETURN(
      const TokenAnswer answer,
      by_code
          ? SignInByDeviceCode(endpoint, proof.get(), listener, *machine_.clock,
                               deadline)
          : SignInByBrowser(endpoint, browser, listener, machine_, deadline));
  if (answer.refresh_token.empty()) {
    return absl::UnauthenticatedError(
        "signing in: the service gave no refresh token, so that this sign-in "
        "would end within two hours. Add offline_access to [auth] `scopes`");
  }
  const KeptSignIn kept = KeptOf(answer, Secret(), machine_.clock->Now());
  PATFORM_RETURN_IF_ERROR(destination->Keep(kept));
  SignedIn user = SignedInBy(ReadClaims(answer.access_token.Reveal()));
  // An access token may be opaque, and an id_token never is.
  const Claims about = ReadClaims(answer.id_token.Reveal());
  if (user.name.empty()) user.name = about.name;
  if (user.tenant.empty()) user.tenant = about.tenant;
  user.expires = kept.access_ends;
  user.rests_until = kept.rests_until;
  user.rests_why = kRestsWhy;
  user.kept_in = destination->Place();
  return user;
}

absl::Status EntraSignIns::Logout(const AuthConfig& auth, Deadline deadline) {
  PATFORM_RETURN_IF_ERROR(CheckSource(auth));
  PATFORM_ASSIGN_OR_RETURN(const Registration registration,
                           RegistrationOf(auth, machine_.grants->hosts));
  PATFORM_ASSIGN_OR_RETURN(TokenCache cache,
                           TokenCache::Of(auth, registration, machine_));
  PATFORM_ASSIGN_OR_RETURN(const std::shared_ptr<void> alone,
                           cache.Lock(deadline));
  return cache.Remove(deadline);
}

}  // namespace patform::entra
