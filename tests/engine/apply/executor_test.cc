// Apply() against the fakes: which calls it makes, in which order, and what
// comes of it.
#include "engine/apply/executor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <new>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/apply/remaining.h"
#include "tests/fakes/dump.h"
#include "tests/fakes/world.h"

namespace patform {
namespace {

using Kind = Misfortune::Kind;

class ApplyTest : public ::testing::Test {
 protected:
  ApplyTest() {
    world_.AddSink("main");
    world_.AddSink("other");
  }
  // The calls of the last run that wrote, one a line.
  std::string Writes() {
    std::string text;
    for (const std::string& call : world_.misfortune.log) {
      if (call.compare(0, 4, "list") == 0 || call.compare(0, 4, "read") == 0 ||
          call.compare(0, 5, "check") == 0 || call.compare(0, 3, "GET") == 0) {
        continue;
      }
      absl::StrAppend(&text, call, "\n");
    }
    return text;
  }
  std::string Run(const std::set<std::string>& rotate = {}) {
    world_.misfortune.log.clear();
    return world_.Run(rotate);
  }
  void Rule(const std::string& call, Kind kind, int nth = 1) {
    world_.misfortune.Clear();
    world_.misfortune.rules = {
        {call, nth, kind, absl::FailedPreconditionError("refused")}};
  }

  FakeWorld world_;
};

TEST_F(ApplyTest, CreateReadsThenMintsThenDelivers) {
  world_.Declare("ci", {"main:ci", "other:ci"});
  EXPECT_EQ(Run(),
            "token.ci done: minted generation 1 (a0001eef); delivered to "
            "other:ci; delivered to main:ci\n");
  EXPECT_EQ(absl::StrJoin(world_.misfortune.log, "\n"),
            "list active\n"
            "read main:ci\n"
            "read other:ci\n"
            "check main:ci\n"
            "check other:ci\n"
            "read main:ci\n"
            "read other:ci\n"
            "POST ci gen 1\n"
            "put other:ci\n"
            "put main:ci");
  const FakeService::Row& row = world_.service().rows[0];
  EXPECT_EQ(row.token.display_name, "ci ~pf:w#1.nonce0000001pd5w");
  EXPECT_EQ(row.token.valid_to, world_.clock.Now() + absl::Hours(30 * 24));
  for (const char* sink : {"main", "other"}) {
    const FakeSink::Entry& entry =
        world_.sinks[sink]->entries[absl::StrCat(sink, ":ci")];
    EXPECT_EQ(entry.value, "not-a-pat-1");
    EXPECT_EQ(entry.record.id, row.token.id);
    EXPECT_EQ(entry.record.generation, 1);
    EXPECT_EQ(entry.record.workspace, "w");
    EXPECT_EQ(entry.record.organization, "contoso");
    EXPECT_EQ(entry.record.token, "ci");
    EXPECT_EQ(entry.record.address, absl::StrCat(sink, ":ci"));
    EXPECT_EQ(entry.record.user_oid, world_.user_oid);
    EXPECT_EQ(entry.record.valid_to, row.token.valid_to);
    EXPECT_EQ(entry.record.written_at, world_.clock.Now());
  }
  EXPECT_EQ(Run(), "");
}

// A service that takes its time is asked again; one that refuses for good costs
// the new token and nothing else.
TEST_F(ApplyTest, ASecretIsProvenBeforeItIsDelivered) {
  DesiredToken& token = world_.Declare("ci", {"main:ci"});
  token.verify = true;
  Rule("prove", Kind::kFail);
  world_.misfortune.rules[0].status = absl::UnauthenticatedError("not yet");
  EXPECT_NE(Run().find("proved that the new secret works"), std::string::npos);
  EXPECT_EQ(Writes(), "POST ci gen 1\nprove\nprove\nput main:ci\n");
  Rule("prove", Kind::kFail, 0);
  world_.misfortune.rules[0].status = absl::UnauthenticatedError("never");
  const std::string outcome = Run({"ci"});
  EXPECT_NE(outcome.find("never"), std::string::npos) << outcome;
  EXPECT_EQ(Writes(),
            "POST ci gen 2\nprove\nprove\nprove\nprove\nprove\nDELETE ci "
            "gen 2\n");
}

// Once a store, before anything is revoked, and never fatal.
TEST_F(ApplyTest, StoresFollowUpWhatWasDelivered) {
  world_.Declare("a", {"main:a", "other:a"});
  world_.Declare("b", {"main:b"});
  world_.sinks["main"]->follow_up = {"restarted deployment/agents"};
  Rule("put main:b", Kind::kFail);
  const auto run = [&] {
    const Plan plan = world_.PlanNow();
    std::string text;
    for (const ApplyResult::FollowUp& each : world_.Apply(plan).follow_ups) {
      absl::StrAppend(&text, each.sink, ": ", absl::StrJoin(each.done, "; "),
                      std::string(each.status.message()), "\n");
    }
    return text;
  };
  EXPECT_EQ(run(), "main: restarted deployment/agents\n");
  EXPECT_EQ(world_.misfortune.log.back(), "after main:a");
  Rule("after", Kind::kFail);
  EXPECT_EQ(run(), "main: refused\n");
  // Nothing new, nothing to follow up.
  EXPECT_EQ(run(), "");
}

TEST_F(ApplyTest, SecretsAreEncodedForTheirPlace) {
  DesiredToken& token = world_.Declare("ci", {"main:a", "main:b", "main:c"});
  token.deliver[1].encoding = Encoding::kBase64;
  token.deliver[2].encoding = Encoding::kBasic;
  Run();
  auto& entries = world_.sinks["main"]->entries;
  EXPECT_EQ(entries["main:a"].value, "not-a-pat-1");
  EXPECT_EQ(entries["main:b"].value, "bm90LWEtcGF0LTE=");
  EXPECT_EQ(entries["main:c"].value, "Om5vdC1hLXBhdC0x");
}

// The look of a token that has to decide again knows the other tables, too:
// what was nobody's when the plan was made may be theirs by now.
TEST_F(ApplyTest, ASecondLookSeesTheOtherTables) {
  const AuthorizationId old = world_.service().AddStranger(
      "old", "vso.code", absl::Hours(24), absl::Hours(24 * 60));
  world_.Declare("ci", {"main:ci"}).replaces = {old};
  world_.Declare("other", {"main:other"});
  Rule("POST ci", Kind::kLoseRequest);
  world_.misfortune.before_call = [&] {
    for (const std::string& call : world_.misfortune.log) {
      if (!absl::StartsWith(call, "POST ci")) continue;
      world_.service().Find(old)->token.display_name = "other";
    }
  };
  EXPECT_EQ(Run(),
            "token.ci done: sent a create for generation 1 whose answer was "
            "lost; if it lives, its mark shows it and it is collected; minted "
            "generation 1 (a0003dde); delivered to main:ci\n"
            "token.other done: minted generation 1 (a0005ccd); delivered to "
            "main:other\n");
  EXPECT_EQ(world_.service().Find(old)->writes, 0);
}

TEST_F(ApplyTest, RotateRetiresOrRevokes) {
  world_.Declare("ci", {"main:ci"});
  Run();
  Run({"ci"});
  EXPECT_EQ(Writes(), "POST ci gen 2\nput main:ci\nPUT ci gen 1\n");
  EXPECT_EQ(world_.service().rows[0].token.valid_to,
            world_.clock.Now() + absl::Hours(24));
  EXPECT_EQ(Run(), "");
  world_.Declared("ci").grace = absl::ZeroDuration();
  Run({"ci"});
  EXPECT_EQ(Writes(),
            "POST ci gen 3\nput main:ci\nDELETE ci gen 1\nDELETE ci gen 2\n");
  EXPECT_EQ(world_.service().LiveMinted(), 1);
}

TEST_F(ApplyTest, UpdateRevokeReleaseFinish) {
  world_.Declare("scopes", {"main:scopes"});
  world_.Declare("gone", {"main:gone"});
  world_.Declare("free", {"main:free"});
  world_.Declare("left", {"main:left"});
  Run();
  Rule("PUT left", Kind::kCrashBefore);
  world_.clock.Tick(absl::Hours(1));
  EXPECT_EQ(Run({"left"}), "crashed");
  world_.misfortune.Clear();
  world_.Declared("scopes").scopes = ScopeSet::Of({"vso.work"});
  world_.Declared("free").ensure = Ensure::kReleased;
  world_.desired.tokens.erase(world_.desired.tokens.begin() + 1);
  EXPECT_EQ(Run(),
            "token.scopes done: updated in place\n"
            "token.free done: took the mark off\n"
            "token.left done: retired generation 1 (a0007bbc): it ends "
            "2027-01-16 09:00 UTC\n"
            "token.gone done: revoked generation 1 (a0003dde)\n");
  EXPECT_EQ(Writes(),
            "PUT scopes gen 1\nPUT free gen 1\nPUT left gen 1\nDELETE gone gen "
            "1\n");
  EXPECT_EQ(world_.service().rows[2].token.display_name, "free");
  EXPECT_EQ(Run(), "");
}

// A service whose updates are answered with a new secret.
TEST_F(ApplyTest, AnUpdateThatRenewsTheSecretIsDelivered) {
  world_.AddSink("side");
  world_.Declare("ci", {"main:ci", "side:ci"});
  Run();
  world_.service().renews = true;
  const std::string old = world_.sinks["main"]->entries["main:ci"].value;
  world_.Declared("ci").scopes = ScopeSet::Of({"vso.work"});
  EXPECT_EQ(Run(),
            "token.ci done: updated in place; got a new secret from the "
            "service, and the old one works no longer; delivered to side:ci; "
            "delivered to main:ci\n");
  for (const char* place : {"main", "side"}) {
    const FakeSink::Entry& entry =
        world_.sinks[place]->entries[std::string(place) + ":ci"];
    EXPECT_EQ(entry.value, old + "-again");
    EXPECT_EQ(entry.record.generation, 1);
    EXPECT_TRUE(entry.record.renewed_by_update);
  }
  EXPECT_EQ(world_.Broken(), "");
  EXPECT_EQ(Run(), "");
  // From now on each plan shows it; a rotation delivers what lasts.
  world_.Declared("ci").scopes = ScopeSet::Of({"vso.wiki"});
  EXPECT_EQ(Run(),
            "token.ci done: minted generation 2 (a0003dde); delivered to "
            "side:ci; delivered to main:ci; retired generation 1 (a0001eef): "
            "it ends 2027-01-16 08:00 UTC; the service gave generation 1 "
            "(a0001eef) a new secret with that: the old one has no grace\n");
  // Whoever reads only the records of today knows it, too.
  for (const char* place : {"main", "side"}) {
    EXPECT_TRUE(world_.sinks[place]
                    ->entries[std::string(place) + ":ci"]
                    .record.renewed_by_update);
  }
  EXPECT_EQ(Run(), "");
}

// Nobody has what the lost answer held; the next one holds what counts.
TEST_F(ApplyTest, AnUpdateWhoseAnswerIsLostIsSentAgain) {
  world_.Declare("ci", {"main:ci"});
  Run();
  world_.service().renews = true;
  world_.Declared("ci").scopes = ScopeSet::Of({"vso.work"});
  Rule("PUT", Kind::kLoseAnswer);
  EXPECT_EQ(Run(),
            "token.ci done: updated in place; got a new secret from the "
            "service, and the old one works no longer; delivered to main:ci\n");
  EXPECT_EQ(Writes(), "PUT ci gen 1\nPUT ci gen 1\nput main:ci\n");
  EXPECT_EQ(world_.sinks["main"]->entries["main:ci"].value,
            "not-a-pat-1-again-again");
}

// The run dies between two places: their records differ.
TEST_F(ApplyTest, ARenewedSecretInOnePlaceOfTwo) {
  world_.AddSink("side");
  world_.Declare("ci", {"main:ci", "side:ci"});
  Run();
  world_.service().renews = true;
  world_.Declared("ci").scopes = ScopeSet::Of({"vso.work"});
  Rule("put main", Kind::kCrashBefore);
  EXPECT_EQ(Run(), "crashed");
  world_.misfortune.Clear();
  EXPECT_TRUE(absl::StartsWith(
      Run(),
      "token.ci done: minted generation 2 (a0003dde); delivered to "
      "side:ci; delivered to main:ci; "));
  EXPECT_EQ(world_.Broken(), "");
  EXPECT_EQ(Run(), "");
}

TEST_F(ApplyTest, ARenewedSecretThatNoPlaceTakesEndsItsToken) {
  world_.Declare("ci", {"main:ci"});
  Run();
  world_.service().renews = true;
  world_.Declared("ci").scopes = ScopeSet::Of({"vso.work"});
  world_.misfortune.rules = {
      {"put", 1, Kind::kFail, absl::UnavailableError("no room")}};
  EXPECT_TRUE(absl::StrContains(
      Run(), "revoked generation 1 (a0001eef), which could not be delivered"));
  world_.misfortune.Clear();
  // The next one finds that it is gone.
  EXPECT_TRUE(absl::StrContains(Run(), "minted generation 2"));
  EXPECT_EQ(world_.Broken(), "");
}

// Nobody has the new one.
TEST_F(ApplyTest, ARenewedSecretWithoutAPlaceIsReported) {
  world_.Declare("ci", {"main:ci"});
  Run();
  world_.service().renews = true;
  world_.Declared("ci").ensure = Ensure::kReleased;
  EXPECT_TRUE(
      absl::StrContains(Run(), "whoever uses the token needs another one"));
}

TEST_F(ApplyTest, ALostAnswerToTheCreateIsNotSentAgain) {
  world_.Declare("ci", {"main:ci"});
  Rule("POST", Kind::kLoseAnswer);
  EXPECT_EQ(Run(),
            "token.ci done: sent a create for generation 1 whose answer was "
            "lost; if it lives, its mark shows it and it is collected; minted "
            "generation 2 (a0003dde); delivered to main:ci | left: end "
            "generation 1 (a0001eef), which this plan did not name\n");
  EXPECT_EQ(Writes(), "POST ci gen 1\nPOST ci gen 2\nput main:ci\n");
  EXPECT_EQ(Run(),
            "token.ci done: retired generation 1 (a0001eef): it ends "
            "2027-01-16 08:00 UTC\n");
  // The request had not arrived: the same generation, another nonce.
  FakeWorld other;
  other.AddSink("main");
  other.Declare("ci", {"main:ci"});
  other.misfortune.rules = {{"POST", 1, Kind::kLoseRequest, {}}};
  other.Run();
  ASSERT_EQ(other.service().rows.size(), 1u);
  EXPECT_EQ(other.service().rows[0].token.display_name,
            "ci ~pf:w#1.nonce0000002u5cn");
}

TEST_F(ApplyTest, AListThatLagsBehindALostCreate) {
  world_.Declare("ci", {"main:ci"});
  world_.service().list_lag = 3;
  Rule("POST", Kind::kLoseAnswer);
  Run();
  world_.misfortune.Clear();
  for (int i = 0; i < 5; ++i) {
    Run();
    ASSERT_EQ(world_.Broken(), "");
    world_.clock.Tick(absl::Hours(1));
  }
  EXPECT_EQ(Run(), "");
  world_.clock.Tick(absl::Hours(25));
  EXPECT_EQ(world_.Summary(),
            "ci gen 1 expired\nci gen 1 active\nmain:ci holds gen 1\n");
}

TEST_F(ApplyTest, ALostWriteIsReadBack) {
  world_.Declare("ci", {"main:ci"});
  Rule("put", Kind::kLoseAnswer);
  EXPECT_EQ(Run(),
            "token.ci done: minted generation 1 (a0001eef); delivered to "
            "main:ci\n");
  EXPECT_EQ(Writes(), "POST ci gen 1\nput main:ci\n");
  Rule("put", Kind::kLoseRequest);
  EXPECT_EQ(Run({"ci"}),
            "token.ci done: minted generation 2 (a0003dde); delivered to "
            "main:ci; retired generation 1 (a0001eef): it ends 2027-01-16 "
            "08:00 UTC\n");
  EXPECT_EQ(Writes(),
            "POST ci gen 2\nput main:ci\nput main:ci\nPUT ci gen 1\n");
}

TEST_F(ApplyTest, AConflictIsUndoneAndDecidedAnew) {
  world_.Declare("ci", {"main:ci"});
  Run();
  // Another run delivers between our mint and our write.
  FakeSink& sink = *world_.sinks["main"];
  bool done = false;
  world_.misfortune.after_call = [&] {
    if (done || world_.misfortune.log.back() != "POST ci gen 2") return;
    done = true;
    CreateRequest request;
    request.display_name = "ci ~pf:w#2.another000000000";
    request.scopes = ScopeSet::Of({"vso.build", "vso.code"});
    request.valid_to = world_.clock.Now() + absl::Hours(30 * 24);
    const Minted minted = *world_.service().Create(request);
    FakeSink::Entry& entry = sink.entries["main:ci"];
    entry.record.id = minted.token.id;
    entry.record.generation = 2;
    entry.value = std::string(minted.secret.Reveal());
    entry.version = "theirs";
  };
  EXPECT_EQ(Run({"ci"}),
            "token.ci done: minted generation 2 (a0003dde); revoked generation "
            "2 (a0003dde), which could not be delivered; retired generation 1 "
            "(a0001eef): it ends 2027-01-16 08:00 UTC\n");
  EXPECT_EQ(world_.Broken(), "");
  EXPECT_EQ(world_.Summary(),
            "ci gen 1 active\nci gen 2 revoked\nci gen 2 active\nmain:ci holds "
            "gen 2\n");
  EXPECT_EQ(Run(), "");
}

TEST_F(ApplyTest, ASecondaryFailsOrThePrimaryDoes) {
  world_.Declare("ci", {"main:ci", "other:ci"});
  Run();
  Rule("put other", Kind::kFail);
  EXPECT_EQ(Run({"ci"}),
            "token.ci failed (refused): minted generation 2 (a0003dde); "
            "revoked generation 2 (a0003dde), which could not be delivered\n");
  EXPECT_EQ(world_.Broken(), "");
  Rule("put main", Kind::kFail);
  EXPECT_EQ(Run({"ci"}),
            "token.ci incomplete (refused): minted generation 2 (a0005ccd); "
            "delivered to other:ci | left: make a new generation: generation 2 "
            "(a0005ccd) may be in a sink and stays alive until then; end "
            "generation 1 (a0001eef)\n");
  EXPECT_EQ(world_.Broken(), "");
  world_.misfortune.Clear();
  EXPECT_EQ(Run(),
            "token.ci done: minted generation 3 (a0007bbc); delivered to "
            "other:ci; delivered to main:ci; retired generation 1 (a0001eef): "
            "it ends 2027-01-16 08:00 UTC; retired generation 2 (a0005ccd): it "
            "ends 2027-01-16 08:00 UTC\n");
}

TEST_F(ApplyTest, NothingIsMintedForASinkThatCannotBeWritten) {
  world_.Declare("ci", {"main:ci", "other:ci"});
  Rule("check other", Kind::kFail);
  EXPECT_EQ(Run(),
            "token.ci failed (other:ci cannot be written, so nothing was "
            "minted: refused)\n");
  EXPECT_EQ(Writes(), "");
}

TEST_F(ApplyTest, TheUserInterruptsAtEveryStep) {
  // The run has 9 calls after the plan; whenever it is stopped, the next run
  // brings everything to rest, and nothing is served that is dead.
  for (int at = 0; at <= 12; ++at) {
    FakeWorld world;
    world.AddSink("main");
    world.AddSink("other");
    world.Declare("ci", {"main:ci", "other:ci"});
    world.Run();
    const Plan plan = world.PlanNow({"ci"});
    world.misfortune.log.clear();
    world.stop = [&] {
      return static_cast<int>(world.misfortune.log.size()) >= at;
    };
    const ApplyResult result = world.Apply(plan);
    ASSERT_EQ(world.Broken(), "") << at;
    const Outcome::Kind kind = result.entries[0].outcome.kind;
    const bool minted = world.service().rows.size() > 1;
    EXPECT_EQ(kind, !minted  ? Outcome::Kind::kInterrupted
                    : at < 8 ? Outcome::Kind::kIncomplete
                             : Outcome::Kind::kDone)
        << at << " " << Dump(result.entries[0].outcome);
    EXPECT_EQ(minted, at > 4) << at;
    world.stop = [] { return false; };
    world.Run();
    EXPECT_EQ(world.Run(), "") << at;
    world.clock.Tick(absl::Hours(25));
    EXPECT_EQ(world.service().LiveMinted(), 1) << at;
  }
}

// Eleven ends of one token, of which two are made, and changes not begun.
TEST_F(ApplyTest, AnInterruptionSaysAllThatIsLeft) {
  world_.Declare("ci", {"main:ci"});
  for (int i = 0; i < 11; ++i) Run({"ci"});
  world_.Declare("new", {"main:new", "other:new"});
  const auto stop_after = [this](const std::string& call, int times) {
    world_.stop = [this, call, times] {
      return std::count_if(world_.misfortune.log.begin(),
                           world_.misfortune.log.end(),
                           [&call](const std::string& line) {
                             return absl::StartsWith(line, call);
                           }) >= times;
    };
  };
  world_.Declared("ci").ensure = Ensure::kAbsent;
  Plan plan = world_.PlanNow();
  world_.misfortune.log.clear();
  stop_after("DELETE", 2);
  ApplyResult result = world_.Apply(plan);
  ASSERT_EQ(result.entries.size(), 2u);
  const ApplyResult::Entry& ends = result.entries[0].change.name == "ci"
                                       ? result.entries[0]
                                       : result.entries[1];
  EXPECT_EQ(ends.outcome.kind, Outcome::Kind::kIncomplete);
  EXPECT_EQ(ends.outcome.done.size(), 2u);
  EXPECT_EQ(ends.outcome.left.size(), 9u) << Dump(ends.outcome);
  EXPECT_EQ(result.StepsLeft(), 9);
  // A request that was broken off hides none of those behind it.
  stop_after("DELETE", 1'000);
  plan = world_.PlanNow();
  Rule("DELETE", Kind::kFail, 3);
  result = world_.Apply(plan);
  EXPECT_EQ(result.entries.back().outcome.left.size(), 7u)
      << Dump(result.entries.back().outcome);
}

TEST_F(ApplyTest, WhatHoldsASecretIsRunToTheEnd) {
  // The ports refuse to begin anything once the user has interrupted, but what
  // delivers, reads back or undoes.
  for (const bool delivers : {true, false}) {
    FakeWorld world;
    world.AddSink("main");
    world.Declare("ci", {"main:ci"});
    const Plan plan = world.PlanNow();
    world.misfortune.log.clear();
    if (!delivers) {
      world.misfortune.rules = {{"put main:ci", 1, Kind::kFail,
                                 absl::FailedPreconditionError("disk full")}};
    }
    std::vector<std::string> shielded;
    world.uninterrupted = [&](absl::FunctionRef<void()> call) {
      const size_t before = world.misfortune.log.size();
      call();
      for (size_t i = before; i < world.misfortune.log.size(); ++i) {
        shielded.push_back(world.misfortune.log[i].substr(0, 6));
      }
    };
    const ApplyResult result = world.Apply(plan);
    EXPECT_EQ(result.entries[0].outcome.kind,
              delivers ? Outcome::Kind::kDone : Outcome::Kind::kFailed);
    EXPECT_EQ(absl::StrJoin(shielded, "|"),
              delivers ? "put ma" : "put ma|GET ci|DELETE");
  }
}

TEST_F(ApplyTest, OneFailureDoesNotStopTheOthers) {
  for (const char* name : {"a", "b", "c"}) {
    world_.Declare(name, {absl::StrCat("main:", name)});
  }
  Rule("POST b", Kind::kFail);
  EXPECT_EQ(Run(),
            "token.a done: minted generation 1 (a0001eef); delivered to "
            "main:a\n"
            "token.b failed (refused)\n"
            "token.c done: minted generation 1 (a0003dde); delivered to "
            "main:c\n");
}

TEST_F(ApplyTest, NothingMoreIsBegunWhenTheSignInIsRefused) {
  for (const char* name : {"a", "b", "c", "d"}) {
    world_.Declare(name, {absl::StrCat("main:", name)});
  }
  world_.misfortune.Clear();
  world_.misfortune.rules = {
      {"POST", 2, Kind::kFail, absl::UnauthenticatedError("expired")}};
  EXPECT_EQ(Run(),
            "token.a done: minted generation 1 (a0001eef); delivered to "
            "main:a\n"
            "token.b failed (expired)\n"
            "token.c interrupted (not started, because the service does not "
            "accept the sign-in any more) | left: mint generation 1; deliver "
            "to main:c\n"
            "token.d interrupted (not started, because the service does not "
            "accept the sign-in any more) | left: mint generation 1; deliver "
            "to main:d\n");
  EXPECT_EQ(Writes(), "POST a gen 1\nput main:a\nPOST b gen 1\n");
}

TEST_F(ApplyTest, MakesBeforeItRevokesAndHoldsBackWhatASinkServes) {
  world_.Declare("old", {"main:ci"});
  Run();
  world_.desired.tokens.clear();
  world_.Declare("new", {"main:ci"});
  Rule("POST new", Kind::kFail);
  EXPECT_EQ(Run(),
            "token.new failed (refused)\n"
            "token.old failed (not revoked, because main:ci still holds the "
            "secret of a0001eef and no other was delivered there)\n");
  EXPECT_EQ(world_.Broken(), "");
  world_.misfortune.Clear();
  EXPECT_EQ(Run(),
            "token.new done: minted generation 2 (a0003dde); delivered to "
            "main:ci\n"
            "token.old done: revoked generation 1 (a0001eef)\n");
  EXPECT_EQ(Writes(), "POST new gen 2\nput main:ci\nDELETE old gen 1\n");
}

TEST_F(ApplyTest, ManyWorkers) {
  for (int i = 0; i < 60; ++i) {
    world_.Declare(absl::StrCat("t", i),
                   {absl::StrCat("main:", i), absl::StrCat("other:", i)});
  }
  const Plan plan = world_.PlanNow();
  const ApplyResult result = world_.Apply(plan, 8);
  EXPECT_EQ(result.Count(Outcome::Kind::kDone), 60);
  ASSERT_EQ(result.entries.size(), 60u);
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(result.entries[i].change.name, absl::StrCat("t", i));
  }
  EXPECT_EQ(world_.Broken(), "");
  EXPECT_EQ(Run(), "");
}

TEST_F(ApplyTest, AProviderThatCannotBeMade) {
  world_.Declare("ci", {"main:ci"});
  const Plan plan = world_.PlanNow();
  world_.open_writer =
      [](const std::string&) -> absl::StatusOr<std::unique_ptr<TokenWriter>> {
    return absl::UnauthenticatedError("sign in");
  };
  const ApplyResult result = world_.Apply(plan);
  ASSERT_EQ(result.entries.size(), 1u);
  EXPECT_EQ(Dump(result.entries[0].outcome), "failed (sign in)");
}

// An exception in a step is an outcome, whatever the step had done already.
TEST_F(ApplyTest, MemoryRunsOutInAStep) {
  const std::string why =
      "memory ran out. Give the job more, or lower --parallelism";
  struct Row {
    const char* call;
    Kind kind;
    std::string outcome;
  };
  const std::vector<Row> rows = {
      {"check other:ci", Kind::kThrowBefore, "failed (" + why + ")"},
      {"read main:ci", Kind::kThrowBefore, "failed (" + why + ")"},
      {"POST", Kind::kThrowBefore, "sent a create"},
      {"POST", Kind::kThrowAfter, "sent a create"},
      {"put other:ci", Kind::kThrowBefore, "done: minted"},
      {"put other:ci", Kind::kThrowAfter, "done: minted"},
      {"put main:ci", Kind::kThrowBefore, "done: minted"},
      {"put main:ci", Kind::kThrowAfter, "done: minted"},
      {"PUT", Kind::kThrowBefore, "incomplete (" + why + ")"},
      {"PUT", Kind::kThrowAfter, "incomplete (" + why + ")"},
  };
  for (const Row& row : rows) {
    FakeWorld world;
    world.AddSink("main");
    world.AddSink("other");
    world.Declare("ci", {"main:ci", "other:ci"});
    world.Run();
    const Plan plan = world.PlanNow({"ci"});
    world.misfortune.Clear();
    world.misfortune.rules = {{row.call, 1, row.kind, absl::OkStatus()}};
    const ApplyResult result = world.Apply(plan);
    const std::string outcome = Dump(result.entries[0].outcome);
    EXPECT_NE(outcome.find(row.outcome), std::string::npos)
        << row.call << ": " << outcome;
    EXPECT_EQ(world.Broken(), "") << row.call;
    world.misfortune.Clear();
    world.clock.Tick(absl::Minutes(31));
    world.Run();
    EXPECT_EQ(world.Run(), "") << row.call;
    world.clock.Tick(absl::Hours(25));
    EXPECT_EQ(world.service().LiveMinted(), 1) << row.call;
  }
}

TEST_F(ApplyTest, NothingIsMintedWithoutAReserve) {
  world_.Declare("ci", {"main:ci"});
  world_.reserve = [] { return absl::ResourceExhaustedError("no files"); };
  EXPECT_EQ(Run(), "token.ci failed (no files)\n");
  EXPECT_EQ(Writes(), "");
}

TEST_F(ApplyTest, TheReserveIsHeldFromBeforeTheMintToTheDelivery) {
  int held = 0;
  std::vector<std::string> seen;
  world_.reserve = [&]() -> absl::StatusOr<std::shared_ptr<void>> {
    ++held;
    return std::shared_ptr<void>(
        &held, [](void* count) { --*static_cast<int*>(count); });
  };
  world_.misfortune.after_call = [&] {
    const std::string& call = world_.misfortune.log.back();
    if (call[0] == 'P' || call[0] == 'p' || call[0] == 'D') {
      seen.push_back(absl::StrCat(call.substr(0, 3), " ", held));
    }
  };
  world_.Declare("ci", {"main:ci", "other:ci"});
  Run();
  EXPECT_EQ(absl::StrJoin(seen, "|"), "POS 1|put 0|put 0");
  seen.clear();
  Rule("put other:ci", Kind::kFail);
  Run({"ci"});
  EXPECT_EQ(absl::StrJoin(seen, "|"), "POS 1|DEL 0");
  seen.clear();
  Rule("POST", Kind::kFail);
  Run({"ci"});
  EXPECT_EQ(held, 0);
}

TEST_F(ApplyTest, AMachineThatGivesNoProvider) {
  world_.Declare("ci", {"main:ci"});
  const Plan plan = world_.PlanNow();
  world_.open_writer =
      [](const std::string&) -> absl::StatusOr<std::unique_ptr<TokenWriter>> {
    throw std::system_error(EMFILE, std::generic_category(), "epoll");
  };
  const ApplyResult result = world_.Apply(plan);
  EXPECT_EQ(Dump(result.entries[0].outcome),
            "failed (the machine refused what this step needs: epoll: Too many "
            "open files. Raise its limits (ulimit -a), or lower "
            "--parallelism)");
}

// Cannot tell anybody anything.
class ThrowsAlways : public ApplyListener {
 public:
  void Started(const Change&) override { throw std::bad_alloc(); }
  void Doing(const Change&, const Effect&) override { throw std::bad_alloc(); }
  void Ended(const Change&, const Outcome&) override { throw std::bad_alloc(); }
};

TEST_F(ApplyTest, NoMemoryForALineOfProgress) {
  world_.Declare("ci", {"main:ci"});
  ThrowsAlways listener;
  world_.listener = &listener;
  EXPECT_EQ(Run(),
            "token.ci done: minted generation 1 (a0001eef); delivered to "
            "main:ci\n");
}

// Holds the run up until it has been told that time goes by.
class WaitsForATick : public DeafListener {
 public:
  void Tick() override {
    std::lock_guard<std::mutex> lock(mutex_);
    ticked_ = true;
    told_.notify_all();
  }
  void Wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    told_.wait(lock, [this] { return ticked_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable told_;
  bool ticked_ = false;
};

TEST_F(ApplyTest, TheListenerHearsThatTimeGoesBy) {
  world_.Declare("ci", {"main:ci"});
  WaitsForATick listener;
  world_.listener = &listener;
  world_.stop = [&listener] {
    listener.Wait();
    return false;
  };
  EXPECT_EQ(Run(),
            "token.ci done: minted generation 1 (a0001eef); delivered to "
            "main:ci\n");
}

// What was done already is not asked for; the primary is the last.
TEST(RemainingTest, Table) {
  const auto id = [](const char* text) {
    return *AuthorizationId::Parse(std::string(text) +
                                   "-0000-4000-8000-000000000000");
  };
  Change change;
  change.action = Action::kRotate;
  change.decision.Mutable().generation = 4;
  change.decision.Mutable().collect_first.resize(1);
  change.decision.Mutable().collect_first[0].id = id("11111111");
  change.decision.Mutable().collect.resize(1);
  change.decision.Mutable().collect[0].id = id("33333333");
  change.decision.Mutable().collect[0].generation = 3;
  for (const char* at : {"a", "b", "c"}) {
    change.deliver.push_back({.sink = "main", .at = at});
  }
  const auto left = [&](const Performed& performed) {
    return absl::StrJoin(Remaining(change, performed), "; ");
  };
  EXPECT_EQ(left({}),
            "end token 11111111; mint generation 4; deliver to main:b; "
            "deliver to main:c; deliver to main:a; "
            "end generation 3 (33333333)");
  EXPECT_EQ(left({.ended = {id("11111111")}}),
            "mint generation 4; deliver to main:b; deliver to main:c; "
            "deliver to main:a; end generation 3 (33333333)");
  EXPECT_EQ(left({.minted = true, .delivered = {1}}),
            "deliver to main:c; deliver to main:a; "
            "end generation 3 (33333333)");
  EXPECT_EQ(left({.minted = true, .delivered = {0, 1, 2}}),
            "end generation 3 (33333333)");
  EXPECT_EQ(
      left({.minted = true, .delivered = {0, 1, 2}, .ended = {id("33333333")}}),
      "");
}

}  // namespace
}  // namespace patform
