#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "engine/base/strings.h"
#include "engine/report/json.h"
#include "engine/report/progress.h"
#include "engine/report/text.h"
#include "tests/fakes/fake_clock.h"

namespace patform {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

Change ChangeOf(Action action, const std::string& address) {
  Change change;
  change.action = action;
  change.reason = Reason::kRequested;
  change.address = address;
  change.organization = "contoso";
  return change;
}

Outcome OutcomeOf(Outcome::Kind kind, absl::Status status = absl::OkStatus(),
                  std::vector<std::string> done = {},
                  std::vector<std::string> left = {}) {
  Outcome outcome;
  outcome.kind = kind;
  outcome.status = std::move(status);
  outcome.done = std::move(done);
  outcome.left = std::move(left);
  return outcome;
}

using Kind = Outcome::Kind;

TEST(RenderResultTest, AllDone) {
  ApplyResult result;
  result.entries = {
      {ChangeOf(Action::kCreate, "token.a"), OutcomeOf(Kind::kDone)},
      {ChangeOf(Action::kCreate, "token.b"), OutcomeOf(Kind::kDone)},
      {ChangeOf(Action::kUpdate, "token.c"), OutcomeOf(Kind::kDone)},
      {ChangeOf(Action::kRotate, "token.d"), OutcomeOf(Kind::kDone)},
      {ChangeOf(Action::kRevoke, "token.e"), OutcomeOf(Kind::kDone)},
      {ChangeOf(Action::kRotate, "token.f"), OutcomeOf(Kind::kNothing)}};
  EXPECT_EQ(RenderResult(result, Style(false)),
            "\nApply complete! Tokens: 2 created, 1 updated, 1 rotated, 1 "
            "revoked.\n");
  EXPECT_EQ(RenderResult(result, Style(true)),
            "\n\x1b[32mApply complete! Tokens: 2 created, 1 updated, 1 "
            "rotated, 1 revoked.\x1b[0m\n");
  result.entries = {
      {ChangeOf(Action::kFinish, "token.a"), OutcomeOf(Kind::kDone)},
      {ChangeOf(Action::kRelease, "token.b"), OutcomeOf(Kind::kDone)}};
  EXPECT_EQ(RenderResult(result, Style(false)),
            "\nApply complete! Tokens: 0 created, 0 updated, 0 rotated, 0 "
            "revoked, 1 finished, 1 released.\n");
}

TEST(RenderResultTest, Trouble) {
  ApplyResult result;
  result.entries = {
      {ChangeOf(Action::kCreate, "token.a"), OutcomeOf(Kind::kDone)},
      {ChangeOf(Action::kCreate, "token.b"),
       OutcomeOf(Kind::kFailed, absl::FailedPreconditionError("refused"))},
      {ChangeOf(Action::kRotate, "token.c"),
       OutcomeOf(Kind::kIncomplete, absl::UnknownError("lost\x1b[2J"),
                 {"minted generation 2"}, {"end generation 1"})},
      {ChangeOf(Action::kRevoke, "token.d"),
       OutcomeOf(Kind::kInterrupted, absl::CancelledError("not started"))}};
  EXPECT_EQ(RenderResult(result, Style(false)),
            "\nError: token.b was not created\n"
            "    refused\n"
            "\nIncomplete: token.c was not rotated to the end\n"
            "    lost\\x1b[2J\n"
            "    done: minted generation 2\n"
            "    left for the next apply: end generation 1\n"
            "\nIncomplete: token.d was not revoked\n"
            "    not started\n"
            "\nApply incomplete. Tokens: 1 created, 0 updated, 0 rotated, 0 "
            "revoked; 2 failed, 1 not started.\n"
            "Run `patform apply` again: it goes on from here.\n");
  result.entries = {{ChangeOf(Action::kUpdate, "token.a"),
                     OutcomeOf(Kind::kFailed, absl::InternalError("x"))},
                    {ChangeOf(Action::kFinish, "token.b"),
                     OutcomeOf(Kind::kFailed, absl::InternalError("x"))},
                    {ChangeOf(Action::kRelease, "token.c"),
                     OutcomeOf(Kind::kFailed, absl::InternalError("x"))}};
  EXPECT_EQ(RenderResult(result, Style(false)),
            "\nError: token.a was not updated\n    x\n"
            "\nError: token.b was not finished\n    x\n"
            "\nError: token.c was not released\n    x\n"
            "\nApply incomplete. Tokens: 0 created, 0 updated, 0 rotated, 0 "
            "revoked; 3 failed, 0 not started.\n"
            "Run `patform apply` again: it goes on from here.\n");
}

TEST(RenderResultTest, DoneWithSomethingLeft) {
  ApplyResult result;
  result.entries = {
      {ChangeOf(Action::kRotate, "token.a"),
       OutcomeOf(Kind::kDone, absl::OkStatus(), {"minted generation 3"},
                 {"end generation 2 (0000\n0002), which this plan did not "
                  "name"})}};
  EXPECT_EQ(RenderResult(result, Style(false)),
            "\nNote: token.a is done; left for the next apply: end generation "
            "2 (0000\\n0002), which this plan did not name\n"
            "\nApply complete! Tokens: 0 created, 0 updated, 1 rotated, 0 "
            "revoked.\n");
}

TEST(EventsTest, Lines) {
  const Change change = ChangeOf(Action::kRotate, "token.\"a\"");
  EXPECT_EQ(
      RenderStarted(change, kNow),
      "{\"format_version\":\"1.0\",\"timestamp\":\"2027-01-15T08:00:00Z\","
      "\"type\":\"started\",\"address\":\"token.\\\"a\\\"\",\"organization\":"
      "\"contoso\",\"action\":\"rotate\",\"reason\":\"requested\"}\n");
  Effect effect;
  effect.kind = Effect::Kind::kMint;
  effect.generation = 2;
  EXPECT_EQ(
      RenderStep(change, effect, kNow),
      "{\"format_version\":\"1.0\",\"timestamp\":\"2027-01-15T08:00:00Z\","
      "\"type\":\"step\",\"address\":\"token.\\\"a\\\"\",\"organization\":"
      "\"contoso\",\"action\":\"rotate\",\"step\":\"minting generation 2\"}\n");
  EXPECT_EQ(
      RenderEnded(change,
                  OutcomeOf(Kind::kIncomplete, absl::UnknownError("a\nb"),
                            {"x"}, {"y"}),
                  kNow),
      "{\"format_version\":\"1.0\",\"timestamp\":\"2027-01-15T08:00:00Z\","
      "\"type\":\"ended\",\"address\":\"token.\\\"a\\\"\",\"organization\":"
      "\"contoso\",\"action\":\"rotate\",\"outcome\":\"incomplete\","
      "\"error\":\"a\\nb\",\"done\":[\"x\"],\"left\":[\"y\"]}\n");
  EXPECT_EQ(
      RenderEnded(change, OutcomeOf(Kind::kDone), kNow),
      "{\"format_version\":\"1.0\",\"timestamp\":\"2027-01-15T08:00:00Z\","
      "\"type\":\"ended\",\"address\":\"token.\\\"a\\\"\",\"organization\":"
      "\"contoso\",\"action\":\"rotate\",\"outcome\":\"done\",\"error\":null,"
      "\"done\":[],\"left\":[]}\n");
  ApplyResult result;
  result.entries = {{change, OutcomeOf(Kind::kDone)},
                    {change, OutcomeOf(Kind::kFailed)},
                    {change, OutcomeOf(Kind::kFailed)}};
  EXPECT_EQ(
      RenderSummaryEvent(result, kNow),
      "{\"format_version\":\"1.0\",\"timestamp\":\"2027-01-15T08:00:00Z\","
      "\"type\":\"summary\",\"done\":1,\"nothing\":0,\"failed\":2,"
      "\"incomplete\":0,\"interrupted\":0}\n");
}

TEST(DescribeTest, EveryEffect) {
  Change change = ChangeOf(Action::kRotate, "token.a");
  change.deliver.resize(2);
  change.deliver[1].sink = "agents";
  change.deliver[1].at = ".env\x07";
  change.deliver[1].key = "PAT";
  using E = Effect::Kind;
  const std::vector<std::pair<E, const char*>> rows = {
      {E::kNone, ""},
      {E::kCheckSinks, "checking the sinks"},
      {E::kReadRecords, "reading the sinks' records"},
      {E::kLook, "looking again"},
      {E::kMint, "minting generation 4"},
      {E::kDeliver, "delivering to agents:.env\\x07#PAT"},
      {E::kReadBack, "reading the sinks' records"},
      {E::kUpdate, "updating"},
      {E::kRetire, "retiring 00000000"},
      {E::kRevoke, "revoking 00000000"},
      {E::kDone, ""},
  };
  for (const auto& [kind, want] : rows) {
    Effect effect;
    effect.kind = kind;
    effect.place = 1;
    effect.generation = 4;
    EXPECT_EQ(Describe(change, effect), want);
  }
}

TEST(ProgressTest, PlainAndTerminal) {
  Effect effect;
  effect.kind = Effect::Kind::kMint;
  effect.generation = 2;
  const auto watch = [&effect](bool terminal, int columns) {
    std::ostringstream out;
    FakeClock clock(kNow);
    const std::vector<Change> changes = {ChangeOf(Action::kRotate, "token.a"),
                                         ChangeOf(Action::kCreate, "token.b"),
                                         ChangeOf(Action::kRevoke, "token.c"),
                                         ChangeOf(Action::kUpdate, "token.d")};
    const std::unique_ptr<ApplyListener> progress =
        MakeProgress(out, clock, Style(false), terminal, columns);
    progress->Started(changes[0]);
    progress->Doing(changes[0], effect);
    clock.Tick(absl::Seconds(65));
    progress->Ended(changes[0], OutcomeOf(Kind::kDone));
    progress->Started(changes[1]);
    progress->Ended(changes[1],
                    OutcomeOf(Kind::kFailed, absl::UnknownError("no\x1b")));
    progress->Started(changes[3]);
    progress->Ended(changes[3], OutcomeOf(Kind::kNothing));
    progress->Ended(changes[2], OutcomeOf(Kind::kInterrupted,
                                          absl::CancelledError("not started")));
    return out.str();
  };
  const std::string rest =
      "token.a: Rotated after 1m 5s\n"
      "token.b: Creating...\n"
      "token.b: failed after 0s: no\\x1b\n"
      "token.d: Updating...\n"
      "token.d: nothing to do any more\n"
      "token.c: not started\n";
  EXPECT_EQ(watch(false, 80), "token.a: Rotating...\n" + rest);
  EXPECT_EQ(watch(true, 80),
            "token.a: Rotating...\n"
            "\r\x1b[K  token.a: minting generation 2 ...\r\x1b[K" +
                rest);
  EXPECT_EQ(watch(true, 20),
            "token.a: Rotating...\n"
            "\r\x1b[K  token.a: minting \r\x1b[K" +
                rest);
}

TEST(JsonTest, IsUtf8WhateverAPathIsMadeOf) {
  Plan plan;
  Finding finding;
  finding.rule = "r";
  finding.where = {"teams/\xff.toml", 1, 1, 1};
  plan.findings = {finding};
  const std::string json = RenderPlanJson(plan);
  EXPECT_TRUE(IsValidUtf8(json)) << json;
  EXPECT_NE(json.find("\"teams/\xef\xbf\xbd.toml\""), std::string::npos)
      << json;
}

TEST(ProgressTest, EventStream) {
  std::ostringstream out;
  FakeClock clock(kNow);
  const Change change = ChangeOf(Action::kRevoke, "token.a");
  Effect effect;
  effect.kind = Effect::Kind::kRevoke;
  const std::unique_ptr<ApplyListener> stream = MakeEventStream(out, clock);
  stream->Started(change);
  stream->Doing(change, effect);
  stream->Ended(change, OutcomeOf(Kind::kDone));
  EXPECT_EQ(out.str(), RenderStarted(change, kNow) +
                           RenderStep(change, effect, kNow) +
                           RenderEnded(change, OutcomeOf(Kind::kDone), kNow));
}

}  // namespace
}  // namespace patform
