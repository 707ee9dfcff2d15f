#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "providers/sinks/local/dotenv_sink.h"
#include "providers/sinks/local/file_sink.h"
#include "tests/providers/sinks/testing.h"

namespace patform::sinks {
namespace {

using Factory =
    std::function<std::unique_ptr<SecretSink>(const std::string& root)>;

struct Kind {
  const char* name;
  Factory make;
  Delivery place;
};

class RaceTest : public TempDirTest, public testing::WithParamInterface<int> {
 protected:
  Kind kind() const {
    if (GetParam() == 0) {
      return {"file",
              [](const std::string& root) {
                return std::make_unique<FileSink>(root, FileSink::Options{});
              },
              At("d/a")};
    }
    return {"dotenv",
            [](const std::string& root) {
              return std::make_unique<DotenvSink>(root);
            },
            At("d/.env", "KEY")};
  }
};

constexpr int kWriters = 6;
constexpr int kRounds = 12;

TEST_P(RaceTest, OfThreadsThatExpectTheSameOneWins) {
  const Kind kind = this->kind();
  const auto shared = kind.make(root_);
  std::string version;
  for (int round = 0; round < kRounds; ++round) {
    std::atomic<int> wins{0}, refusals{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < kWriters; ++i) {
      threads.emplace_back([&, i] {
        // Half of them share a sink as the workers of one run do.
        const auto own = kind.make(root_);
        SecretSink& sink = i % 2 == 0 ? *shared : *own;
        const auto put = sink.Put(kind.place, Secret(FakeToken(i)),
                                  RecordOf(i + 1, kind.place), version, Soon());
        if (put.ok()) ++wins;
        if (put.status().code() == absl::StatusCode::kAborted) ++refusals;
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wins, 1);
    EXPECT_EQ(refusals, kWriters - 1);
    const HeldRecord held = shared->Read(kind.place, Soon());
    ASSERT_EQ(held.state, HeldRecord::State::kPresent) << held.why;
    version = held.version;
    // The record is that of the value which is there.
    EXPECT_NE(
        FilesWith(FakeToken(static_cast<int>(held.record->generation) - 1)),
        "");
  }
}

TEST_P(RaceTest, OfProcessesThatExpectTheSameOneWins) {
  const Kind kind = this->kind();
  std::vector<pid_t> children;
  for (int i = 0; i < kWriters; ++i) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto put =
          kind.make(root_)->Put(kind.place, Secret(FakeToken(i)),
                                RecordOf(i + 1, kind.place), "", Soon());
      _exit(put.ok()                                            ? 0
            : put.status().code() == absl::StatusCode::kAborted ? 1
                                                                : 2);
    }
    children.push_back(child);
  }
  int counts[3] = {};
  for (pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    ++counts[WEXITSTATUS(status)];
  }
  EXPECT_EQ(counts[0], 1);
  EXPECT_EQ(counts[1], kWriters - 1);
  EXPECT_EQ(counts[2], 0);
}

TEST_P(RaceTest, ReadersNeverSeeAStateInBetween) {
  const Kind kind = this->kind();
  const auto sink = kind.make(root_);
  auto put = sink->Put(kind.place, Secret(FakeToken(0)),
                       RecordOf(1, kind.place), "", Soon());
  ASSERT_TRUE(put.ok());
  std::atomic<bool> done{false};
  std::atomic<int> strange{0};
  std::thread reader([&] {
    const auto own = kind.make(root_);
    while (!done) {
      const HeldRecord held = own->Read(kind.place, Soon());
      if (held.state != HeldRecord::State::kPresent) ++strange;
    }
  });
  for (int i = 1; i < 60; ++i) {
    put = sink->Put(kind.place, Secret(FakeToken(i)),
                    RecordOf(i + 1, kind.place), *put, Soon());
    if (!put.ok()) break;
  }
  done = true;
  reader.join();
  EXPECT_TRUE(put.ok()) << put.status();
  EXPECT_EQ(strange, 0);
}

// Different keys of one file, and different files of one directory, at once.
TEST_P(RaceTest, NeighboursDoNotDisturbEachOther) {
  const Kind kind = this->kind();
  const auto sink = kind.make(root_);
  std::vector<Delivery> places;
  for (int i = 0; i < kWriters; ++i) {
    Delivery place = kind.place;
    std::string& part = place.key.empty() ? place.at : place.key;
    absl::StrAppend(&part, i);
    places.push_back(place);
  }
  std::atomic<int> wins{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kWriters; ++i) {
    threads.emplace_back([&, i] {
      const auto put = sink->Put(places[i], Secret(FakeToken(i)),
                                 RecordOf(i + 1, places[i]), "", Soon());
      if (put.ok()) ++wins;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wins, kWriters);
  for (int i = 0; i < kWriters; ++i) {
    EXPECT_EQ(Show(sink->Read(places[i], Soon())),
              absl::StrCat("present ", i + 1));
  }
}

INSTANTIATE_TEST_SUITE_P(Sinks, RaceTest, testing::Values(0, 1),
                         [](const auto& param) {
                           return param.param == 0 ? "File" : "Dotenv";
                         });

}  // namespace
}  // namespace patform::sinks
