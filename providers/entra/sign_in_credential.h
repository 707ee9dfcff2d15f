#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "providers/entra/credential.h"
#include "providers/entra/sources.h"
#include "providers/entra/token_cache.h"
#include "providers/entra/token_endpoint.h"

namespace patform::entra {

// [auth] source "sign-in": what `patform login` has left on this machine. The
// kept access token while it is good; else the refresh token is exchanged for a
// new one, and its successor is kept before the new access token is used. Safe
// from several threads, and among several runs of one user: one at a time
// exchanges, the others take what it got.
class SignInCredential : public CredentialSource {
 public:
  SignInCredential(AuthConfig auth, const Machine& machine);
  absl::StatusOr<Secret> Bearer(Deadline deadline) override;
  // Once a run: what is kept between runs is that of Azure DevOps alone.
  absl::StatusOr<Secret> BearerFor(const std::string& resource,
                                   Deadline deadline) override;
  void Refused(const Secret& bearer) override;
  void Challenged(const Secret& bearer, const std::string& claims) override;
  void Describe(SignedIn& user) override;

 private:
  absl::Status Open();
  // Good for `least`, and not one that was refused.
  bool IsGood(const KeptSignIn& kept, absl::Duration least) const;
  absl::Status Renew(Deadline deadline);
  absl::Status Exchange(KeptSignIn& kept, Deadline deadline);
  // The sign-in that is kept, or that nobody is signed in.
  absl::StatusOr<KeptSignIn> ReadKept(Deadline deadline);
  absl::Status Keep(const KeptSignIn& kept, Deadline deadline);

  const AuthConfig auth_;
  const Machine machine_;
  std::mutex mutex_;
  // Guarded by the mutex.
  std::optional<TokenCache> cache_;
  std::optional<TokenEndpoint> endpoint_;
  KeptSignIn kept_;
  struct Other {
    Secret bearer;
    absl::Time until = absl::InfinitePast();
  };
  std::map<std::string, Other> others_;  // by resource
  Secret refused_;                       // by the service; empty: none was
  std::string claims_;  // that it asks for, for the next exchange
};

SourceRow SignInRow();

// What to keep of an answer; what it leaves out stays as it was in `before`.
KeptSignIn KeptOf(const TokenAnswer& answer, const Secret& before,
                  absl::Time now);

}  // namespace patform::entra
