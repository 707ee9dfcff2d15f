#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"
#include "engine/model/desired_state.h"
#include "engine/ports/secret_sink.h"
#include "providers/entra/client_proof.h"
#include "providers/entra/credential.h"
#include "providers/entra/sources.h"
#include "providers/entra/token_endpoint.h"

// A sign-in that a person made once and that runs without one: the refresh
// token is read from the place that `from` names, exchanged for an access
// token, and its successor written back to that place before the access token
// is used. That is the one thing that a plan writes.
//
//     1  read the place: token and version
//     2  exchange it: an access token and a new refresh token
//     3  write the new one, if the place still holds that version
//     4  use the access token
//
// Killed before 3, the place has the old token, which Entra leaves good: it
// does not revoke what it rotates. Killed after 3, it has the new one. Refused
// in 3 because another run was faster: theirs stays, which is as good as ours.
//
// Where 3 fails for good, the old token is still in its place. At one of
// Microsoft's hosts the run goes on with its access token, and says loudly that
// the 90 days of the old one are running: a night without rotation would be
// worse, and nothing is lost. At another authority, which may end what it
// rotates, it stops: whoever went on there would hide that the sign-in is gone
// until the next night.
namespace patform::entra {

// Exchanges once for all threads of a run and each audience, five minutes
// before its access token ends, and after it was refused: one refresh token
// serves every audience that the application has a consent for. Safe from
// several threads.
class RefreshTokenCredential : public CredentialSource {
 public:
  // `proof`: null for a public client.
  RefreshTokenCredential(AuthConfig auth, Machine machine,
                         std::unique_ptr<ClientProof> proof);

  absl::StatusOr<Secret> Bearer(Deadline deadline) override;
  absl::StatusOr<Secret> BearerFor(const std::string& resource,
                                   Deadline deadline) override;
  void Refused(const Secret& bearer) override;
  void Challenged(const Secret& bearer, const std::string& claims) override;
  void Describe(SignedIn& user) override;

 private:
  absl::Status Open();
  absl::Status Renew(Deadline deadline);
  absl::StatusOr<KeptSecret> ReadPlace(Deadline deadline);
  // Steps 1 to 3, for an access token with `scopes`.
  absl::StatusOr<TokenAnswer> Redeem(const std::string& scopes,
                                     const std::string& claims,
                                     Deadline deadline);
  absl::StatusOr<TokenAnswer> Exchange(const KeptSecret& kept,
                                       const std::string& scopes,
                                       const std::string& claims,
                                       Refusal& refusal, Deadline deadline);
  absl::Status WriteBack(const KeptSecret& kept, const TokenAnswer& answer,
                         Deadline deadline);
  absl::Status NotEnough() const;
  std::string Place() const;

  const AuthConfig auth_;
  const Machine machine_;
  const std::unique_ptr<ClientProof> proof_;
  // Guarded by mutex_, from here on; held while a token is exchanged, because
  // whoever waits wants that very one.
  std::mutex mutex_;
  std::unique_ptr<TokenEndpoint> endpoint_;
  std::unique_ptr<SecretKeeper> keeper_;
  Secret bearer_;  // empty: to be had
  absl::Time expires_;
  absl::Time exchanged_at_ = absl::InfinitePast();
  absl::Status failed_;  // until a person does something
  struct Other {
    Secret bearer;
    absl::Time expires;
    absl::Status failed;
  };
  std::map<std::string, Other> others_;  // by resource
  std::string claims_;  // of the last challenge; empty: there was none
  Secret challenged_;   // the bearer that did not meet them
  // Of the refresh token in its place.
  absl::Time rests_until_ = absl::InfiniteFuture();
  std::string rests_why_;
  std::string trouble_;  // SignedIn::trouble
};

SourceRow RefreshTokenRow();

// The key of both sources that need such a place.
SettingKey FromKey();

}  // namespace patform::entra
