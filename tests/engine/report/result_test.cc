#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "engine/base/version.h"
#include "engine/report/events.h"
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
  if (action == Action::kRevoke) {
    change.revoke.emplace_back();
    change.revoke[0].display_name = "a";
    change.revoke[0].reason = Reason::kDeclaredAbsent;
  }
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
  EXPECT_EQ(RenderResult(Plan(), result, Style(false)),
            "\nApply complete! Tokens: 2 created, 1 updated, 1 rotated, 1 "
            "revoked.\n");
  EXPECT_EQ(RenderResult(Plan(), result, Style(true)),
            "\n\x1b[32mApply complete! Tokens: 2 created, 1 updated, 1 "
            "rotated, 1 revoked.\x1b[0m\n");
  result.entries = {
      {ChangeOf(Action::kFinish, "token.a"), OutcomeOf(Kind::kDone)},
      {ChangeOf(Action::kRelease, "token.b"), OutcomeOf(Kind::kDone)}};
  EXPECT_EQ(RenderResult(Plan(), result, Style(false)),
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
  EXPECT_EQ(RenderResult(Plan(), result, Style(false)),
            "\nError: token.b was not created\n"
            "    refused\n"
            "\n"
            "Incomplete: token.c was not rotated to the end\n"
            "    lost\\x1b[2J\n"
            "    done: minted generation 2\n"
            "    left for the next apply: end generation 1\n"
            "\n"
            "Unchanged: token.d was not revoked\n"
            "    not started\n"
            "\n"
            "Apply incomplete. Tokens: 1 created, 0 updated, 0 rotated, 0 "
            "revoked; 1 failed, 1 half-done, 1 not started.\n"
            "Left for the next apply, as listed above: 1 step.\n"
            "Run `patform apply` again: it continues from here.\n");
  result.entries = {{ChangeOf(Action::kUpdate, "token.a"),
                     OutcomeOf(Kind::kFailed, absl::InternalError("x"))},
                    {ChangeOf(Action::kFinish, "token.b"),
                     OutcomeOf(Kind::kFailed, absl::InternalError("x"))},
                    {ChangeOf(Action::kRelease, "token.c"),
                     OutcomeOf(Kind::kFailed, absl::InternalError("x"))}};
  EXPECT_EQ(RenderResult(Plan(), result, Style(false)),
            "\nError: token.a was not updated\n"
            "    x\n"
            "\n"
            "Error: token.b was not finished\n"
            "    x\n"
            "\n"
            "Error: token.c was not released\n"
            "    x\n"
            "\n"
            "Apply incomplete. Tokens: 0 created, 0 updated, 0 rotated, 0 "
            "revoked; 3 failed, 0 not started.\n"
            "Run `patform apply` again: it continues from here.\n");
}

TEST(RenderResultTest, WhatFollowsADelivery) {
  ApplyResult result;
  result.entries = {
      {ChangeOf(Action::kCreate, "token.a"), OutcomeOf(Kind::kDone)}};
  result.follow_ups = {
      {"agents", {"restarted deployment/\x1b[2J"}, absl::OkStatus()},
      {"vault", {}, absl::UnavailableError("no answer")}};
  EXPECT_EQ(RenderResult(Plan(), result, Style(false)),
            "\nApply complete! Tokens: 1 created, 0 updated, 0 rotated, 0 "
            "revoked.\n"
            "After sink.agents: restarted deployment/\\x1b[2J\n"
            "Warning: after the delivery to sink.vault: no answer. The secrets "
            "are in place; their consumers may not know yet.\n");
  EXPECT_EQ(RenderFollowUp(result.follow_ups[1], absl::FromUnixSeconds(0)),
            R"({"format_version":"1.2","timestamp":"1970-01-01T00:00:00Z",)"
            R"("type":"after","@level":"warn","@message":"after sink.vault: )"
            R"(no answer","sink":"vault","done":[],"error":"no answer"})"
            "\n");
}

TEST(RenderResultTest, DoneWithSomethingLeft) {
  ApplyResult result;
  result.entries = {
      {ChangeOf(Action::kRotate, "token.a"),
       OutcomeOf(Kind::kDone, absl::OkStatus(), {"minted generation 3"},
                 {"end generation 2 (0000\n0002), which this plan did not "
                  "name"})}};
  EXPECT_EQ(RenderResult(Plan(), result, Style(false)),
            "\nNote: token.a is done; left for the next apply: end generation "
            "2 (0000\\n0002), which this plan did not name\n"
            "\nApply incomplete. Tokens: 0 created, 0 updated, 1 rotated, 0 "
            "revoked.\n"
            "Left for the next apply, as listed above: 1 step.\n"
            "Run `patform apply` again: it continues from here.\n");
}

TEST(RenderResultTest, DoneWithTokensUndecided) {
  ApplyResult result;
  result.entries = {
      {ChangeOf(Action::kCreate, "token.a"), OutcomeOf(Kind::kDone)}};
  Plan plan;
  plan.changes.deferred.resize(2);
  EXPECT_EQ(RenderResult(plan, result, Style(false)),
            "\nApply incomplete. Tokens: 1 created, 0 updated, 0 rotated, 0 "
            "revoked.\n"
            "2 tokens could not be decided (marked ? above).\n");
}

TEST(RenderResultTest, MaintenanceWhileEditsWait) {
  ApplyResult result;
  result.entries = {
      {ChangeOf(Action::kRotate, "token.a"), OutcomeOf(Kind::kDone)}};
  Plan plan;
  plan.waiting.resize(1);
  EXPECT_EQ(RenderResult(plan, result, Style(false)),
            "\nMaintenance complete! Tokens: 0 created, 0 updated, 1 rotated, "
            "0 revoked.\n"
            "1 change waits for approval, as listed above.\n");
}

// A line of the stream about `type`, from what all lines have to the rest.
std::string Event(const std::string& type, const std::string& level,
                  const std::string& message, const std::string& rest) {
  return absl::StrCat(
      R"({"format_version":"1.2","timestamp":"2027-01-15T08:00:00Z","type":")",
      type, R"(","@level":")", level, R"(","@message":")", message, R"(",)",
      rest, "}\n");
}

constexpr char kOfA[] =
    R"("address":"token.\"a\"","organization":"contoso","action":"rotate",)";

TEST(EventsTest, OfOneChange) {
  const Change change = ChangeOf(Action::kRotate, "token.\"a\"");
  EXPECT_EQ(RenderStarted(change, kNow),
            Event("started", "info", R"(token.\"a\": rotate begins)",
                  absl::StrCat(kOfA, R"("reason":"requested")")));
  Effect effect;
  effect.kind = Effect::Kind::kMint;
  effect.generation = 2;
  EXPECT_EQ(RenderStep(change, effect, kNow),
            Event("step", "info", R"(token.\"a\": minting generation 2)",
                  absl::StrCat(kOfA, R"("step":"minting generation 2")")));
  EXPECT_EQ(
      RenderProgressEvent(change, "minting generation 2", absl::Seconds(71.5),
                          kNow),
      Event(
          "progress", "info",
          R"(token.\"a\": still minting generation 2, 1m 11s elapsed)",
          absl::StrCat(
              kOfA, R"("step":"minting generation 2","elapsed_seconds":71)")));
  EXPECT_EQ(
      RenderEnded(change,
                  OutcomeOf(Kind::kIncomplete, absl::UnknownError("a\nb"),
                            {"x"}, {"y"}),
                  kNow),
      Event("ended", "error", R"(token.\"a\": incomplete: a\\nb)",
            absl::StrCat(kOfA, R"("outcome":"incomplete","error":"a\nb",)",
                         R"("done":["x"],"left":["y"])")));
  EXPECT_EQ(RenderEnded(change, OutcomeOf(Kind::kDone), kNow),
            Event("ended", "info", R"(token.\"a\": done)",
                  absl::StrCat(kOfA, R"("outcome":"done","error":null,)",
                               R"("done":[],"left":[])")));
}

TEST(EventsTest, OfTheRun) {
  EXPECT_EQ(RenderVersionEvent(kNow),
            Event("version", "info", absl::StrCat("patform ", kVersion),
                  absl::StrCat(R"("patform":")", kVersion, "\"")));
  ApplyResult result;
  const Change change = ChangeOf(Action::kRotate, "token.a");
  result.entries = {{change, OutcomeOf(Kind::kDone)},
                    {change, OutcomeOf(Kind::kFailed)},
                    {change, OutcomeOf(Kind::kFailed)}};
  EXPECT_EQ(RenderSummaryEvent(result, kNow),
            Event("summary", "info",
                  "Apply: 1 done, 0 nothing, 2 failed, 0 incomplete, 0 "
                  "interrupted.",
                  R"("done":1,"nothing":0,"failed":2,"incomplete":0,)"
                  R"("interrupted":0,"left":0)"));
}

TEST(EventsTest, Diagnostics) {
  Diagnostic diagnostic;
  diagnostic.severity = Diagnostic::Severity::kWarning;
  diagnostic.where = {"a.toml", 3, 4, 2};
  diagnostic.summary = "odd\x07";
  diagnostic.detail = "do\nthis";
  EXPECT_EQ(RenderDiagnosticEvent(diagnostic, kNow),
            Event("diagnostic", "warn", R"(odd\\x07)",
                  R"("severity":"warning","rule":null,"address":null,)"
                  R"("summary":"odd\u0007","detail":"do\nthis","location":)"
                  R"({"file":"a.toml","line":3,"column":4})"));
  EXPECT_EQ(RenderErrorEvent("lost", kNow),
            Event("diagnostic", "error", "lost",
                  R"("severity":"error","rule":null,"address":null,)"
                  R"("summary":"lost","detail":null,"location":null)"));
}

TEST(EventsTest, ThePlanBeforeItIsDone) {
  Plan plan;
  plan.digest = "sha256:0";
  plan.changes.changes = {ChangeOf(Action::kRevoke, "token.a")};
  plan.changes.changes[0].where = {"a.toml", 3, 4, 2};
  plan.counts = CountActions(plan.changes.changes);
  plan.findings = {{"forbidden_scopes",
                    "token.a",
                    "asks for too much",
                    "ask for less",
                    {"a.toml", 5, 6, 7}}};
  EXPECT_EQ(
      RenderPlannedEvents(plan, kNow),
      Event("planned_change", "info", "token.a: plan to revoke",
            R"("address":"token.a","organization":"contoso","action":"revoke",)"
            R"("reason":"requested","class":"policy","attention":[{"kind":)"
            R"("ends","what":"ends \"a\" )"
            R"((00000000-0000-0000-0000-000000000000, unmanaged) at once, )"
            R"(which would live until 1970-01-01: the configuration says )"
            R"(absent"}],"location":)"
            R"({"file":"a.toml","line":3,"column":4})") +
          Event("diagnostic", "error", "token.a asks for too much",
                R"("severity":"error","rule":"forbidden_scopes",)"
                R"("address":"token.a","summary":"token.a asks for too much",)"
                R"("detail":"ask for less","location":)"
                R"({"file":"a.toml","line":5,"column":6})") +
          Event("change_summary", "info",
                "Plan: 0 to create, 0 to update, 0 to rotate, 1 to revoke.",
                R"("create":0,"update":0,"rotate":0,"revoke":1,"finish":0,)"
                R"("release":0,"unchanged":0,"digest":"sha256:0",)"
                R"("complete":true)"));
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
  const auto watch = [&effect](const ProgressOptions& options) {
    std::ostringstream out;
    FakeClock clock(kNow);
    const std::vector<Change> changes = {ChangeOf(Action::kRotate, "token.a"),
                                         ChangeOf(Action::kCreate, "token.b"),
                                         ChangeOf(Action::kRevoke, "token.c"),
                                         ChangeOf(Action::kUpdate, "token.d")};
    const auto progress = MakeProgress(out, clock, options);
    progress->Started(changes[0]);
    progress->Doing(changes[0], effect);
    clock.Tick(absl::Seconds(65));
    progress->Ended(changes[0], OutcomeOf(Kind::kDone));
    progress->Started(changes[1]);
    progress->Ended(changes[1],
                    OutcomeOf(Kind::kFailed, absl::UnknownError("no\x1b")));
    progress->Started(changes[1]);
    progress->Ended(changes[1], OutcomeOf(Kind::kIncomplete,
                                          absl::CancelledError("interrupted")));
    progress->Started(changes[3]);
    progress->Ended(changes[3], OutcomeOf(Kind::kNothing));
    // What was not begun is in the result alone, as is why one failed.
    progress->Ended(changes[2], OutcomeOf(Kind::kInterrupted,
                                          absl::CancelledError("not started")));
    return out.str();
  };
  const std::string first = "token.a: Rotating...\n";
  EXPECT_EQ(watch({}), first +
                           "token.a: Rotated after 1m 5s\n"
                           "token.b: Creating...\n"
                           "token.b: failed after 0s\n"
                           "token.b: Creating...\n"
                           "token.b: stopped half-way after 0s\n"
                           "token.d: Updating...\n"
                           "token.d: nothing to do any more after 0s\n");
  EXPECT_EQ(watch({Style(false), false, 80, 40}),
            first +
                "token.a: Rotated after 1m 5s (1/40)\n"
                "token.b: Creating...\n"
                "token.b: failed after 0s (2/40)\n"
                "token.b: Creating...\n"
                "token.b: stopped half-way after 0s (3/40)\n"
                "token.d: Updating...\n"
                "token.d: nothing to do any more after 0s (4/40)\n");
  const std::string back = "\x1b[1A\x1b[J";
  const std::string live = watch({Style(false), true, 80, 0});
  EXPECT_EQ(live.substr(0, live.find("token.b")),
            first + "  token.a:  ... 0s\n" + back +
                "  token.a: minting generation 2 ... 0s\n" + back +
                "token.a: Rotated after 1m 5s\n");
  const std::string narrow = watch({Style(false), true, 20, 0});
  EXPECT_EQ(narrow.substr(0, narrow.find("token.b")),
            first + "  token.a:  ... 0s\n" + back + "  token.a: minting \n" +
                back + "token.a: Rotated after 1m 5s\n");
}

// On a terminal every change in hand has a line, and the last has the count and
// what is waited for.
TEST(ProgressTest, LivesOnATerminal) {
  std::ostringstream out;
  FakeClock clock(kNow);
  const Change a = ChangeOf(Action::kRotate, "token.a");
  const Change b = ChangeOf(Action::kCreate, "token.b");
  {
    const auto progress =
        MakeProgress(out, clock, {Style(false), true, 80, 40});
    progress->Started(a);
    progress->Started(b);
    clock.Tick(absl::Seconds(2));
    out.str("");
    progress->Waits({"the service answered 503", absl::Seconds(4), 2, 6});
    progress->Tick();
    EXPECT_EQ(out.str(),
              "\x1b[3A\x1b[J"
              "  token.a:  ... 2s\n"
              "  token.b:  ... 2s\n"
              "  0/40; the service answered 503; trying again in 4s (try 2 of "
              "6)\n");
    out.str("");
    clock.Tick(absl::Seconds(4));
    progress->Ended(a, OutcomeOf(Kind::kDone));
    EXPECT_EQ(out.str(),
              "\x1b[3A\x1b[J"
              "token.a: Rotated after 6s (1/40)\n"
              "  token.b:  ... 6s\n"
              "  1/40\n");
    out.str("");
  }
  EXPECT_EQ(out.str(), "\x1b[2A\x1b[J");
}

// Counts how often something is written, as standard error does it.
class Unbuffered : public std::stringbuf {
 public:
  int writes = 0;

 protected:
  std::streamsize xsputn(const char* text, std::streamsize size) override {
    ++writes;
    return std::stringbuf::xsputn(text, size);
  }
};

// What others write to the same log does not come between a line and its end.
TEST(ProgressTest, ALineIsWrittenInOnePiece) {
  for (const bool terminal : {false, true}) {
    Unbuffered buffer;
    std::ostream out(&buffer);
    FakeClock clock(kNow);
    const Change a = ChangeOf(Action::kRotate, "token.a");
    const auto progress =
        MakeProgress(out, clock, {Style(false), terminal, 80, 2});
    progress->Started(a);
    EXPECT_EQ(buffer.writes, 1);
    progress->Ended(a, OutcomeOf(Kind::kDone));
    EXPECT_EQ(buffer.writes, 2);
  }
}

// In a log and in the stream: with the first tick that finds somebody waiting,
// then every ten seconds.
TEST(ProgressTest, Waits) {
  std::ostringstream text, events;
  FakeClock clock(kNow);
  const auto lines = MakeProgress(text, clock, {});
  const auto stream = MakeEventStream(events, clock);
  const auto wait = [&](const Waiting& waiting, int seconds) {
    for (ApplyProgress* each : {lines.get(), stream.get()}) {
      each->Waits(waiting);
    }
    for (int i = 0; i < seconds; ++i) {
      clock.Tick(absl::Seconds(1));
      for (ApplyProgress* each : {lines.get(), stream.get()}) each->Tick();
    }
  };
  wait({"a short one", absl::Seconds(0.5), 2, 6}, 2);
  wait({"the service limits the rate of requests", absl::Seconds(15)}, 20);
  wait({"down\x1b", absl::Seconds(4), 3, 6}, 5);
  EXPECT_EQ(text.str(),
            "the service limits the rate of requests; going on in 14s\n"
            "the service limits the rate of requests; going on in 4s\n"
            "down\\x1b; trying again in 3s (try 3 of 6)\n");
  EXPECT_EQ(events.str(),
            RenderWaitingEvent(
                {"the service limits the rate of requests", absl::Seconds(14)},
                kNow + absl::Seconds(3)) +
                RenderWaitingEvent({"the service limits the rate of requests",
                                    absl::Seconds(4)},
                                   kNow + absl::Seconds(13)) +
                RenderWaitingEvent({"down\x1b", absl::Seconds(3), 3, 6},
                                   kNow + absl::Seconds(23)));
  EXPECT_EQ(
      RenderWaitingEvent({"down\x1b", absl::Seconds(2.5), 3, 6}, kNow),
      Event("waiting", "warn", R"(down\\x1b; trying again in 3s (try 3 of 6))",
            R"("why":"down\u001b","seconds":3,"attempt":3)"));
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
  const auto stream = MakeEventStream(out, clock);
  stream->Started(change);
  stream->Doing(change, effect);
  stream->Ended(change, OutcomeOf(Kind::kDone));
  EXPECT_EQ(out.str(), RenderStarted(change, kNow) +
                           RenderStep(change, effect, kNow) +
                           RenderEnded(change, OutcomeOf(Kind::kDone), kNow));
}

// What stands still is said to, every ten seconds, and no more often.
TEST(ProgressTest, Heartbeats) {
  std::ostringstream text, events;
  FakeClock clock(kNow);
  const Change a = ChangeOf(Action::kRotate, "token.a");
  const Change b = ChangeOf(Action::kCreate, "token.b");
  Effect effect;
  effect.kind = Effect::Kind::kMint;
  effect.generation = 2;
  const auto lines = MakeProgress(text, clock, {});
  const auto stream = MakeEventStream(events, clock);
  const auto both = [&](const auto& call) {
    call(*lines);
    call(*stream);
  };
  const auto wait = [&](int seconds) {
    for (int i = 0; i < seconds; ++i) {
      clock.Tick(absl::Seconds(1));
      both([](ApplyListener& l) { l.Tick(); });
    }
  };
  both([&](ApplyListener& l) { l.Started(a); });
  wait(4);
  both([&](ApplyListener& l) { l.Doing(a, effect); });
  both([&](ApplyListener& l) { l.Started(b); });
  wait(21);
  both([&](ApplyListener& l) { l.Ended(a, OutcomeOf(Kind::kDone)); });
  wait(9);
  both([&](ApplyListener& l) { l.Ended(b, OutcomeOf(Kind::kDone)); });
  wait(60);
  EXPECT_EQ(text.str(),
            "token.a: Rotating...\n"
            "token.b: Creating...\n"
            "token.a: Still rotating... (minting generation 2, 10s elapsed)\n"
            "token.b: Still creating... (10s elapsed)\n"
            "token.a: Still rotating... (minting generation 2, 20s elapsed)\n"
            "token.b: Still creating... (20s elapsed)\n"
            "token.a: Rotated after 25s\n"
            "token.b: Still creating... (30s elapsed)\n"
            "token.b: Created after 30s\n");
  const auto at = [](int seconds) { return kNow + absl::Seconds(seconds); };
  const std::string minting = "minting generation 2";
  EXPECT_EQ(events.str(),
            RenderStarted(a, at(0)) + RenderStep(a, effect, at(4)) +
                RenderStarted(b, at(4)) +
                RenderProgressEvent(a, minting, absl::Seconds(14), at(14)) +
                RenderProgressEvent(b, "", absl::Seconds(10), at(14)) +
                RenderProgressEvent(a, minting, absl::Seconds(24), at(24)) +
                RenderProgressEvent(b, "", absl::Seconds(20), at(24)) +
                RenderEnded(a, OutcomeOf(Kind::kDone), at(25)) +
                RenderProgressEvent(b, "", absl::Seconds(30), at(34)) +
                RenderEnded(b, OutcomeOf(Kind::kDone), at(34)));
}

}  // namespace
}  // namespace patform
