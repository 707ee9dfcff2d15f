#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "providers/azure_devops/pat_errors.h"
#include "providers/entra/credential.h"
#include "providers/http/retry.h"
#include "providers/http/transport.h"
#include "providers/http/url.h"

namespace patform::azure_devops {

inline constexpr char kServiceUrl[] = "https://vssps.dev.azure.com";

// What a reader or a provider needs; what is pointed to must outlive it.
struct Config {
  std::string base_url = kServiceUrl;
  std::string organization;
  std::string api_version = "7.1-preview.1";  // or 7.2-preview.1
  // Beside the service's own host, as in AllowedHosts::by_operator.
  std::vector<std::string> allow_hosts;
  CredentialSource* credentials = nullptr;
  // Called once for each thread that is in a call at the same time.
  std::function<std::unique_ptr<http::Transport>()> new_transport;
  http::RetryState* retry = nullptr;  // shared by all that talk to the service
  Clock* clock = nullptr;
};

// One organization's endpoint: address, sign-in, retries. Safe from several
// threads.
class PatService {
 public:
  // kInvalidArgument: a host that is not allowed, an unknown version, a name
  // that no organization can have. Nothing is sent.
  static absl::StatusOr<std::unique_ptr<PatService>> Make(Config config);

  // One exchange. `query`: encoded, without api-version; `body`: JSON or "".
  // When the service refuses the bearer, asks for another and sends once more;
  // a create is not sent again: kAborted. A bearer that lacks claims (see
  // WantedClaims) is not sent again at all; the answer to it stays. An answer
  // of any status is a success here. `context.bearer` is set for an answer that
  // is to be explained, `context.sent` for a create.
  absl::StatusOr<http::Response> Send(const std::string& method,
                                      const std::string& query,
                                      const std::string& body,
                                      AnswerContext& context,
                                      Deadline deadline);

  // One request with a token's own secret, `basic` in the form of Basic: who
  // does it belong to? Works with every scope. An answer of any status.
  absl::StatusOr<http::Response> AskWithSecret(const Secret& basic,
                                               Deadline deadline);

  // From any thread: calls in progress end soon, later ones at once, with an
  // error of kCancelled. For one that is not needed any more.
  void Abandon() { abandoned_ = true; }

  AnswerContext Context(Operation operation) const {
    return {operation, config_.organization, BearerHint::kNone, nullptr};
  }
  absl::Time Now() { return config_.clock->Now(); }
  Deadline Monotonic() { return config_.clock->Monotonic(); }

 private:
  PatService(Config config, http::Url organization);
  // HintOf(), made once a second of one bearer: many requests carry the same.
  BearerHint Hint(const Secret& bearer);
  // What is known of that bearer's answer without asking.
  std::optional<http::Response> Challenge(const Secret& bearer);
  void RememberChallenge(const Secret& bearer, const http::Response& response);
  // The credential, that its bearer got this answer.
  void Tell(const Secret& bearer, const http::Response& refusal);
  absl::StatusOr<http::Response> Exchange(const http::Request& request,
                                          const AnswerContext& context,
                                          Deadline deadline);

  const Config config_;
  const http::Url organization_;  // with the target up to its name
  const http::Url url_;           // … up to .../pats
  std::atomic<bool> abandoned_ = false;
  // Guarded by mutex_, from here on.
  std::mutex mutex_;
  std::vector<std::unique_ptr<http::Transport>> idle_;
  Secret challenged_;         // the bearer that lacks claims; empty: none
  http::Response challenge_;  // what was answered to it, without its body
  Secret hinted_;             // the bearer that `hint_` is of
  BearerHint hint_ = BearerHint::kNone;
  absl::Time hinted_at_ = absl::InfinitePast();
};

}  // namespace patform::azure_devops
