#pragma once

#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/model/desired_state.h"
#include "engine/ports/files.h"
#include "engine/ports/pull_request.h"
#include "engine/ports/secret_sink.h"
#include "engine/ports/token_service.h"

namespace patform {

// Which service, as the operator says; never from the configuration: a pull
// request must not send a credential to a host of its own.
struct ServiceOptions {
  std::string url;          // empty: the well-known one
  std::string api_version;  // empty: the default
};

// Everything outside of the program, handed in by main() or by a test. What
// only reads and what can write are made by different functions: a plan calls
// the former alone.
struct World {
  Clock* clock = nullptr;
  Files* files = nullptr;
  std::function<std::optional<std::string>(const std::string&)> environment;

  std::ostream* out = nullptr;  // results
  std::ostream* err = nullptr;  // talk
  std::istream* in = nullptr;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool in_is_terminal = false;
  int columns = 80;

  std::function<absl::StatusOr<std::unique_ptr<TokenReader>>(
      const ServiceOptions&, const AuthConfig&,
      const std::string& organization)>
      token_reader;
  std::function<absl::StatusOr<std::unique_ptr<Provider>>(
      const ServiceOptions&, const AuthConfig&,
      const std::string& organization)>
      provider;
  std::function<absl::StatusOr<std::unique_ptr<RecordReader>>(
      const SinkConfig&)>
      record_reader;
  std::function<absl::StatusOr<std::unique_ptr<SecretSink>>(const SinkConfig&)>
      sink;
  // `comment` alone: the pull request of this job, with the job's own token.
  // The hosts are those that the operator allows it to be sent to.
  std::function<absl::StatusOr<std::unique_ptr<PullRequest>>(
      const PullRequestTarget&, const std::vector<std::string>& allow_hosts)>
      pull_request;

  // The signed-in user's oid as the credential tells it; "" if it does not.
  std::function<std::string()> owner;
  // The scopes that the same credential claims to have, parted by blanks;
  // nullopt: it is opaque. A hint, never a decision.
  std::function<std::optional<std::string>()> bearer_scopes = [] {
    return std::nullopt;
  };
  std::string machine;                 // see PrintSinks
  std::function<std::string()> nonce;  // see ApplyPorts
  // 0, or the number of the signal that asked to stop. From any thread.
  std::function<int()> interrupted;
  // How many of `wanted` workers the machine can carry, each with a connection
  // to so many organizations; at least one, or kResourceExhausted.
  std::function<absl::StatusOr<int>(int wanted, int organizations)>
      affordable_workers = [](int wanted, int) { return wanted; };
  // true: until it is called with false as often, the first signal ends the
  // program at once. For what only reads.
  std::function<void(bool)> end_at_signal = [](bool) {};
  // See ApplyPorts.
  std::function<absl::StatusOr<std::shared_ptr<void>>()> reserve = [] {
    return std::shared_ptr<void>();
  };
  std::function<void(const std::function<void()>& call)> to_the_end =
      [](const std::function<void()>& call) { call(); };
};

}  // namespace patform
