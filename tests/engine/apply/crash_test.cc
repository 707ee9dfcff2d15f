// The protocol under every single misfortune, and under pairs of them: at each
// call that a run makes the process dies, the request or the answer is lost,
// or the call is refused. Whatever happened, what the sinks serve must live
// all along, and plain repetition must lead to one generation everywhere.
#include <gtest/gtest.h>

#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/model/mark.h"
#include "tests/fakes/dump.h"
#include "tests/fakes/world.h"

namespace patform {
namespace {

using Kind = Misfortune::Kind;

struct Scenario {
  const char* name;
  // Brings the world to where the run under test begins.
  std::function<void(FakeWorld&)> setup;
  std::set<std::string> rotate;
  // Live tokens of ours when all is settled.
  int live = 1;
};

void Settle(FakeWorld& world) {
  for (int i = 0; i < 2; ++i) {
    world.Run();
    world.clock.Tick(absl::Hours(25));
  }
}

const std::vector<Scenario>& Scenarios() {
  static const std::vector<Scenario> scenarios = {
      {"create",
       [](FakeWorld& w) {
         w.AddSink("main");
         w.Declare("ci", {"main:ci"});
       }},
      {"create in three places",
       [](FakeWorld& w) {
         w.AddSink("main");
         w.AddSink("other");
         w.Declare("ci", {"main:ci", "other:ci", "other:.env#CI"});
       }},
      {"create without compare-and-set",
       [](FakeWorld& w) {
         w.AddSink("main", false);
         w.AddSink("other", false);
         w.Declare("ci", {"main:ci", "other:ci"});
       }},
      {"rotate",
       [](FakeWorld& w) {
         w.AddSink("main");
         w.Declare("ci", {"main:ci"});
         Settle(w);
       },
       {"ci"}},
      {"rotate when due",
       [](FakeWorld& w) {
         w.AddSink("main");
         w.Declare("ci", {"main:ci"});
         w.Run();
         w.clock.Tick(absl::Hours(24 * 24));
       }},
      {"rotate in two places",
       [](FakeWorld& w) {
         w.AddSink("main");
         w.AddSink("other");
         w.Declare("ci", {"main:ci", "other:ci"});
         Settle(w);
       },
       {"ci"}},
      {"rotate without grace",
       [](FakeWorld& w) {
         w.AddSink("main");
         w.AddSink("other");
         w.Declare("ci", {"main:ci", "other:ci"}).grace = absl::ZeroDuration();
         Settle(w);
       },
       {"ci"}},
      {"rotate at once after a rotation",
       [](FakeWorld& w) {
         w.AddSink("main");
         w.Declare("ci", {"main:ci"});
         w.Run();
         w.Run({"ci"});
       },
       {"ci"}},
      {"rotate without compare-and-set",
       [](FakeWorld& w) {
         w.AddSink("main", false);
         w.AddSink("other", false);
         w.Declare("ci", {"main:ci", "other:ci"}).grace = absl::ZeroDuration();
         Settle(w);
       },
       {"ci"}},
      {"rotate, one store without compare-and-set",
       [](FakeWorld& w) {
         w.AddSink("main");
         w.AddSink("other", false);
         w.Declare("ci", {"main:ci", "other:ci"});
         Settle(w);
       },
       {"ci"}},
      {"rotate after expiry",
       [](FakeWorld& w) {
         w.AddSink("main");
         w.AddSink("other");
         w.Declare("ci", {"main:ci", "other:ci"});
         w.Run();
         w.clock.Tick(absl::Hours(24 * 40));
       }},
      {"a second place is declared",
       [](FakeWorld& w) {
         w.AddSink("main");
         w.AddSink("other");
         w.Declare("ci", {"main:ci"});
         Settle(w);
         w.Declared("ci").deliver.push_back(PlaceOf("other:ci"));
       }},
      {"the primary place moves",
       [](FakeWorld& w) {
         w.AddSink("main");
         w.Declare("ci", {"main:ci"});
         Settle(w);
         w.Declared("ci").deliver = {PlaceOf("main:elsewhere")};
       }},
      {"the places change their order",
       [](FakeWorld& w) {
         w.AddSink("main");
         w.AddSink("other");
         w.Declare("ci", {"main:ci", "other:ci"});
         Settle(w);
         std::swap(w.Declared("ci").deliver[0], w.Declared("ci").deliver[1]);
       },
       {"ci"}},
      {"what another run left",
       [](FakeWorld& w) {
         w.AddSink("main");
         w.AddSink("other");
         w.Declare("ci", {"main:ci", "other:ci"});
         Settle(w);
         w.misfortune.rules = {{"put main", 1, Kind::kCrashBefore, {}}};
         w.Run({"ci"});
         w.misfortune.Clear();
       }},
      {"an old orphan",
       [](FakeWorld& w) {
         w.AddSink("main");
         w.Declare("ci", {"main:ci"});
         Settle(w);
         w.misfortune.rules = {{"put main", 1, Kind::kCrashBefore, {}}};
         w.Run({"ci"});
         w.misfortune.Clear();
         w.clock.Tick(absl::Hours(1));
       }},
      {"orphans up to the cap",
       [](FakeWorld& w) {
         w.AddSink("main");
         w.Declare("ci", {"main:ci"});
         for (int i = 0; i < 3; ++i) {
           w.misfortune.rules = {{"put main", 1, Kind::kCrashBefore, {}}};
           w.Run();
           w.misfortune.Clear();
         }
         w.clock.Tick(absl::Hours(1));
       }},
      {"scopes, name and life change",
       [](FakeWorld& w) {
         w.AddSink("main");
         w.Declare("ci", {"main:ci"});
         Settle(w);
         DesiredToken& token = w.Declared("ci");
         token.renamed_from = "ci";
         token.name = "packaging";
         token.scopes = ScopeSet::Of({"vso.packaging"});
         token.lifetime = absl::Hours(20 * 24);
       }},
      {"two tokens, one of them gone from the file",
       [](FakeWorld& w) {
         w.AddSink("main");
         w.Declare("old", {"main:old"});
         w.Declare("ci", {"main:ci"});
         Settle(w);
         w.desired.tokens.erase(w.desired.tokens.begin());
       },
       {"ci"}},
      {"declared absent",
       [](FakeWorld& w) {
         w.AddSink("main");
         w.Declare("ci", {"main:ci"});
         w.Run();
         w.Run({"ci"});
         w.Declared("ci").ensure = Ensure::kAbsent;
       },
       {},
       0},
      {"the place goes to another token",
       [](FakeWorld& w) {
         w.AddSink("main");
         w.Declare("old", {"main:ci"});
         Settle(w);
         w.desired.tokens.clear();
         w.Declare("new", {"main:ci"});
       }},
      {"two tokens change places",
       [](FakeWorld& w) {
         w.AddSink("main");
         w.Declare("a", {"main:a"});
         w.Declare("b", {"main:b"});
         Settle(w);
         w.Run({"b"});
         std::swap(w.Declared("a").deliver, w.Declared("b").deliver);
       },
       {},
       2},
  };
  return scenarios;
}

const char* Word(Kind kind) {
  switch (kind) {
    case Kind::kFail:
      return "refused";
    case Kind::kLoseRequest:
      return "request lost";
    case Kind::kLoseAnswer:
      return "answer lost";
    case Kind::kCrashBefore:
      return "crash before";
    case Kind::kCrashAfter:
      return "crash after";
    case Kind::kThrowBefore:
      return "no memory before";
    case Kind::kThrowAfter:
      return "no memory after";
  }
  return "";
}

constexpr Kind kKinds[] = {Kind::kFail,       Kind::kLoseRequest,
                           Kind::kLoseAnswer, Kind::kCrashBefore,
                           Kind::kCrashAfter, Kind::kThrowBefore,
                           Kind::kThrowAfter};

Misfortune::Rule Rule(int nth, Kind kind) {
  return {"", nth, kind, absl::FailedPreconditionError("refused")};
}

// A world with strangers in it, in front of the run under test.
class Trial {
 public:
  explicit Trial(const Scenario& scenario) : scenario_(scenario) {
    world_.clock.SetStep(absl::Milliseconds(37));
    scenario.setup(world_);
    FakeService& service = world_.service();
    const std::string mine =
        service.rows.empty() ? "git" : service.rows[0].token.display_name;
    service.AddStranger("git: laptop", "vso.code", absl::Hours(50),
                        absl::Hours(2000));
    // A person's copy of a marked name.
    service.AddStranger(mine, "vso.code", absl::ZeroDuration(),
                        absl::Hours(2000));
    world_.misfortune.Clear();
    world_.misfortune.after_call = [this] { Watch(); };
  }

  bool Expired() const {
    return std::string(scenario_.name) == "rotate after expiry";
  }

  // One run under `rules`; how many calls it made.
  int Run(std::vector<Misfortune::Rule> rules, bool first) {
    world_.misfortune.rules = std::move(rules);
    said_ += world_.Run(first ? scenario_.rotate : std::set<std::string>());
    const int calls = static_cast<int>(world_.misfortune.log.size());
    log_.insert(log_.end(), world_.misfortune.log.begin(),
                world_.misfortune.log.end());
    log_.push_back("---");
    world_.misfortune.Clear();
    return calls;
  }

  // "" when three more runs bring everything to rest, else what is wrong.
  std::string Rest() {
    for (absl::Duration wait :
         {absl::ZeroDuration(), kAgeFence + absl::Minutes(1),
          absl::Hours(24) + absl::Minutes(1)}) {
      world_.clock.Tick(wait);
      Run({}, false);
    }
    world_.clock.Tick(absl::Hours(24) + absl::Minutes(1));
    Watch();
    if (!broken_.empty()) return Explain(broken_);
    const std::string again = Dump(WithoutNotes(world_.PlanNow().changes));
    if (!again.empty()) return Explain("not at rest: " + again);
    if (world_.service().LiveMinted() != scenario_.live) {
      return Explain("live at rest: " + world_.Summary());
    }
    std::map<std::string, int64_t> generations;
    for (const DesiredToken& token : world_.desired.tokens) {
      if (token.ensure != Ensure::kPresent) continue;
      for (const Delivery& place : token.deliver) {
        const FakeSink::Entry& entry =
            world_.sinks[place.sink]->entries[place.Address()];
        const auto [known, is_new] =
            generations.emplace(token.name, entry.record.generation);
        if (known->second != entry.record.generation ||
            entry.record.token != token.name) {
          if (entry.record.token != token.renamed_from) {
            return Explain("the places disagree: " + world_.Summary());
          }
        }
      }
    }
    return "";
  }

  const std::string& broken() const { return broken_; }
  std::string Explain(const std::string& what) {
    return absl::StrCat(what, "\n", said_, world_.Summary(), "calls:\n  ",
                        absl::StrJoin(log_, "\n  "));
  }
  // Of one name.
  int most_live() const { return most_live_; }

 private:
  static ChangeSet WithoutNotes(ChangeSet changes) {
    changes.notes.clear();
    return changes;
  }

  void Watch() {
    std::map<std::string, int> live;
    for (const FakeService::Row& row : world_.service().rows) {
      const auto marked = ParseDisplayName(row.token.display_name);
      if (!marked || row.stranger ||
          world_.service().StateOf(row) != TokenState::kActive) {
        continue;
      }
      most_live_ = std::max(most_live_, ++live[std::string(marked->name)]);
    }
    if (!broken_.empty()) return;
    const std::string now = world_.Broken();
    if (now.empty()) return;
    // A token that had expired before the run cannot be brought back.
    if (Expired() && now.find("gen 1, which is expired") != std::string::npos) {
      return;
    }
    broken_ = now;
  }

  const Scenario& scenario_;
  FakeWorld world_;
  std::string broken_, said_;
  std::vector<std::string> log_;
  int most_live_ = 0;
};

TEST(CrashTest, NoMisfortune) {
  for (const Scenario& scenario : Scenarios()) {
    Trial trial(scenario);
    trial.Run({}, true);
    EXPECT_EQ(trial.Rest(), "") << scenario.name;
  }
}

TEST(CrashTest, EverySingleMisfortune) {
  int trials = 0;
  for (const Scenario& scenario : Scenarios()) {
    const int calls = Trial(scenario).Run({}, true);
    ASSERT_GT(calls, 3) << scenario.name;
    for (int k = 1; k <= calls; ++k) {
      for (Kind kind : kKinds) {
        Trial trial(scenario);
        trial.Run({Rule(k, kind)}, true);
        ASSERT_EQ(trial.Rest(), "")
            << scenario.name << ": " << Word(kind) << " at call " << k;
        // One served, one per run that failed, those in grace.
        EXPECT_LE(trial.most_live(), 5) << scenario.name;
        ++trials;
      }
    }
  }
  EXPECT_GT(trials, 1000);
}

TEST(CrashTest, EveryPairOfMisfortunes) {
  int trials = 0;
  for (const Scenario& scenario : Scenarios()) {
    const int calls = Trial(scenario).Run({}, true) + 6;
    for (int k = 1; k <= calls; ++k) {
      for (Kind kind : std::span(kKinds).first(5)) {
        for (int j = 1; j <= calls; ++j) {
          // The other in the same run or in the next; kinds take turns.
          const Kind second = kKinds[(k + j) % std::size(kKinds)];
          Trial trial(scenario);
          if (j > k) {
            trial.Run({Rule(k, kind), Rule(j, second)}, true);
          } else {
            trial.Run({Rule(k, kind)}, true);
            trial.Run({Rule(j, second)}, false);
          }
          ASSERT_EQ(trial.Rest(), "")
              << scenario.name << ": " << Word(kind) << " at call " << k
              << ", then " << Word(second) << " at call " << j;
          EXPECT_LE(trial.most_live(), 6) << scenario.name;
          ++trials;
        }
      }
    }
  }
  EXPECT_GT(trials, 10'000);
}

}  // namespace
}  // namespace patform
