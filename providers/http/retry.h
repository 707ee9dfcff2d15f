#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/waiting.h"
#include "providers/http/transport.h"

// When a request may be sent again, and when.
//
// GET, PUT and DELETE of this API are idempotent: they are sent again after
// whatever looks passing (no connection, a lost answer, 429, 502, 503, 504).
// A POST makes a token: sent twice it makes two, and the first one's secret is
// lost. It is sent again only when the server was not reached. After a lost
// answer nobody knows, and a 429 ("not done") may come from a gateway that does
// not know either: the caller must look. For an idempotent request, too, a
// later try that fails cleanly does not help: the first may have been carried
// out, so the whole is kUnknown, and an answer carries Response::repeated.
//
// Waiting is the business of all workers together. An answer that asks for
// patience (Retry-After, X-RateLimit-Delay, or a spent X-RateLimit-Remaining)
// holds the next request of every worker; a 200 can ask too. Retries of a run
// come from one budget, so that a service in trouble is not hammered by each
// worker in turn.
//
// None of this is a library's: those at hand repeat by status code or by
// method, and know neither an answer that was lost nor workers that share a
// budget and a wait.
namespace patform::http {

// The wait before try `attempt` + 1 (attempt from 1). Doubles from half a
// second to at most a minute, spread upward by half at random; never less than
// `retry_after`. `random` is any number.
absl::Duration RetryDelay(int attempt,
                          std::optional<absl::Duration> retry_after,
                          uint64_t random);

// Seconds or an HTTP date; nullopt: neither. Never negative.
std::optional<absl::Duration> ParseRetryAfter(std::string_view value,
                                              absl::Time now);

// Passes on which wait has begun. From any thread.
class Waits {
 public:
  // From now on `listener` is called, and at once if a wait is going on; {}:
  // nobody is, and no call is under way any more.
  void Listen(WaitListener listener, Deadline now);
  void Begin(Waiting waiting, Deadline until);
  // A request went through.
  void Over();

 private:
  std::mutex mutex_;
  WaitListener listener_;
  std::optional<Waiting> last_;
  Deadline until_{};
};

// What all workers of a run share.
struct RetryState {
  explicit RetryState(std::function<uint64_t()> random_number)
      : random(std::move(random_number)) {}

  std::function<uint64_t()> random;  // safe from several threads
  std::atomic<int> budget{200};      // retries left
  std::mutex mutex;
  Deadline not_before{};  // guarded by mutex: no request sooner
  Waits waits;
};

inline constexpr int kMaxTries = 6;
// One try of what may be sent again: connection, request and whole answer. A
// page of a list takes a tenth of a second.
inline constexpr absl::Duration kTryTimeout = absl::Seconds(30);
// A service that has been silent in so many tries is not asked again.
inline constexpr int kMaxSilent = 3;

// Sends, and sends again as the rules above allow, until an answer that is
// final, `deadline`, or no tries are left; then the last answer or error, an
// error saying how often it was tried. kDeadlineExceeded: nothing was done, and
// the service was silent for too long, or `deadline` is reached. kCancelled:
// interrupted while waiting.
absl::StatusOr<Response> SendWithRetry(Transport& transport, Clock& clock,
                                       RetryState& state,
                                       const Request& request,
                                       Deadline deadline);

}  // namespace patform::http
