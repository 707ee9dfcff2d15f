// A service that answers something else than was asked for, or says that it
// did nothing when it did.
#include "engine/apply/grant.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/fakes/world.h"

namespace patform {
namespace {

using Kind = Misfortune::Kind;

constexpr char kRefused[] =
    "the service answered the create with something else than was asked for: ";
constexpr char kAdvice[] =
    ". Nothing was delivered. Find out who answers at the service's address "
    "before you try again";

class GrantTest : public ::testing::Test {
 protected:
  GrantTest() {
    world_.AddSink("main");
    world_.Declare("ci", {"main:ci"});
  }
  void Lie(std::function<void(Minted&)> lie) {
    world_.service().answer_create = [lie](Minted& minted) {
      lie(minted);
      return absl::OkStatus();
    };
  }
  int Calls(const std::string& prefix) const {
    int n = 0;
    for (const std::string& call : world_.misfortune.log) {
      n += absl::StartsWith(call, prefix) ? 1 : 0;
    }
    return n;
  }

  FakeWorld world_;
};

// Each is refused, nothing is delivered, and what was made is ended, because
// its own entry carries the mark.
TEST_F(GrantTest, WhatIsNotAsItWasAskedForIsRefused) {
  const struct {
    std::function<void(Minted&)> lie;
    const char* differs;
  } rows[] = {
      {[](Minted& m) { m.token.display_name = "ci ~pf:w#1.another000000000"; },
       "the display name \"ci ~pf:w#1.another000000000\" instead of "
       "\"ci ~pf:w#1.nonce0000001u5cn\""},
      {[](Minted& m) { m.token.display_name = "c\x1b[1m"; },
       "the display name \"c\\x1b[1m\" instead of "
       "\"ci ~pf:w#1.nonce0000001u5cn\""},
      {[](Minted& m) {
         m.token.scopes = ScopeSet::Parse("vso.code app_token");
       },
       "the scopes \"app_token vso.code\" instead of \"vso.build vso.code\""},
      {[](Minted& m) { m.token.scopes = {}; },
       "the scopes \"\" instead of \"vso.build vso.code\""},
      {[](Minted& m) { m.token.valid_to += absl::Seconds(2); },
       "an end of 2027-02-14T08:00:02Z, later than 2027-02-14T08:00:00Z"},
      {[](Minted& m) { m.token.valid_to = m.token.valid_from; },
       "a life that is over, from 2027-01-15T08:00:00Z to "
       "2027-01-15T08:00:00Z"},
      {[](Minted& m) { m.token.all_organizations = true; },
       "valid in all organizations instead of in one"},
      {[](Minted& m) { m.secret = Secret(); }, "no secret"},
      {[](Minted& m) {
         m.secret = Secret();
         m.flaw = "a secret of 1 byte";
       },
       "a secret of 1 byte"},
      {[](Minted& m) {
         m.token.scopes = {};
         m.secret = Secret();
       },
       "the scopes \"\" instead of \"vso.build vso.code\"; no secret"},
  };
  for (const auto& row : rows) {
    FakeWorld world;
    world.AddSink("main");
    world.Declare("ci", {"main:ci"});
    world.service().answer_create = [&row](Minted& minted) {
      row.lie(minted);
      return absl::OkStatus();
    };
    EXPECT_EQ(world.Run(),
              absl::StrCat("token.ci failed (", kRefused, row.differs, kAdvice,
                           "): revoked generation 1 (a0001eef), which could "
                           "not be delivered\n"));
    EXPECT_EQ(world.Summary(), "ci gen 1 revoked\n");
  }
}

// What is left of the name, a new id and its age tell whose it is.
TEST_F(GrantTest, ANameThatDoesNotSurviveIsRefusedAndUndone) {
  for (const char* kept :
       {"ci", "ci ~pf:w#1.nonce0000", "c", "CI ~PF:W#1.NONCE0000001U5CN",
        "ci pf w 1 nonce0000001u5cn"}) {
    FakeWorld world;
    world.AddSink("main");
    world.Declare("ci", {"main:ci"});
    world.service().answer_create = [&](Minted& minted) {
      minted.token.display_name = kept;
      world.service().rows.back().token.display_name = kept;
      return absl::OkStatus();
    };
    EXPECT_EQ(
        world.Run(),
        absl::StrCat("token.ci failed (the service does not keep display names "
                     "as they are sent: \"ci ~pf:w#1.nonce0000001u5cn\" became "
                     "\"",
                     kept,
                     "\". The mark at its end is how patform finds a token "
                     "again, so the secret was not delivered. A shorter name "
                     "of plain letters may be kept): revoked generation 1 "
                     "(a0001eef), which could not be delivered\n"));
  }
}

// Whose it is nothing tells: another name, or a life that began before.
TEST_F(GrantTest, WhatMayBeAnotherTokenIsNotEnded) {
  for (const bool old : {false, true}) {
    FakeWorld world;
    world.AddSink("main");
    world.Declare("ci", {"main:ci"});
    world.service().answer_create = [&](Minted& minted) {
      ActualToken& kept = world.service().rows.back().token;
      kept.display_name = old ? "ci" : "web";
      if (old) kept.valid_from -= absl::Minutes(1);
      minted.token.display_name = kept.display_name;
      return absl::OkStatus();
    };
    EXPECT_TRUE(absl::StrContains(world.Run(),
                                  "belongs to another token, which was not "
                                  "touched"))
        << old;
  }
}

TEST_F(GrantTest, WhatTheServiceMayChangeIsTaken) {
  const struct {
    const char* name;
    std::function<void(Minted&)> change;
    const char* said = "";
  } rows[] = {
      {"a shorter life", [](Minted& m) { m.token.valid_to -= absl::Hours(24); },
       "got a shorter life than asked for: until 2027-02-13 08:00 UTC instead "
       "of 2027-02-14 08:00 UTC, as a policy of the tenant demands; "},
      {"rounded", [](Minted& m) { m.token.valid_to += absl::Milliseconds(3); }},
      {"scopes in another case",
       [](Minted& m) {
         m.token.scopes = ScopeSet::Parse("VSO.Code,vso.build");
       }},
  };
  for (const auto& row : rows) {
    FakeWorld world;
    world.AddSink("main");
    world.Declare("ci", {"main:ci"});
    world.service().answer_create = [&row](Minted& minted) {
      row.change(minted);
      return absl::OkStatus();
    };
    EXPECT_EQ(world.Run(),
              absl::StrCat("token.ci done: minted generation 1 (a0001eef); ",
                           row.said, "delivered to main:ci\n"))
        << row.name;
  }
  FakeWorld world;
  world.AddSink("main");
  world.Declare("a & \"b\"", {"main:ci"});
  world.service().answer_create = [](Minted& minted) {
    minted.token.display_name =
        "a &amp; &quot;b&quot; ~pf:w#1.nonce0000001u5cn";
    return absl::OkStatus();
  };
  EXPECT_EQ(world.Run(),
            "token.\"a & \\\"b\\\"\" done: minted generation 1 (a0001eef); "
            "delivered to main:ci\n");
}

// S2: an id is not ended for being in an answer. The name of the answer is
// right, its id is not.
TEST_F(GrantTest, AStrangersIdIsLeftAlone) {
  const AuthorizationId theirs = world_.service().AddStranger(
      "vital", "vso.code", absl::Hours(1), absl::Hours(100));
  const Plan plan = world_.PlanNow();
  // Made since the list was read, as far as the run can know.
  const AuthorizationId younger = world_.service().AddStranger(
      "young", "vso.code", absl::Hours(0), absl::Hours(100));
  for (const bool known : {true, false}) {
    Lie([&](Minted& minted) { minted.token.id = known ? theirs : younger; });
    world_.misfortune.Clear();
    if (!known) {
      world_.misfortune.rules = {{"put main:ci", 0, Kind::kFail,
                                  absl::FailedPreconditionError("full")}};
    }
    const ApplyResult result = world_.Apply(plan);
    const Outcome& outcome = result.entries[0].outcome;
    EXPECT_EQ(outcome.kind, Outcome::Kind::kIncomplete);
    EXPECT_EQ(outcome.status.message(),
              known ? absl::StrCat("the service answered the create with the "
                                   "id of a token that existed before (",
                                   theirs.Short(), "). Nothing was delivered")
                    : "full");
    ASSERT_EQ(outcome.left.size(), 1u);
    EXPECT_EQ(
        outcome.left[0],
        absl::StrCat("end generation 1 if it was made: its mark shows "
                     "it. The id that the service answered with (",
                     known ? theirs.Short() : younger.Short(),
                     ") belongs to another token, which was not touched"));
    EXPECT_EQ(Calls("DELETE"), 0);
    EXPECT_EQ(world_.Broken(), "");
  }
  // What was made carries its mark and goes the usual way.
  world_.service().answer_create = nullptr;
  world_.misfortune.Clear();
  world_.Run();
  world_.clock.Tick(absl::Hours(1));
  world_.Run();
  world_.clock.Tick(absl::Hours(25));
  EXPECT_EQ(world_.Run(), "");
  EXPECT_EQ(world_.service().LiveMinted(), 1);
  EXPECT_EQ(world_.Broken(), "");
}

// Nor one of ours: another token of this run, or the last generation.
TEST_F(GrantTest, AnIdIsMintedOnce) {
  world_.Declare("zz", {"main:zz"});
  std::optional<AuthorizationId> first;
  Lie([&first](Minted& minted) {
    if (!first) first = minted.token.id;
    minted.token.id = *first;
  });
  const std::string ran = world_.Run();
  EXPECT_TRUE(absl::StrContains(
      ran,
      "token.zz incomplete (the service answered the create with the id of a "
      "token that existed before (a0001eef). Nothing was delivered"))
      << ran;
  EXPECT_EQ(world_.Broken(), "");
  Lie([&first](Minted& minted) { minted.token.id = *first; });
  world_.misfortune.Clear();
  world_.Run({"ci"});
  EXPECT_EQ(Calls("DELETE"), 0);
  EXPECT_EQ(world_.Broken(), "");
}

TEST_F(GrantTest, WhatCannotBeAskedForIsNotEnded) {
  world_.misfortune.rules = {
      {"put main:ci", 0, Kind::kFail, absl::FailedPreconditionError("full")},
      {"GET ci", 0, Kind::kFail, absl::NotFoundError("not there yet")}};
  EXPECT_EQ(world_.Run(),
            "token.ci incomplete (full): minted generation 1 (a0001eef) | "
            "left: revoke generation 1 (a0001eef), which was not delivered: "
            "not there yet\n");
  EXPECT_EQ(Calls("DELETE"), 0);
}

// A name in front of it is the service's own business.
TEST(CarriesMarkOfTest, WorkspaceGenerationAndNonce) {
  const std::string asked = "ci ~pf:w#1.aaaaaaaaaaaaaaaa";
  for (const char* same :
       {"ci ~pf:w#1.aaaaaaaaaaaaaaaa", "CI ~pf:w#1.aaaaaaaaaaaaaaaa"}) {
    EXPECT_TRUE(CarriesMarkOf(same, asked)) << same;
  }
  for (const char* other :
       {"ci", "ci ~pf:v#1.aaaaaaaaaaaaaaaa", "ci ~pf:w#2.aaaaaaaaaaaaaaaa",
        "ci ~pf:w#1.aaaaaaaaaaaaaaab"}) {
    EXPECT_FALSE(CarriesMarkOf(other, asked)) << other;
  }
}

// 429: its word that nothing was done. Done or not, the list decides, and no
// mark is sent twice.
TEST_F(GrantTest, ACreateThatIsPutOffIsLookedForFirst) {
  for (const bool carried_out : {false, true}) {
    FakeWorld world;
    world.AddSink("main");
    world.Declare("ci", {"main:ci"});
    int limited = 0;
    if (carried_out) {
      world.service().answer_create = [&limited](Minted&) {
        return ++limited > 2 ? absl::OkStatus()
                             : absl::ResourceExhaustedError("429");
      };
    } else {
      world.misfortune.rules = {
          {"POST", 1, Kind::kFail, absl::ResourceExhaustedError("429")},
          {"POST", 2, Kind::kFail, absl::AbortedError("renewed")}};
    }
    const std::string ran = world.Run();
    EXPECT_TRUE(absl::StartsWith(ran, "token.ci done: minted ")) << ran;
    EXPECT_EQ(world.nonces, 3);
    std::string creates;
    for (const std::string& call : world.misfortune.log) {
      if (absl::StartsWith(call, "POST")) creates += "P";
      if (absl::StartsWith(call, "list active")) creates += "l";
    }
    EXPECT_EQ(creates.substr(creates.find('P')), "PlPlP");
    EXPECT_EQ(world.Broken(), "");
    world.service().answer_create = nullptr;
    world.misfortune.Clear();
    for (int i = 0; i < 3; ++i) {
      world.clock.Tick(absl::Hours(1));
      world.Run();
    }
    world.clock.Tick(absl::Hours(25));
    EXPECT_EQ(world.service().LiveMinted(), 1);
    EXPECT_EQ(world.Run(), "");
  }
}

TEST_F(GrantTest, ACreateThatIsPutOffWithoutEndIsGivenUp) {
  world_.misfortune.rules = {
      {"POST", 0, Kind::kFail, absl::ResourceExhaustedError("429")}};
  EXPECT_EQ(world_.Run(), "token.ci failed (429)\n");
  EXPECT_EQ(Calls("POST"), 6);
}

TEST_F(GrantTest, AnUpdateThatWasNotDoneIsNotTakenForDone) {
  const UpdateRequest nothing;
  ActualToken token;
  token.display_name = "n";
  token.scopes = ScopeSet::Parse("vso.code");
  token.valid_to = absl::FromUnixSeconds(1000);
  EXPECT_EQ(JudgeUpdate(DesiredState(), nothing, token), absl::OkStatus());
  UpdateRequest all;
  all.display_name = "m";
  all.scopes = ScopeSet::Parse("vso.work");
  all.valid_to = absl::FromUnixSeconds(900);
  all.all_organizations = true;
  const absl::Status judged = JudgeUpdate(DesiredState(), all, token);
  EXPECT_EQ(judged.code(), absl::StatusCode::kUnknown);
  EXPECT_EQ(judged.message(),
            "the service answered success and a token that was not changed as "
            "asked: the display name \"n\" instead of \"m\"; the scopes "
            "\"vso.code\" instead of \"vso.work\"; an end of "
            "1970-01-01T00:16:40Z, later than 1970-01-01T00:15:00Z; valid in "
            "one organization instead of in all. The next plan shows what "
            "became of it");
  token.display_name = "m";
  token.scopes = ScopeSet::Parse("vso.work");
  token.valid_to = absl::FromUnixSeconds(800);
  token.all_organizations = true;
  EXPECT_EQ(JudgeUpdate(DesiredState(), all, token), absl::OkStatus());
}

// A service may spell out what a scope implies; it may add nothing to it.
TEST_F(GrantTest, ScopesThatComeToTheSameAreTheSame) {
  DesiredState desired;
  desired.implied_scopes["vso.code_write"] = {"vso.code"};
  UpdateRequest asked;
  asked.scopes = ScopeSet::Parse("vso.code_write");
  ActualToken token;
  const struct {
    const char* answered;
    bool same;
  } rows[] = {{"vso.code_write", true}, {"vso.code vso.code_write", true},
              {"vso.code", false},      {"vso.code_write vso.work", false},
              {"app_token", false},     {"", false}};
  for (const auto& row : rows) {
    token.scopes = ScopeSet::Parse(row.answered);
    EXPECT_EQ(JudgeUpdate(desired, asked, token).ok(), row.same)
        << row.answered;
    CreateRequest create;
    create.scopes = *asked.scopes;
    create.valid_to = token.valid_to = absl::FromUnixSeconds(1000);
    Minted granted;
    granted.token = token;
    granted.secret = Secret("s");
    EXPECT_EQ(
        JudgeGrant(desired, create, granted, absl::FromUnixSeconds(10)).ok(),
        row.same)
        << row.answered;
  }
}

}  // namespace
}  // namespace patform
