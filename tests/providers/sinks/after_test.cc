#include "providers/sinks/after.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/status.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_sink.h"
#include "tests/fakes/fake_transport.h"

namespace patform::sinks {
namespace {

// Runs nothing; keeps what it was asked.
class FakePrograms : public Programs {
 public:
  absl::StatusOr<ProgramResult> Run(const ProgramCall& call,
                                    Deadline) override {
    calls.push_back(absl::StrCat(absl::StrJoin(call.words, " "), " | ",
                                 absl::StrJoin(call.variables, " | "),
                                 call.input == nullptr ? "" : " | input"));
    if (!status.ok()) return status;
    ProgramResult result;
    result.exit_code = exit_code;
    result.errors = "what the program says of hunter2";
    return result;
  }

  std::vector<std::string> calls;
  absl::Status status;
  int exit_code = 0;
};

class AfterTest : public testing::Test {
 protected:
  AfterTest() {
    config_.name = "agents";
    config_.settings["after_exec"] =
        std::vector<std::string>{"./restart.sh", "--all"};
    config_.settings["after_webhook"] =
        std::string("https://hooks.example/T0/secret");
    grants_.hosts = {"hooks.example"};
    grants_.programs = true;
    machine_.clock = &clock_;
    machine_.grants = &grants_;
    machine_.programs = &programs_;
    machine_.new_transport = [this] { return server_.NewTransport(); };
    machine_.random = [] { return uint64_t{1}; };
  }

  absl::StatusOr<std::unique_ptr<SecretSink>> Open() {
    return WithAfter({config_, &auth_, machine_},
                     std::make_unique<FakeSink>(misfortune_, true));
  }
  // "" or the error, after what was done.
  std::string Follow() {
    Delivery one, two;
    one.sink = two.sink = "agents";
    one.at = "a";
    two.at = "b";
    two.key = "K";
    const auto sink = Open();
    if (!sink.ok()) return std::string(sink.status().message());
    const auto done =
        (*sink)->After({one, two}, After(clock_, absl::Minutes(5)));
    return done.ok()
               ? absl::StrJoin(*done, "; ")
               : absl::StrCat("error: ", std::string(done.status().message()));
  }

  FakeClock clock_{absl::FromUnixSeconds(1796000000)};
  http::FakeServer server_;
  Grants grants_;
  FakePrograms programs_;
  Machine machine_;
  SinkConfig config_;
  AuthConfig auth_;
  Misfortune misfortune_;
};

TEST_F(AfterTest, BothAreDoneOnce) {
  server_.Answer(204, "");
  EXPECT_EQ(Follow(), "ran ./restart.sh; called the webhook");
  EXPECT_EQ(programs_.calls,
            std::vector<std::string>{"./restart.sh --all | PATFORM_SINK=agents "
                                     "| PATFORM_PLACES=agents:a\nagents:b#K"});
  ASSERT_EQ(server_.exchanges().size(), 1u);
  EXPECT_EQ(server_.exchanges()[0].Line(), "POST hooks.example/T0/secret");
  EXPECT_EQ(server_.exchanges()[0].body,
            "{\"event\":\"delivered\",\"sink\":\"agents\",\"places\":["
            "\"agents:a\",\"agents:b#K\"]}");
}

// The address may have a secret in it, and so may what a program prints.
TEST_F(AfterTest, OneThatFailsDoesNotKeepTheOtherBack) {
  programs_.exit_code = 3;
  server_.Answer(500, "<html>");
  EXPECT_EQ(Follow(), "error: after_exec ./restart.sh ended with exit code 3");
  EXPECT_EQ(server_.exchanges().size(), 1u);
  programs_.exit_code = 0;
  server_.Answer(403, "{}");
  EXPECT_EQ(Follow(),
            "error: sink \"agents\": after_webhook: hooks.example answered "
            "403");
  programs_.status = absl::DeadlineExceededError("it took too long");
  server_.Answer(200, "{}");
  EXPECT_EQ(Follow(), "error: after_exec ./restart.sh: it took too long");
}

// An apply that was interrupted begins nothing new, and tells what it left.
TEST_F(AfterTest, NothingOnceTheTimeIsUp) {
  const auto sink = Open();
  ASSERT_TRUE(sink.ok());
  EXPECT_EQ((*sink)->After({Delivery()}, clock_.Monotonic()).status(),
            absl::DeadlineExceededError("not called: there was no time left"));
  EXPECT_TRUE(programs_.calls.empty());
  EXPECT_TRUE(server_.exchanges().empty());
}

TEST_F(AfterTest, NothingWithoutPermission) {
  grants_.programs = false;
  EXPECT_EQ(Follow(),
            "sink \"agents\": after_exec names a program, and nobody allowed "
            "programs. If it is yours, allow it: --allow-programs or "
            "PATFORM_ALLOW_PROGRAMS");
  grants_.programs = true;
  grants_.hosts.clear();
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(programs_.calls.empty());
  EXPECT_TRUE(server_.exchanges().empty());
}

TEST_F(AfterTest, NothingWhereNothingIsWanted) {
  config_.settings.clear();
  grants_ = Grants();
  EXPECT_EQ(Follow(), "");
}

}  // namespace
}  // namespace patform::sinks
