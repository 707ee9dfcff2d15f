#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"
#include "engine/base/status.h"
#include "engine/base/waiting.h"
#include "engine/model/desired_state.h"
#include "engine/model/token.h"
#include "engine/ports/settings.h"
#include "engine/ports/sign_in.h"

namespace patform {

// Which tokens a list holds. The service does not say of one token whether it
// was revoked; the list that it stands in does.
enum class TokenFilter { kActive, kExpired, kRevoked };

// What the tokens of such a list are.
inline TokenState StateOf(TokenFilter filter) {
  switch (filter) {
    case TokenFilter::kActive:
      break;
    case TokenFilter::kExpired:
      return TokenState::kExpired;
    case TokenFilter::kRevoked:
      return TokenState::kRevoked;
  }
  return TokenState::kActive;
}

struct TokenPage {
  std::vector<ActualToken> tokens;  // `state` set from the filter
  std::string continuation;         // empty: this was the last page
  // By how much the service's clock is ahead of this machine's, as its answer
  // dates itself, to a second or so and rather too little than too much;
  // nullopt: it does not.
  std::optional<absl::Duration> clock_ahead;
};

// Port: reading the tokens of one organization. Calls block until `deadline`
// and retry by themselves what may be retried. Safe from several threads.
// Error codes: engine/base/status.h.
class TokenReader {
 public:
  virtual ~TokenReader() = default;
  // One page, at most 100 tokens, of a list in a stable order; "" for the
  // first. Paging to the end is ListTokens()'s work.
  virtual absl::StatusOr<TokenPage> List(TokenFilter filter,
                                         const std::string& continuation,
                                         Deadline deadline) = 0;
  // kNotFound when the service has no such token. `state` is kExpired or
  // kActive by the date alone: the service's answer does not tell a revoked
  // token from an active one.
  virtual absl::StatusOr<ActualToken> Get(const AuthorizationId& id,
                                          Deadline deadline) = 0;
  // The answers are not needed any more: calls, those in progress too, may end
  // early with kCancelled.
  virtual void Abandon() {}
};

struct CreateRequest {
  std::string display_name;
  ScopeSet scopes;  // never empty: the service reads that as full access
  absl::Time valid_to;
  bool all_organizations = false;
};

// What the service says that it granted. Nothing here is compared with what
// was asked for yet.
struct Minted {
  ActualToken token;
  Secret secret;     // empty: none came that could be one; see Update()
  std::string flaw;  // why it cannot be used: "a secret of 3 bytes", or ""
};

// What is to change; the rest stays.
struct UpdateRequest {
  AuthorizationId id;
  std::optional<std::string> display_name;
  std::optional<ScopeSet> scopes;
  std::optional<absl::Time> valid_to;
  std::optional<bool> all_organizations;
};

// Port: changing the tokens of one organization.
class TokenWriter : public TokenReader {
 public:
  // Sent at most once. kUnknown: the token may exist now; its mark tells.
  // kResourceExhausted, kAborted: the service says that it did nothing, for
  // its limits or for a sign-in that has been renewed since; its word alone.
  // Look, then another create may be tried.
  virtual absl::StatusOr<Minted> Create(const CreateRequest& request,
                                        Deadline deadline) = 0;
  // Idempotent. The token as it is afterwards. A secret in the answer, which
  // the service is documented to leave out, is the token's only one from now
  // on.
  virtual absl::StatusOr<Minted> Update(const UpdateRequest& request,
                                        Deadline deadline) = 0;
  // Uses `secret` once, as its consumers will, to read who it belongs to.
  // kUnauthenticated: the service refuses it. Any other error: nobody knows.
  virtual absl::Status Prove(const Secret& secret, Deadline deadline) = 0;
  // Idempotent. kNotFound: it was gone before.
  virtual absl::Status Revoke(const AuthorizationId& id, Deadline deadline) = 0;
};

// Which service, as the operator says; never from the configuration: a pull
// request must not send a credential to a host of its own.
struct ServiceOptions {
  std::string url;          // empty: the well-known one
  std::string api_version;  // empty: the default
};

// What it takes to talk to one organization.
struct Connection {
  std::string organization;
  AuthConfig auth;
  ServiceOptions service;
};

// The way to a service as far as an anonymous request gets, each step on its
// own: what `doctor` shows.
struct Route {
  std::string host;             // HOST:PORT of the service
  std::string proxy;            // HOST:PORT of the one in between; "": none
  absl::Status proxy_settings;  // kInvalidArgument: they cannot be read
  // Of the proxy, or else of the service.
  absl::StatusOr<std::vector<std::string>> addresses =
      absl::UnknownError("not tried");
  bool tls = true;
  absl::Status answered = absl::UnknownError("not tried");  // any answer at all
  std::string trust;  // where the trusted certificates come from
  std::optional<absl::Duration> clock_ahead;  // as in TokenPage
  std::string tenant;  // of the organization, a GUID; "": it does not say
};

// Port: the services that have tokens, and how to sign in to them.
class TokenServices {
 public:
  virtual ~TokenServices() = default;
  // For plans: nothing that could change a token is made.
  virtual absl::StatusOr<std::unique_ptr<TokenReader>> OpenReader(
      const Connection& connection) = 0;
  virtual absl::StatusOr<std::unique_ptr<TokenWriter>> OpenWriter(
      const Connection& connection) = 0;
  // kUnauthenticated: there is no credential.
  virtual absl::StatusOr<SignedIn> WhoAmI(const AuthConfig& auth,
                                          Deadline deadline) = 0;
  // Sends no credential.
  virtual Route Trace(const Connection&, Deadline) { return Route(); }
  // Whoever wants to know that a request waits: called from any thread until
  // another one, or {}, is given.
  virtual void OnWait(WaitListener) {}
  // The values that [auth] `source` may have; the first is the default.
  virtual const std::vector<SettingsType>& Sources() const = 0;
};

}  // namespace patform
