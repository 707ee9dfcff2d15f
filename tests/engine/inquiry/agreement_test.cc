// Status tells what Decide() would do, and nothing else: in random worlds, made
// by hand so that they hold what no run leaves behind.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/diff/diff.h"
#include "engine/diff/generation_state.h"
#include "engine/inquiry/status.h"
#include "engine/model/places.h"
#include "tests/engine/diff/testing.h"

namespace patform {
namespace {

using testing::Held;
using testing::Id;
using testing::kDay;
using testing::kNow;
using testing::Token;

class RandomWorld {
 public:
  explicit RandomWorld(int seed) : random_(seed) {
    desired.workspace = "w";
    desired.organization = "contoso";
    actual.user_oid = "oid-1";
    if (Chance(10)) actual.clock_ahead.reset();
    actual.organizations["contoso"].organization = "contoso";
    Declare("ci", {"main:a", "main:b"});
    Declare("web", {"main:c", "main:d"});
    for (const DesiredToken& token : desired.tokens) Mint(token.name);
    if (Chance(30)) Mint("gone");
    for (const DesiredToken& token : desired.tokens) {
      for (const Delivery& place : token.deliver) Fill(token.name, place);
    }
  }

  DesiredState desired;
  ActualState actual;

 private:
  int Below(int n) {
    return static_cast<int>(random_() % static_cast<unsigned>(n));
  }
  bool Chance(int percent) { return Below(100) < percent; }

  void Declare(const std::string& name, std::vector<std::string> places) {
    DesiredToken token;
    token.name = name;
    token.organization = "contoso";
    token.scopes = ScopeSet::Of({"vso.build", "vso.code"});
    token.lifetime = 30 * kDay;
    token.rotate_before.span = 7 * kDay;
    token.grace = Chance(30) ? absl::ZeroDuration() : kDay;
    if (Chance(50)) places.pop_back();
    for (const std::string& place : places) {
      token.deliver.push_back(PlaceOf(place));
    }
    desired.tokens.push_back(std::move(token));
  }

  // Generations of one name, each of these places or of others.
  void Mint(const std::string& name) {
    for (int generation = 1; generation <= Below(5); ++generation) {
      const int id = static_cast<int>(ids_.size()) + 1;
      const DesiredToken& table = desired.tokens[Below(2)];
      const std::string places =
          Chance(20) ? "else" : PlacesPrint(desired, table.deliver);
      const absl::Duration ages[] = {absl::Minutes(5), kAgeFence,
                                     kAgeFence + absl::Seconds(1), 10 * kDay,
                                     29 * kDay + absl::Hours(6)};
      ActualToken token = Token(
          id,
          DisplayName(name,
                      {"w", generation, NonceFor(testing::Nonce(id), places)}),
          ages[Below(5)]);
      if (Chance(10)) token.state = TokenState::kRevoked;
      actual.organizations["contoso"].tokens.push_back(token);
      ids_.push_back({name, generation});
    }
  }

  // With a record of any generation of that name, seldom of another's.
  void Fill(const std::string& name, const Delivery& place) {
    HeldRecord held = HeldRecord::Absent();
    std::vector<int> fit;
    for (size_t i = 0; i < ids_.size(); ++i) {
      if (ids_[i].first == name || Chance(10)) fit.push_back(i + 1);
    }
    const int kind = Below(20);
    if (kind < 13 && !fit.empty()) {
      const int id = fit[Below(static_cast<int>(fit.size()))];
      held = Held(id, ids_[id - 1].second, place, name);
    } else if (kind == 13) {
      held = HeldRecord::Unknown(absl::UnavailableError("no answer"));
    } else if (kind == 14) {
      held.state = HeldRecord::State::kTorn;
    } else if (kind == 15) {
      held.state = HeldRecord::State::kSilent;
    }
    held.compare_and_set = !Chance(20);
    actual.records[place.Address()] = held;
  }

  std::mt19937 random_;
  std::vector<std::pair<std::string, int>> ids_;  // by id, from 1
};

Plan PlanOf(const RandomWorld& world, absl::Time now) {
  Plan plan;
  plan.workspace = "w";
  plan.as_of = now;
  plan.changes = Diff(world.desired, world.actual, {}, now);
  return plan;
}

// Each token that a plan ends, and how.
std::map<AuthorizationId, NextStep> EndsOf(const Plan& plan) {
  std::map<AuthorizationId, NextStep> ends;
  for (const Change& change : plan.changes.changes) {
    for (const auto* some : {&change.decision->collect_first,
                             &change.decision->collect, &change.revoke}) {
      for (const Collect& end : *some) {
        ends[end.id] = end.retire_at ? NextStep::kRetire : NextStep::kRevoke;
      }
    }
  }
  return ends;
}

std::map<AuthorizationId, GenerationStatus> RowsOf(const RandomWorld& world,
                                                   const Plan& plan) {
  std::map<AuthorizationId, GenerationStatus> rows;
  for (const TokenStatus& token :
       MakeStatus(world.desired, world.actual, plan, {}).tokens) {
    for (const GenerationStatus& row : token.generations) rows[row.id] = row;
  }
  return rows;
}

class AgreementTest : public ::testing::TestWithParam<int> {};

TEST_P(AgreementTest, StatusTellsWhatTheDiffDecides) {
  for (int seed = GetParam(); seed < GetParam() + 500; ++seed) {
    SCOPED_TRACE(seed);
    const RandomWorld world(seed);
    const Plan plan = PlanOf(world, kNow);
    const auto rows = RowsOf(world, plan);

    // The states are those that Decide() asked for.
    const auto views = ViewTokens(world.desired, "contoso", world.actual);
    for (const DesiredToken& token : world.desired.tokens) {
      const TokenView& view = views.at(token.name);
      for (const OwnToken& own : view.ours) {
        EXPECT_STREQ(Word(rows.at(own.token.id).state),
                     Word(StateOf(own, view, kNow)))
            << own.token.display_name;
      }
    }

    // It announces the ends that are planned, and no others.
    const auto ends = EndsOf(plan);
    for (const auto& [id, row] : rows) {
      const auto end = ends.find(id);
      if (row.next == NextStep::kRetire || row.next == NextStep::kRevoke) {
        ASSERT_NE(end, ends.end()) << row.display_name;
        EXPECT_EQ(row.next, end->second) << row.display_name;
      } else if (end != ends.end()) {
        // What is in service ends by being replaced.
        EXPECT_EQ(row.next, NextStep::kReplace) << row.display_name;
      }
    }

    // What is in flight in the plan is in flight in the status.
    for (const Change& change : plan.changes.changes) {
      for (const Decision::InFlight& token : change.decision->in_flight) {
        EXPECT_EQ(rows.at(token.id).state, GenerationState::kInFlight);
      }
    }
  }
}

// "Nothing before 08:25": what is said to wait until then does not wait longer.
TEST_P(AgreementTest, WhatWaitsEndsWhenItIsSaidTo) {
  for (int seed = GetParam(); seed < GetParam() + 500; ++seed) {
    SCOPED_TRACE(seed);
    const RandomWorld world(seed);
    if (!world.actual.clock_ahead) continue;  // then nothing ends by its age
    for (const auto& [id, row] : RowsOf(world, PlanOf(world, kNow))) {
      if (row.next != NextStep::kWait) continue;
      ASSERT_GE(*row.at, kNow) << row.display_name;
      const absl::Time then = *row.at + kDateTolerance;
      const GenerationStatus later = RowsOf(world, PlanOf(world, then)).at(id);
      EXPECT_TRUE(later.next == NextStep::kRetire ||
                  later.next == NextStep::kRevoke ||
                  later.next == NextStep::kEndItself ||
                  later.next == NextStep::kUndecided)
          << row.display_name << ": " << Word(row.state) << ", then "
          << Word(later.state) << " " << Word(later.next);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, AgreementTest,
                         ::testing::Values(0, 500, 1000, 1500));

}  // namespace
}  // namespace patform
