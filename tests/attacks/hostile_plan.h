#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/saved/plan_file.h"

// Random plans as somebody would have them who wants a reviewer to overlook
// what they do: look-alike and invisible characters, control codes, markup and
// log commands in every name, names of thousands of characters, hundreds of
// changes. The same seed gives the same plan.
namespace patform {

// One credential that ends, widens or moves, as the maker of the plan meant it:
// not as any function of patform describes it. Text is as it came from outside.
struct HostileItem {
  std::string kind;     // "ends", "widens", "moves"
  std::string address;  // of the change
  std::string id;       // ends: which token
  std::string name;     // ends: its name; moves: a new name that it gets
  std::string was;      // moves: the name that it had
  std::string owner;    // ends: whose; "" nobody says
  std::vector<std::string> scopes;  // widens: those that come
  std::string place;                // moves: Delivery::Address()
  std::string path;                 // moves: of the sink, as it is written
  std::string phrase;               // our own words that must be there
};

struct HostilePlan {
  Plan plan;
  std::vector<HostileItem> items;  // all of them, and nothing else
  // Every second plan is one that MakePlan made of a hostile world, and can go
  // through a file; the others hold what no honest planner would make.
  std::optional<SavedPlan> saved;
};

// When all of them are made.
absl::Time HostileTime();

HostilePlan MakeHostilePlan(uint32_t seed);

}  // namespace patform
