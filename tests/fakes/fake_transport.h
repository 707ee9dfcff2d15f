#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "providers/http/transport.h"

namespace patform::http {

// A server of a test's own: answers from a script, in order, and keeps what it
// was sent. Shared by all transports that it makes.
class FakeServer {
 public:
  struct Exchange {
    std::string method;
    std::string authority;
    std::string target;
    std::vector<Header> headers;
    std::string bearer;
    std::string basic;
    std::string content_type;
    std::string body;

    std::string Line() const { return method + " " + authority + target; }
  };

  // Answers the next request so.
  void Answer(int status, std::string body,
              std::vector<Header> headers = {{"Content-Type",
                                              "application/json; "
                                              "charset=utf-8"}}) {
    script_.push_back(
        [status, body = std::move(body), headers = std::move(headers)] {
          Response response;
          response.status = status;
          response.headers = headers;
          response.body = Secret(body);
          return absl::StatusOr<Response>(std::move(response));
        });
  }
  void Fail(absl::Status status) {
    script_.push_back([status] { return absl::StatusOr<Response>(status); });
  }

  // Done right before request `index` is answered: what happens meanwhile.
  void Before(size_t index, std::function<void()> meanwhile) {
    before_[index] = std::move(meanwhile);
  }

  std::unique_ptr<Transport> NewTransport();

  // A test asserts that these are what it expects, and that nothing is left.
  const std::vector<Exchange>& exchanges() const { return exchanges_; }
  size_t left() const { return script_.size(); }
  int transports() const { return transports_; }

 private:
  class Connection;

  std::mutex mutex_;
  std::deque<std::function<absl::StatusOr<Response>()>> script_;
  std::vector<Exchange> exchanges_;
  std::map<size_t, std::function<void()>> before_;
  int transports_ = 0;
};

class FakeServer::Connection : public Transport {
 public:
  explicit Connection(FakeServer* server) : server_(server) {}

  absl::StatusOr<Response> Send(const Request& request, Deadline) override {
    const std::lock_guard<std::mutex> lock(server_->mutex_);
    server_->exchanges_.push_back(
        {request.method, request.url.Authority(), request.url.target,
         request.headers,
         request.bearer == nullptr ? "" : std::string(request.bearer->Reveal()),
         request.basic == nullptr ? "" : std::string(request.basic->Reveal()),
         request.content_type, std::string(request.body.Reveal())});
    const auto before = server_->before_.find(server_->exchanges_.size() - 1);
    if (before != server_->before_.end()) before->second();
    if (server_->script_.empty()) {
      return absl::InternalError("the test's script has no more answers");
    }
    auto answer = std::move(server_->script_.front());
    server_->script_.pop_front();
    return answer();
  }

 private:
  FakeServer* const server_;
};

inline std::unique_ptr<Transport> FakeServer::NewTransport() {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++transports_;
  return std::make_unique<Connection>(this);
}

}  // namespace patform::http
