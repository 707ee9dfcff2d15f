#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"

namespace patform::http {

// What a browser on this machine asked for. Its headers are not kept: they hold
// the cookies of whatever else runs on localhost.
struct LoopbackRequest {
  std::string method;
  std::string target;  // path and query, as sent
};

struct LoopbackAnswer {
  int status = 200;
  std::string html;
  bool last = false;  // nothing is waited for any more
};

// A listener for the one request that ends a sign-in: HTTP/1.1 on 127.0.0.1,
// and on ::1 where that can be had, at one port that the kernel chooses (RFC
// 8252, section 7.3). Nothing outside of this machine reaches it. For one
// thread.
class Loopback {
 public:
  // kUnavailable: there is no port to be had.
  static absl::StatusOr<std::unique_ptr<Loopback>> Listen();
  ~Loopback();

  int port() const;

  // Answers requests, of several connections at a time: browsers open some that
  // they never use. Until an answer was the last one and is sent.
  // kDeadlineExceeded; kCancelled once `interrupted` is true, which is looked
  // at every 50 ms.
  absl::Status Serve(
      absl::FunctionRef<LoopbackAnswer(const LoopbackRequest&)> answer,
      Clock& clock, Deadline deadline,
      const std::function<bool()>& interrupted);

 private:
  class Impl;
  explicit Loopback(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace patform::http
