#include "providers/http/retry.h"

#include <algorithm>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"

namespace patform::http {
namespace {

constexpr absl::Duration kFirstDelay = absl::Milliseconds(500);
constexpr absl::Duration kLongestDelay = absl::Minutes(1);
constexpr absl::Duration kLongestRetryAfter = absl::Hours(1);
constexpr std::chrono::milliseconds kSlice(50);

// How long the answer asks everybody to wait.
std::optional<absl::Duration> AskedPatience(const Response& response,
                                            absl::Time now) {
  std::optional<absl::Duration> longest;
  const auto take = [&longest](std::optional<absl::Duration> d) {
    if (d && (!longest || *d > *longest)) longest = d;
  };
  if (const auto value = response.Find("Retry-After")) {
    take(ParseRetryAfter(*value, now));
  }
  double seconds = 0;
  if (const auto value = response.Find("X-RateLimit-Delay");
      value && absl::SimpleAtod(AbslView(*value), &seconds) && seconds > 0 &&
      seconds < absl::ToDoubleSeconds(kLongestRetryAfter)) {
    take(absl::Seconds(seconds));
  }
  int64_t reset = 0;
  if (const auto left = response.Find("X-RateLimit-Remaining");
      left && *left == "0") {
    if (const auto value = response.Find("X-RateLimit-Reset");
        value && absl::SimpleAtoi(AbslView(*value), &reset)) {
      const absl::Duration wait = absl::FromUnixSeconds(reset) - now;
      if (wait > absl::ZeroDuration() && wait < kLongestRetryAfter) take(wait);
    }
  }
  return longest;
}

bool Idempotent(const Request& request) { return request.method != "POST"; }

bool Reads(const Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

// Nobody knows whether it was carried out.
bool Unclear(const absl::StatusOr<Response>& answer) {
  if (!answer.ok()) return MayHaveBeenDone(answer.status());
  return answer->status == 502 || answer->status == 503 ||
         answer->status == 504;
}

bool Again(const Request& request, const absl::StatusOr<Response>& answer) {
  if (!answer.ok()) {
    if (absl::IsUnavailable(answer.status()) ||
        absl::IsDeadlineExceeded(answer.status())) {
      return true;
    }
    return Idempotent(request) && absl::IsUnknown(answer.status());
  }
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

absl::Status WaitForTurn(Clock& clock, RetryState& state,
                         const Request& request, Deadline deadline) {
  Deadline until;
  {
    std::lock_guard<std::mutex> lock(state.mutex);
    until = state.not_before;
  }
  if (until <= clock.Monotonic()) return absl::OkStatus();
  if (until > deadline) {
    return absl::DeadlineExceededError(
        "the service asks to wait longer than this request may take; it "
        "limits the rate of requests. Nothing was sent; try again later");
  }
  if (!SleepUntil(clock, request, until)) {
    return absl::CancelledError("interrupted");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Duration RetryDelay(int attempt,
                          std::optional<absl::Duration> retry_after,
                          uint64_t random) {
  absl::Duration own = kFirstDelay;
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
  if (absl::SimpleAtoi(AbslView(value), &seconds)) {
    if (seconds < 0) return std::nullopt;
    return std::min(absl::Seconds(seconds), kLongestRetryAfter);
  }
  absl::Time date;
  std::string error;
  if (!absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", std::string(value), &date,
                       &error)) {
    return std::nullopt;
  }
  return std::clamp(date - now, absl::ZeroDuration(), kLongestRetryAfter);
}

absl::StatusOr<Response> SendWithRetry(Transport& transport, Clock& clock,
                                       RetryState& state,
                                       const Request& request,
                                       Deadline deadline) {
  bool unclear = false;  // an earlier try may have been carried out
  // That the last try did nothing says nothing of the one before it.
  const auto failed = [&](const absl::Status& status) {
    return unclear ? absl::UnknownError(status.message()) : status;
  };
  int silent = 0;
  for (int attempt = 1;; ++attempt) {
    if (absl::Status turn = WaitForTurn(clock, state, request, deadline);
        !turn.ok()) {
      return failed(turn);
    }
    if (request.IsAbandoned()) {
      return failed(absl::CancelledError("interrupted"));
    }
    const Deadline by = Idempotent(request)
                            ? std::min(deadline, After(clock, kTryTimeout))
                            : deadline;
    absl::StatusOr<Response> answer = transport.Send(request, by);
    if (absl::IsDeadlineExceeded(answer.status()) ||
        (!answer.ok() && clock.Monotonic() >= by)) {
      ++silent;
    }
    std::optional<absl::Duration> patience;
    if (answer.ok()) {
      answer->repeated = unclear;
      patience = AskedPatience(*answer, clock.Now());
      if (patience) {
        const Deadline until = After(clock, *patience);
        std::lock_guard<std::mutex> lock(state.mutex);
        state.not_before = std::max(state.not_before, until);
      }
    }
    const Deadline next =
        After(clock, RetryDelay(attempt, patience, state.random()));
    if (!Again(request, answer) || attempt >= kMaxTries ||
        silent >= kMaxSilent || next >= deadline || state.budget-- <= 0) {
      if (answer.ok()) return answer;
      return failed(attempt == 1
                        ? answer.status()
                        : Annotate(answer.status(),
                                   absl::StrCat("tried ", attempt,
                                                " times, the last time")));
    }
    unclear = unclear || (!Reads(request) && Unclear(answer));
    if (!SleepUntil(clock, request, next)) {
      return failed(absl::CancelledError("interrupted"));
    }
  }
}

}  // namespace patform::http
