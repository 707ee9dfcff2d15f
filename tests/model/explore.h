#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/model/run.h"
#include "tests/model/world.h"

// Explicit-state search: every state that the runs, the network and the user
// can reach within the setup's budgets, breadth first, so that a
// counterexample is a shortest one.
namespace patform::model {

struct State {
  World world;
  std::vector<Run> runs;
};

// One thing that may happen next.
struct Move {
  enum class Kind : uint8_t {
    kStart,        // run `who` begins a plan
    kStartRotate,  // … with a rotation asked for
    kStep,         // run `who` makes its call; `how` is a Fate
    kCrash,
    kLate,        // late request number `who` is executed
    kTick,        // eleven minutes go by
    kMonth,       // everybody sleeps for a month
    kRevoke,      // the user revokes token `who` …
    kRename,      // … takes its mark off
    kCopy,        // … gives its whole name to a token of his own
    kRegenerate,  // … and lets it die for that one, as the portal does
  };
  Kind kind = Kind::kTick;
  uint8_t who = 0;
  uint8_t how = 0;
};

std::vector<Move> Moves(const State& state);
// `said`: what happens, for people; may be null.
void Take(State& state, const Move& move, std::string* said);
std::string Key(const State& state);

struct Found {
  int64_t states = 0;
  int64_t transitions = 0;
  int64_t terminal = 0;  // strongly connected components that nothing leaves
  int most_live = 0;
  bool complete = false;           // the search came to its end
  std::string broken;              // "" or the invariant, in words
  std::vector<std::string> trace;  // to `broken`, a line a move
};

// Stops at the first state that breaks S1 to S4; then, the search being
// complete, checks L on every terminal component. `most_states` bounds memory.
Found Explore(const Setup& setup, int64_t most_states);

}  // namespace patform::model
