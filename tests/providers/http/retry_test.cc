#include "providers/http/retry.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_transport.h"

namespace patform::http {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

TEST(RetryDelay, DoublesSpreadsUpwardAndKeepsTheFloor) {
  const auto ms = [](int attempt, std::optional<absl::Duration> after,
                     uint64_t random) {
    return absl::ToInt64Milliseconds(RetryDelay(attempt, after, random));
  };
  EXPECT_EQ(ms(1, {}, 0), 500);
  EXPECT_EQ(ms(2, {}, 0), 1000);
  EXPECT_EQ(ms(3, {}, 0), 2000);
  EXPECT_EQ(ms(20, {}, 0), 60000);
  EXPECT_EQ(ms(1, {}, 512), 625);
  EXPECT_EQ(ms(1, absl::Seconds(7), 0), 7000);
  EXPECT_EQ(ms(1, absl::Seconds(600), 0), 600000);
  EXPECT_EQ(ms(4, absl::Seconds(1), 0), 4000);
  for (uint64_t random = 0; random < 3000; random += 7) {
    EXPECT_GE(RetryDelay(2, absl::Seconds(5), random), absl::Seconds(5));
    EXPECT_LT(RetryDelay(2, absl::Seconds(5), random), absl::Seconds(7.5));
  }
}

TEST(RetryAfter, ReadsSecondsAndDates) {
  EXPECT_EQ(ParseRetryAfter("0", kNow), absl::ZeroDuration());
  EXPECT_EQ(ParseRetryAfter("120", kNow), absl::Seconds(120));
  EXPECT_EQ(ParseRetryAfter("86400", kNow), absl::Hours(24));
  EXPECT_EQ(ParseRetryAfter("99999999", kNow), absl::Hours(24 * 366));
  EXPECT_EQ(ParseRetryAfter("-3", kNow), std::nullopt);
  EXPECT_EQ(ParseRetryAfter("soon", kNow), std::nullopt);
  const std::string date =
      absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", kNow + absl::Seconds(30),
                       absl::UTCTimeZone());
  EXPECT_EQ(ParseRetryAfter(date, kNow), absl::Seconds(30));
  EXPECT_EQ(ParseRetryAfter(date, kNow + absl::Hours(1)), absl::ZeroDuration());
}

class Retrying : public ::testing::Test {
 protected:
  absl::StatusOr<Response> Send(const std::string& method,
                                absl::Duration deadline = absl::Hours(1)) {
    Request request;
    request.method = method;
    request.url = *ParseUrl("https://a.example/x");
    const auto transport = server_.NewTransport();
    return SendWithRetry(*transport, clock_, state_, request,
                         After(clock_, deadline));
  }
  int sent() const { return static_cast<int>(server_.exchanges().size()); }

  FakeClock clock_{kNow};
  FakeServer server_;
  RetryState state_{[] { return 0; }};
};

TEST_F(Retrying, WhatIsSentAgain) {
  const struct {
    const char* method;
    int status;  // 0: the error
    absl::Status error;
    bool with_retry_after;
    bool again;
  } cases[] = {
      {"GET", 503, {}, false, true},
      {"GET", 502, {}, false, true},
      {"GET", 504, {}, false, true},
      {"GET", 429, {}, false, true},
      {"GET", 500, {}, false, false},
      {"GET", 404, {}, false, false},
      {"PUT", 503, {}, false, true},
      {"DELETE", 0, absl::UnknownError("lost"), false, true},
      {"GET", 0, absl::UnavailableError("down"), false, true},
      {"GET", 0, absl::DataLossError("garbage"), false, false},
      {"GET", 0, absl::FailedPreconditionError("tls"), false, false},
      // A create that may have made a token is never sent again.
      {"POST", 0, absl::UnknownError("lost"), false, false},
      {"POST", 502, {}, false, false},
      {"POST", 503, {}, false, false},
      {"POST", 504, {}, false, false},
      {"POST", 503, {}, true, false},
      {"POST", 429, {}, false, false},
      {"POST", 429, {}, true, false},
      {"POST", 0, absl::UnavailableError("down"), false, true},
  };
  for (const auto& c : cases) {
    FakeServer server;
    std::vector<Header> headers;
    if (c.with_retry_after) headers.push_back({"Retry-After", "1"});
    if (c.status == 0) {
      server.Fail(c.error);
    } else {
      server.Answer(c.status, "", headers);
    }
    server.Answer(200, "ok");
    Request request;
    request.method = c.method;
    request.url = *ParseUrl("https://a.example/x");
    const auto transport = server.NewTransport();
    RetryState state([] { return 0; });
    const auto answer = SendWithRetry(*transport, clock_, state, request,
                                      After(clock_, absl::Hours(1)));
    EXPECT_EQ(server.exchanges().size(), c.again ? 2u : 1u)
        << c.method << " " << c.status << " " << c.error;
    EXPECT_EQ(answer.ok() && answer->status == 200, c.again);
  }
}

// Its caller knows that: a refresh token is exchanged by a POST.
TEST_F(Retrying, APostThatIsHarmlessTwiceIsSentAgain) {
  server_.Fail(absl::UnknownError("lost"));
  server_.Answer(503, "");
  server_.Answer(200, "ok");
  Request request;
  request.method = "POST";
  request.harmless_twice = true;
  request.url = *ParseUrl("https://a.example/x");
  const auto transport = server_.NewTransport();
  const auto answer = SendWithRetry(*transport, clock_, state_, request,
                                    After(clock_, absl::Hours(1)));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(sent(), 3);
}

TEST_F(Retrying, GivesUpAndSaysHowOften) {
  for (int i = 0; i < kMaxTries; ++i) {
    server_.Fail(absl::UnavailableError("down"));
  }
  EXPECT_EQ(std::string(Send("GET").status().message()),
            "tried 6 times, the last time: down");
  EXPECT_EQ(sent(), kMaxTries);
}

// Whoever listens hears of each wait when it begins, and of the one that is
// going on when they come.
TEST_F(Retrying, SaysWhatItWaitsFor) {
  std::vector<std::string> heard;
  const auto listen = [&heard](const Waiting& waiting) {
    heard.push_back(waiting.ToString());
  };
  state_.waits.Listen(listen, clock_.Monotonic());
  server_.Fail(absl::UnavailableError("connection refused"));
  server_.Answer(503, "");
  server_.Answer(429, "", {{"Retry-After", "30"}});
  server_.Answer(200, "", {{"Retry-After", "7"}});
  EXPECT_TRUE(Send("GET").ok());
  server_.Answer(200, "");
  EXPECT_TRUE(Send("GET").ok());
  EXPECT_EQ(heard,
            (std::vector<std::string>{
                "connection refused; trying again in 1s (try 2 of 6)",
                "the service answered 503; trying again in 1s (try 3 of 6)",
                "the service limits the rate of requests (429); trying again "
                "in 30s (try 4 of 6)",
                "the service limits the rate of requests; going on in 7s"}));
  heard.clear();
  state_.waits.Listen({}, clock_.Monotonic());
  state_.waits.Begin({"down", absl::Seconds(9), 2, 6},
                     After(clock_, absl::Seconds(9)));
  EXPECT_TRUE(heard.empty());
  clock_.Tick(absl::Seconds(2));
  state_.waits.Listen(listen, clock_.Monotonic());
  EXPECT_EQ(heard,
            std::vector<std::string>{"down; trying again in 7s (try 2 of 6)"});
  clock_.Tick(absl::Seconds(9));
  state_.waits.Listen(listen, clock_.Monotonic());
  EXPECT_EQ(heard.size(), 1u);
}

TEST_F(Retrying, WhatAnEarlierTryMayHaveDoneIsNotForgotten) {
  const struct {
    const char* method;
    absl::Status first;
    absl::Status last;
    absl::StatusCode code;
  } cases[] = {
      {"PUT", absl::UnknownError("lost"), absl::UnavailableError("down"),
       absl::StatusCode::kUnknown},
      {"PUT", absl::UnavailableError("down"),
       absl::FailedPreconditionError("x"),
       absl::StatusCode::kFailedPrecondition},
      {"DELETE", absl::UnknownError("lost"), absl::FailedPreconditionError("x"),
       absl::StatusCode::kUnknown},
      {"GET", absl::UnknownError("lost"), absl::FailedPreconditionError("x"),
       absl::StatusCode::kFailedPrecondition},
      {"POST", absl::UnavailableError("down"), absl::UnknownError("lost"),
       absl::StatusCode::kUnknown},
  };
  for (const auto& c : cases) {
    FakeServer server;
    server.Fail(c.first);
    for (int i = 1; i < kMaxTries; ++i) server.Fail(c.last);
    Request request;
    request.method = c.method;
    request.url = *ParseUrl("https://a.example/x");
    RetryState state([] { return 0; });
    EXPECT_EQ(SendWithRetry(*server.NewTransport(), clock_, state, request,
                            After(clock_, absl::Hours(1)))
                  .status()
                  .code(),
              c.code)
        << c.method << " " << c.first << " " << c.last;
  }
  // A refused precondition may be the work of the try whose answer was lost.
  server_.Fail(absl::UnknownError("lost"));
  server_.Answer(412, "");
  server_.Answer(412, "");
  EXPECT_TRUE(Send("PUT")->repeated);
  EXPECT_FALSE(Send("PUT")->repeated);
}

// A transport that sent a request twice, because its connection had broken.
TEST_F(Retrying, WhatTheTransportSentTwiceStaysRepeated) {
  class Twice : public Transport {
   public:
    absl::StatusOr<Response> Send(const Request&, Deadline) override {
      Response response;
      response.status = ++sent_ == 1 ? 429 : 412;
      response.repeated = sent_ == 1;
      return response;
    }

   private:
    int sent_ = 0;
  } transport;
  Request request;
  request.method = "PUT";
  request.url = *ParseUrl("https://a.example/x");
  const auto answer = SendWithRetry(transport, clock_, state_, request,
                                    After(clock_, absl::Hours(1)));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 412);
  EXPECT_TRUE(answer->repeated);
}

// A transport that is silent until its deadline, and remembers how long.
class Silent : public Transport {
 public:
  Silent(FakeClock& clock, absl::Status status)
      : clock_(clock), status_(std::move(status)) {}
  absl::StatusOr<Response> Send(const Request&, Deadline deadline) override {
    waited.push_back(absl::FromChrono(deadline - clock_.Monotonic()));
    clock_.SleepUntil(deadline);
    return status_;
  }
  std::vector<absl::Duration> waited;

 private:
  FakeClock& clock_;
  const absl::Status status_;
};

TEST_F(Retrying, ASilentServiceIsNotWaitedForUntilTheEnd) {
  const absl::Status late = absl::DeadlineExceededError("no whole answer");
  const absl::Status lost = absl::UnknownError("not in time");
  const struct {
    const char* method;
    absl::Status status;
    absl::Duration deadline;
    std::vector<absl::Duration> waited;
    absl::StatusCode code;
  } rows[] = {
      {"GET",
       late,
       absl::Hours(1),
       {kTryTimeout, kTryTimeout, kTryTimeout},
       absl::StatusCode::kDeadlineExceeded},
      {"PUT",
       lost,
       absl::Hours(1),
       {kTryTimeout, kTryTimeout, kTryTimeout},
       absl::StatusCode::kUnknown},
      {"GET",
       late,
       absl::Seconds(10),
       {absl::Seconds(10)},
       absl::StatusCode::kDeadlineExceeded},
      // It is sent once; its answer is waited for.
      {"POST",
       lost,
       absl::Minutes(2),
       {absl::Minutes(2)},
       absl::StatusCode::kUnknown},
  };
  for (const auto& row : rows) {
    Silent transport(clock_, row.status);
    Request request;
    request.method = row.method;
    request.url = *ParseUrl("https://a.example/x");
    RetryState state([] { return 0; });
    const auto answer = SendWithRetry(transport, clock_, state, request,
                                      After(clock_, row.deadline));
    EXPECT_EQ(answer.status().code(), row.code) << row.method;
    EXPECT_EQ(transport.waited, row.waited) << row.method;
  }
}

TEST_F(Retrying, TheBudgetIsOneForAll) {
  state_.budget = 1;
  for (int i = 0; i < 3; ++i) server_.Answer(503, "");
  EXPECT_EQ(Send("GET")->status, 503);
  EXPECT_EQ(sent(), 2);
  EXPECT_EQ(Send("GET")->status, 503);
  EXPECT_EQ(sent(), 3);
}

TEST_F(Retrying, PatienceAskedOfOneHoldsAll) {
  server_.Answer(200, "", {{"Retry-After", "30"}});
  server_.Answer(200, "");
  EXPECT_EQ(Send("GET")->status, 200);
  EXPECT_EQ(Send("GET")->status, 200);
  EXPECT_GE(clock_.Now(), kNow + absl::Seconds(30));
}

TEST_F(Retrying, ASpentLimitHoldsUntilItsReset) {
  server_.Answer(
      200, "",
      {{"X-RateLimit-Remaining", "0"},
       {"X-RateLimit-Reset", std::to_string(absl::ToUnixSeconds(kNow) + 90)}});
  server_.Answer(200, "");
  EXPECT_EQ(Send("GET")->status, 200);
  EXPECT_EQ(Send("GET")->status, 200);
  EXPECT_GE(clock_.Now(), kNow + absl::Seconds(90));
}

TEST_F(Retrying, DoesNotWaitBeyondTheDeadline) {
  server_.Answer(200, "", {{"Retry-After", "300"}});
  EXPECT_EQ(Send("GET")->status, 200);
  const auto answer = Send("GET", absl::Seconds(10));
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(sent(), 1);
}

// What would be answered too late is not waited for.
TEST_F(Retrying, NoWaitThatTheDeadlineEnds) {
  server_.Answer(503, "");
  server_.Answer(200, "");
  EXPECT_EQ(Send("GET", absl::Milliseconds(400))->status, 503);
  EXPECT_EQ(sent(), 1);
  EXPECT_EQ(clock_.Now(), kNow);
}

// A clock whose waits a signal ends.
class StoppedClock : public FakeClock {
 public:
  using FakeClock::FakeClock;
  bool SleepUntil(Deadline) override { return false; }
};

TEST(RetryInterrupted, NothingIsSentAfterwards) {
  StoppedClock clock(kNow);
  FakeServer server;
  server.Answer(503, "");
  server.Answer(200, "");
  RetryState state([] { return 0; });
  Request request;
  request.method = "GET";
  request.url = *ParseUrl("https://a.example/x");
  const auto answer = SendWithRetry(*server.NewTransport(), clock, state,
                                    request, After(clock, absl::Hours(1)));
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(server.exchanges().size(), 1u);
}

}  // namespace
}  // namespace patform::http
