#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"
#include "providers/http/url.h"

namespace patform::http {

struct Header {
  std::string name;
  std::string value;
};

struct Request {
  std::string method;  // GET, POST, PUT, DELETE, PATCH
  Url url;
  std::vector<Header> headers;
  const Secret* bearer = nullptr;  // sent as Authorization: Bearer
  const Secret* basic = nullptr;   // the same as Basic, encoded already
  std::string content_type;        // of a body
  Secret body;                     // bodies may hold secrets
  // A POST that makes nothing of worth: an answer of 429 is taken at its word,
  // and it is sent again.
  bool repeat_when_limited = false;
  // A POST that may be carried out twice without harm: it is sent again like a
  // PUT.
  bool harmless_twice = false;
  // Never sent again once it may have arrived, whatever the method.
  bool once = false;
  // Null, or: once it is true nobody waits for the answer any more. The call
  // ends within 100 ms, wherever it is.
  const std::atomic<bool>* abandoned = nullptr;
  bool IsAbandoned() const { return abandoned != nullptr && *abandoned; }
};

struct Response {
  int status = 0;
  std::vector<Header> headers;
  Secret body;
  // An earlier try of this request may have been carried out, too: a refused
  // precondition may be its own work.
  bool repeated = false;

  // The first header of that name, in any case of letters.
  std::optional<std::string_view> Find(std::string_view name) const;
};

// Port: one HTTP exchange. Blocks until `deadline`. Never follows a redirect;
// an answer of any status is a success of the transport. What a kept connection
// swallowed is sent once more, unless it must not be (a POST, `once`); the
// answer of a write is `repeated` then. Errors:
//   kUnavailable        nothing of the request reached the server
//   kDeadlineExceeded   the time was up before any of it was sent, or of a GET
//   kUnknown            some of it was sent, the answer did not arrive whole
//   kResourceExhausted  the answer is larger than allowed (it was sent)
//   kDataLoss           the answer is not HTTP (it was sent)
//   kInvalidArgument    the request itself is malformed; nothing was sent
//   kFailedPrecondition the proxy refused; nothing was sent
//   kCancelled          interrupted before it was sent, or of a GET
class Transport {
 public:
  virtual ~Transport() = default;
  virtual absl::StatusOr<Response> Send(const Request& request,
                                        Deadline deadline) = 0;
};

// When the answer was made, by the service's clock; nullopt: it has no Date.
std::optional<absl::Time> DateOf(const Response& response);

// May the request have been carried out although Send failed so?
bool MayHaveBeenDone(const absl::Status& status);

}  // namespace patform::http
