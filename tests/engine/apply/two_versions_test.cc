// Two versions of the file, applied at once by an old pipeline and a new one:
// every schedule in which each of the two is interrupted at most once, call by
// call. The suite `model` does more of it with one token; here are two that
// change places, and the executor's own code.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <condition_variable>
#include <functional>
#include <limits>
#include <mutex>
#include <ostream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/fakes/world.h"

namespace patform {
namespace {

constexpr int kToTheEnd = std::numeric_limits<int>::max();

// Lets one of two threads go on at a time: `first` for `calls[0]` calls, the
// other for `calls[1]`, and then each to its end.
class Turns {
 public:
  Turns(int first, int calls_of_first, int calls_of_second)
      : turn_(first), left_{calls_of_first, calls_of_second} {}

  // Which of the two this thread is; none: it is not one of them.
  static thread_local int who;

  void BeforeCall() {
    if (who < 0) return;
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return turn_ == who; });
    if (left_[segment_] == 0) {
      Next();
      changed_.wait(lock, [this] { return turn_ == who; });
    }
    if (left_[segment_] != kToTheEnd) --left_[segment_];
  }
  void Ended() {
    std::lock_guard<std::mutex> lock(mutex_);
    // It needed less than it was given: a longer segment is no other schedule.
    if (segment_ < 2 && turn_ == who && left_[segment_] > 0) used_up_ = false;
    done_[static_cast<size_t>(who)] = true;
    if (turn_ == who) Next();
  }
  bool used_up() const { return used_up_; }

 private:
  void Next() {
    segment_ = std::min(segment_ + 1, size_t{2});
    if (!done_[static_cast<size_t>(1 - turn_)]) turn_ = 1 - turn_;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int turn_;
  size_t segment_ = 0;
  std::array<int, 3> left_ = {0, 0, kToTheEnd};
  std::array<bool, 2> done_ = {false, false};
  bool used_up_ = true;
};
thread_local int Turns::who = -1;

struct Scenario {
  const char* name;
  std::function<void(FakeWorld&)> before, after;  // what each version declares
  std::set<std::string> rotate;                   // asked for by the old one
};

class TwoVersionsTest : public ::testing::Test {
 protected:
  // One schedule; "" or what broke. `used_up`: see Turns.
  static std::string Schedule(const Scenario& scenario, absl::Duration grace,
                              int first, int a, int b, bool* used_up) {
    FakeWorld world;
    world.AddSink("main");
    world.AddSink("other");
    scenario.before(world);
    for (DesiredToken& token : world.desired.tokens) token.grace = grace;
    world.Run();
    world.clock.Tick(absl::Hours(1));
    const DesiredState old_file = world.desired;
    world.desired.tokens.clear();
    scenario.after(world);
    for (DesiredToken& token : world.desired.tokens) token.grace = grace;
    const DesiredState new_file = world.desired;

    Turns turns(first, a, b);
    std::string broken;
    world.misfortune.before_call = [&] { turns.BeforeCall(); };
    world.misfortune.after_call = [&] {
      if (broken.empty()) broken = world.Broken();
    };
    std::array<std::string, 2> said;
    const auto run = [&](int who, const DesiredState& file,
                         const std::set<std::string>& rotate) {
      Turns::who = who;
      said[static_cast<size_t>(who)] = world.RunAs(file, rotate);
      turns.Ended();
    };
    std::thread old_run([&] { run(0, old_file, scenario.rotate); });
    std::thread new_run([&] { run(1, new_file, {}); });
    old_run.join();
    new_run.join();
    *used_up = turns.used_up();
    const std::string runs =
        absl::StrCat(" (old: ", said[0], "new: ", said[1], ")");
    if (!broken.empty()) return broken + runs;

    // The old one is over: whatever it left, the new one settles.
    for (int i = 0; i < 4; ++i) {
      world.clock.Tick(absl::Minutes(31));
      world.RunAs(new_file);
      if (!broken.empty()) return absl::StrCat(broken, " later", runs);
    }
    world.clock.Tick(grace + absl::Hours(1));
    world.RunAs(new_file);
    world.clock.Tick(grace + absl::Hours(1));
    const std::string more = world.RunAs(new_file);
    if (!broken.empty()) return absl::StrCat(broken, " in the end", runs);
    if (!more.empty()) return absl::StrCat("L: ", more, runs);
    const int live = world.service().LiveMinted();
    if (live != static_cast<int>(new_file.tokens.size())) {
      return absl::StrCat("L: ", live, " live", runs);
    }
    return "";
  }

  // Every schedule; how many, and what broke, the first few.
  static int EverySchedule(const Scenario& scenario, absl::Duration grace,
                           std::vector<std::string>& broken) {
    int schedules = 0;
    for (int first : {0, 1}) {
      bool longer = true;
      for (int a = 0; longer; ++a) {
        bool used_up = true;
        for (int b = 1; used_up; ++b) {
          ++schedules;
          const std::string what =
              Schedule(scenario, grace, first, a, b, &used_up);
          if (!what.empty()) {
            broken.push_back(absl::StrCat(scenario.name, " ",
                                          first == 0 ? "old" : "new", " ", a,
                                          ", other ", b, ": ", what));
          }
          // The first one was through before it was interrupted.
          if (!used_up && b == 1) longer = false;
        }
      }
    }
    return schedules;
  }
};

// For the names of the tests.
void PrintTo(const Scenario& scenario, std::ostream* out) {
  *out << scenario.name;
}

const Scenario kScenarios[] = {
    {"a move",
     [](FakeWorld& w) { w.Declare("a", {"main:a"}); },
     [](FakeWorld& w) { w.Declare("a", {"other:a"}); },
     {}},
    {"a move, a rotation",
     [](FakeWorld& w) { w.Declare("a", {"main:a"}); },
     [](FakeWorld& w) { w.Declare("a", {"other:a"}); },
     {"a"}},
    {"a swap",
     [](FakeWorld& w) {
       w.Declare("a", {"main:x"});
       w.Declare("b", {"main:y"});
     },
     [](FakeWorld& w) {
       w.Declare("a", {"main:y"});
       w.Declare("b", {"main:x"});
     },
     {}},
    {"a swap, a rotation",
     [](FakeWorld& w) {
       w.Declare("a", {"main:x"});
       w.Declare("b", {"other:y"});
     },
     [](FakeWorld& w) {
       w.Declare("a", {"other:y"});
       w.Declare("b", {"main:x"});
     },
     {"a"}},
    {"a place more, a rotation",
     [](FakeWorld& w) { w.Declare("a", {"main:a"}); },
     [](FakeWorld& w) {
       w.Declare("a", {"main:a", "other:a"});
     },
     {"a"}},
    {"a place less, a rotation",
     [](FakeWorld& w) {
       w.Declare("a", {"main:a", "other:a"});
     },
     [](FakeWorld& w) { w.Declare("a", {"other:a"}); },
     {"a"}},
    {"a rename, a rotation",
     [](FakeWorld& w) { w.Declare("a", {"main:a"}); },
     [](FakeWorld& w) { w.Declare("b", {"main:a"}).renamed_from = "a"; },
     {"a"}},
};

class EveryScheduleTest : public TwoVersionsTest,
                          public ::testing::WithParamInterface<Scenario> {};

TEST_P(EveryScheduleTest, KeepsEverySecretAlive) {
  // Without a grace what ends ends at once.
  std::vector<std::string> broken;
  const int schedules = EverySchedule(GetParam(), absl::ZeroDuration(), broken);
  EXPECT_GT(schedules, 50);
  EXPECT_TRUE(broken.empty())
      << broken.size() << " of " << schedules << " schedules\n"
      << broken[0];
}

std::string Letters(const ::testing::TestParamInfo<Scenario>& scenario) {
  std::string name;
  for (const char* c = scenario.param.name; *c != '\0'; ++c) {
    if (std::isalpha(static_cast<unsigned char>(*c)) != 0) name += *c;
  }
  return name;
}
INSTANTIATE_TEST_SUITE_P(Scenarios, EveryScheduleTest,
                         ::testing::ValuesIn(kScenarios), Letters);

// What is not promised; see engine/diff/decide.h.
TEST_F(TwoVersionsTest, ATokenThatOnlyOneOfThemDeclaresIsNotSafe) {
  const Scenario scenario = {"a token more",
                             [](FakeWorld& w) { w.Declare("a", {"main:a"}); },
                             [](FakeWorld& w) {
                               w.Declare("a", {"main:a"});
                               w.Declare("b", {"main:b"});
                             },
                             {}};
  std::vector<std::string> broken;
  EverySchedule(scenario, absl::Hours(24), broken);
  EXPECT_FALSE(broken.empty());
}

}  // namespace
}  // namespace patform
