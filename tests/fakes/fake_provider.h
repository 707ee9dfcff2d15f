#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/ports/token_service.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/misfortune.h"

namespace patform {

// The service of one organization in memory, with its habits: dates kept to
// 1/300 s, lives cut to a tenant's maximum and to a year, names that may
// repeat, lists by state and in pages.
class FakeService {
 public:
  struct Row {
    ActualToken token;
    std::string scopes;  // as they were sent
    std::string secret;
    bool revoked = false;
    bool stranger = false;  // not made through Create
    int hidden_lists = 0;   // lists that do not show it yet
    int writes = 0;         // updates and revocations through the port
  };

  FakeService(FakeClock& clock, std::string prefix)
      : clock_(clock), prefix_(std::move(prefix)) {}

  // Tokens that somebody else made, valid from `age` ago for `life`.
  AuthorizationId AddStranger(const std::string& display_name,
                              const std::string& scopes, absl::Duration age,
                              absl::Duration life);
  Row* Find(const AuthorizationId& id);
  TokenState StateOf(const Row& row);
  // Live and not a stranger.
  int LiveMinted();
  absl::Time ServiceNow() { return clock_.Now() + skew; }

  absl::StatusOr<TokenPage> List(TokenFilter filter,
                                 const std::string& continuation);
  absl::StatusOr<ActualToken> Get(const AuthorizationId& id);
  absl::StatusOr<Minted> Create(const CreateRequest& request);
  absl::StatusOr<Minted> Update(const UpdateRequest& request);
  absl::Status Prove(const Secret& secret);
  absl::Status Revoke(const AuthorizationId& id);

  std::vector<Row> rows;  // in the order they were made
  std::optional<absl::Duration> max_life;
  absl::Duration skew;     // by how much the service's clock is ahead
  bool tells_time = true;  // its lists carry a date
  size_t page_size = 3;
  bool renews = false;  // an update gives the token a new secret
  int list_lag = 0;     // lists that a new token is missing from
  // What becomes of the answer to a create, when the work is done.
  std::function<absl::Status(Minted&)> answer_create;

 private:
  Row& Add(const std::string& display_name, const std::string& scopes);

  FakeClock& clock_;
  const std::string prefix_;
};

// A caller's view of a FakeService, through the world's misfortunes.
class FakeProvider : public TokenWriter {
 public:
  FakeProvider(FakeService& service, Misfortune& misfortune)
      : service_(service), misfortune_(misfortune) {}

  absl::StatusOr<TokenPage> List(TokenFilter filter,
                                 const std::string& continuation,
                                 Deadline deadline) override;
  absl::StatusOr<ActualToken> Get(const AuthorizationId& id,
                                  Deadline deadline) override;
  absl::StatusOr<Minted> Create(const CreateRequest& request,
                                Deadline deadline) override;
  absl::StatusOr<Minted> Update(const UpdateRequest& request,
                                Deadline deadline) override;
  absl::Status Prove(const Secret& secret, Deadline deadline) override;
  absl::Status Revoke(const AuthorizationId& id, Deadline deadline) override;

 private:
  std::string Called(const AuthorizationId& id);

  FakeService& service_;
  Misfortune& misfortune_;
};

// `time` as the service keeps it: to 1/300 s.
absl::Time ServiceInstant(absl::Time time);

// "ci gen 2" of a marked display name, else the name itself.
std::string ShortName(const std::string& display_name);

}  // namespace patform
