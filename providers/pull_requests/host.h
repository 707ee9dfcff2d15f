#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"
#include "engine/ports/pull_request.h"
#include "providers/http/retry.h"
#include "providers/http/transport.h"

namespace patform::pull_requests {

// What an adapter needs; what is pointed to must outlive it.
struct Config {
  PullRequestTarget target;
  Secret token;  // the job's own: SYSTEM_ACCESSTOKEN or GITHUB_TOKEN
  // Beside the well-known ones, as in AllowedHosts::by_operator.
  std::vector<std::string> allow_hosts;
  std::function<std::unique_ptr<http::Transport>()> new_transport;
  http::RetryState* retry = nullptr;
  Clock* clock = nullptr;
};

// What a request is for, for errors.
struct Purpose {
  std::string doing;  // "posting the comment"
  // Sent twice it would do something twice.
  bool once = false;
};

// The exchanges with one code host: address, token, retries, errors. For one
// thread.
class Host {
 public:
  // kInvalidArgument: a host that is not allowed, or no address at all;
  // kUnauthenticated: the token is missing. Nothing is sent.
  static absl::StatusOr<std::unique_ptr<Host>> Make(Config config);

  // One exchange; only an answer from 200 to 299 that is not a sign-in page
  // is a success. `path`: below the base address, percent-encoded, with its
  // query; `body`: JSON or "".
  absl::StatusOr<http::Response> Send(const std::string& method,
                                      const std::string& path,
                                      const std::string& body,
                                      const Purpose& purpose,
                                      Deadline deadline);

  const PullRequestTarget& target() const { return config_.target; }

 private:
  Host(Config config, http::Url base);

  const Config config_;
  const http::Url base_;
  std::unique_ptr<http::Transport> transport_;
};

}  // namespace patform::pull_requests
