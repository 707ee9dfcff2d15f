#include "providers/http/retry.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"

// One rule per function: how long the service asks to wait (AskedPatience),
// what may be repeated (Again), what stays unclear (Unclear), when everybody's
// turn comes (WaitForTurn). SendWithRetry() at the end puts them together.
namespace patform::http {
namespace {

// Doubled each time: 0.5, 1, 2, 4 s.
constexpr absl::Duration kFirstDelay = absl::Milliseconds(500);
constexpr absl::Duration kLongestDelay = absl::Minutes(1);
// For the headers that report limits: one of them is compared with the clock of
// this machine, which may be wrong.
constexpr absl::Duration kLongestDelayHeader = absl::Hours(1);
// Keeps the arithmetic of deadlines from overflowing. No run waits that long:
// what is beyond its deadline fails at once.
constexpr absl::Duration kLongestRetryAfter = absl::Hours(24 * 366);
// How often an abandoned request is noticed while it waits.
constexpr std::chrono::milliseconds kSlice(50);

// How long the answer asks everybody to wait.
std::optional<absl::Duration> AskedPatience(const Response& response,
                                            absl::Time now) {
  std::optional<absl::Duration> longest;
  const auto take = [&longest](std::optional<absl::Duration> d) {
    if (d && (!longest || *d > *longest)) longest = d;
  };
  // Azure DevOps sends it with 429, but also with an answer of 200 that it had
  // delayed: the next request had better wait.
  if (const auto value = response.Find("Retry-After")) {
    take(ParseRetryAfter(*value, now));
  }
  // Seconds with three decimals; only when the request was delayed. Bounded,
  // for SimpleAtod() also reads "inf" and "nan".
  double seconds = 0;
  if (const auto value = response.Find("X-RateLimit-Delay");
      value && absl::SimpleAtod(AbslView(*value), &seconds) && seconds > 0 &&
      seconds < absl::ToDoubleSeconds(kLongestDelayHeader)) {
    take(absl::Seconds(seconds));
  }
  // A Unix time, and worth looking at only when nothing is left: the headers
  // are sent long before a limit is reached.
  int64_t reset = 0;
  if (const auto left = response.Find("X-RateLimit-Remaining");
      left && *left == "0") {
    if (const auto value = response.Find("X-RateLimit-Reset");
        value && absl::SimpleAtoi(AbslView(*value), &reset)) {
      // By the wall clock, hence bounded: a runner whose clock is wrong must
      // not wait for a year.
      const absl::Duration wait = absl::FromUnixSeconds(reset) - now;
      if (wait > absl::ZeroDuration() && wait < kLongestDelayHeader) take(wait);
    }
  }
  return longest;
}

// GET, PUT and DELETE. The service deletes a token twice without harm (the
// second time it is not found) and an update sets values. A create has no
// idempotency key: sent twice, it makes two tokens.
bool Idempotent(const Request& request) {
  return (request.method != "POST" && !request.once) || request.harmless_twice;
}

// Asks and changes nothing.
bool Reads(const Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

// Nobody knows whether it was carried out.
bool Unclear(const absl::StatusOr<Response>& answer) {
  if (!answer.ok()) return MayHaveBeenDone(answer.status());
  return answer->status == 502 || answer->status == 503 ||
         answer->status == 504;
}

// May it be sent again after this?
bool Again(const Request& request, const absl::StatusOr<Response>& answer) {
  if (!answer.ok()) {
    // Nothing was carried out: a create may go out again, too.
    if (absl::IsUnavailable(answer.status()) ||
        absl::IsDeadlineExceeded(answer.status())) {
      return true;
    }
    // kUnknown: the answer was lost.
    return Idempotent(request) && absl::IsUnknown(answer.status());
  }
  // 429 claims that nothing was done, which need not be true: a create is
  // repeated only if its caller allows it. What a gateway answers (502 to 504)
  // leaves open what happened behind it. Any other status, 500 included, would
  // come again.
  switch (answer->status) {
    case 429:
      return Idempotent(request) || request.repeat_when_limited;
    case 502:
    case 503:
    case 504:
      return Idempotent(request);
    default:
      return false;
  }
}

// False: interrupted, or nobody waits for the answer any more.
bool SleepUntil(Clock& clock, const Request& request, Deadline until) {
  if (request.abandoned == nullptr) return clock.SleepUntil(until);
  for (Deadline now = clock.Monotonic(); now < until; now = clock.Monotonic()) {
    if (request.IsAbandoned()) return false;
    if (!clock.SleepUntil(std::min(until, now + kSlice))) return false;
  }
  return true;
}

// Waits until the service lets this run send again.
absl::Status WaitForTurn(Clock& clock, RetryState& state,
                         const Request& request, Deadline deadline) {
  // The lock is not held while waiting: others may move the moment further
  // away.
  Deadline until;
  {
    std::lock_guard<std::mutex> lock(state.mutex);
    until = state.not_before;
  }
  if (until <= clock.Monotonic()) return absl::OkStatus();
  // Fails at once instead of at the deadline: there is nothing to wait for.
  if (until > deadline) {
    const absl::Duration wait = absl::FromChrono(until - clock.Monotonic());
    return absl::DeadlineExceededError(absl::StrCat(
        "the service limits the rate of requests and asks to wait ",
        FormatSpan(wait), ". Nothing was sent; run patform again after that"));
  }
  state.waits.Begin({"the service limits the rate of requests",
                     absl::FromChrono(until - clock.Monotonic())},
                    until);
  if (!SleepUntil(clock, request, until)) {
    return absl::CancelledError("interrupted");
  }
  return absl::OkStatus();
}

// Why the same is sent again.
std::string WhyAgain(const absl::StatusOr<Response>& answer) {
  if (!answer.ok()) return std::string(answer.status().message());
  if (answer->status == 429) {
    return "the service limits the rate of requests (429)";
  }
  return absl::StrCat("the service answered ", answer->status);
}

}  // namespace

void Waits::Listen(WaitListener listener, Deadline now) {
  // Called with the lock held, so that nobody calls a listener that has gone.
  const std::lock_guard<std::mutex> lock(mutex_);
  listener_ = std::move(listener);
  if (!listener_ || !last_ || until_ <= now) return;
  last_->span = absl::FromChrono(until_ - now);
  listener_(*last_);
}

void Waits::Begin(Waiting waiting, Deadline until) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (listener_) listener_(waiting);
  last_ = std::move(waiting);
  until_ = until;
}

void Waits::Over() {
  const std::lock_guard<std::mutex> lock(mutex_);
  last_.reset();
}

// Exponential, with a floor that the service sets and up to half of it on top,
// so that workers who were turned away together do not come back together.
absl::Duration RetryDelay(int attempt,
                          std::optional<absl::Duration> retry_after,
                          uint64_t random) {
  absl::Duration own = kFirstDelay;
  // Stops at the limit, or the doubling would overflow after a long outage.
  for (int i = 1; i < attempt && own < kLongestDelay; ++i) own *= 2;
  own = std::min(own, kLongestDelay);
  if (retry_after && *retry_after > own) own = *retry_after;
  // Upward only: the floor that the service asked for holds.
  return own + std::min(own, kLongestDelay) * 0.5 *
                   (static_cast<double>(random % 1024) / 1024);
}

std::optional<absl::Duration> ParseRetryAfter(std::string_view value,
                                              absl::Time now) {
  int64_t seconds = 0;
  // RFC 9110, 10.2.3: seconds or a date.
  if (absl::SimpleAtoi(AbslView(value), &seconds)) {
    if (seconds < 0) return std::nullopt;
    return std::min(absl::Seconds(seconds), kLongestRetryAfter);
  }
  absl::Time date;
  std::string error;
  // Of the three formats of a date that HTTP allows this is the only one that
  // is still sent.
  if (!absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", std::string(value), &date,
                       &error)) {
    return std::nullopt;
  }
  // A date that has passed means now.
  return std::clamp(date - now, absl::ZeroDuration(), kLongestRetryAfter);
}

absl::StatusOr<Response> SendWithRetry(Transport& transport, Clock& clock,
                                       RetryState& state,
                                       const Request& request,
                                       Deadline deadline) {
  bool unclear = false;  // an earlier try may have been carried out
  // That the last try did nothing does not mean that the one before did not.
  const auto failed = [&](const absl::Status& status) {
    return unclear ? absl::UnknownError(status.message()) : status;
  };
  // Tries that ended without an answer in time.
  int silent = 0;
  for (int attempt = 1;; ++attempt) {
    if (absl::Status turn = WaitForTurn(clock, state, request, deadline);
        !turn.ok()) {
      return failed(turn);
    }
    // After the wait, before anything is sent: this is the last moment.
    if (request.IsAbandoned()) {
      return failed(absl::CancelledError("interrupted"));
    }
    // A create gets all the time there is. To give up on it early gains
    // nothing, for it may not be repeated, and loses the secret.
    const Deadline by = Idempotent(request)
                            ? std::min(deadline, After(clock, kTryTimeout))
                            : deadline;
    absl::StatusOr<Response> answer = transport.Send(request, by);
    // Also where an answer came in slowly until the time of this try was over.
    if (absl::IsDeadlineExceeded(answer.status()) ||
        (!answer.ok() && clock.Monotonic() >= by)) {
      ++silent;
    }
    std::optional<absl::Duration> patience;
    // Any status, 200 as well.
    if (answer.ok()) {
      // Tells the caller that "not found" may mean that an earlier try deleted
      // it. The transport may have sent this one twice, too.
      unclear = unclear || answer->repeated;
      answer->repeated = unclear;
      patience = AskedPatience(*answer, clock.Now());
      if (patience) {
        const Deadline until = After(clock, *patience);
        std::lock_guard<std::mutex> lock(state.mutex);
        // Only ever later: an answer that took long must not bring forward what
        // a newer one asked for.
        state.not_before = std::max(state.not_before, until);
      }
    }
    const Deadline next =
        After(clock, RetryDelay(attempt, patience, state.random()));
    // The budget is looked at last: it is taken from only by a try that will be
    // made.
    if (!Again(request, answer) || attempt >= kMaxTries ||
        silent >= kMaxSilent || next >= deadline || state.budget-- <= 0) {
      state.waits.Over();
      if (answer.ok()) return answer;
      return failed(attempt == 1
                        ? answer.status()
                        : Annotate(answer.status(),
                                   absl::StrCat("tried ", attempt,
                                                " times, the last time")));
    }
    // Sticky: no later failure makes certain what an earlier one left open.
    unclear = unclear || (!Reads(request) && Unclear(answer));
    state.waits.Begin(
        {WhyAgain(answer), absl::FromChrono(next - clock.Monotonic()),
         attempt + 1, kMaxTries},
        next);
    if (!SleepUntil(clock, request, next)) {
      return failed(absl::CancelledError("interrupted"));
    }
  }
}

}  // namespace patform::http
