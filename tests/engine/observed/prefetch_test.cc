#include "engine/observed/prefetch.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace patform {
namespace {

// What the test and the reader, which its owner destroys, both know.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  int open = 0;  // pages that may be answered
  int asked = 0;
  bool abandoned = false;

  void Open(int pages) {
    const std::lock_guard<std::mutex> lock(mutex);
    open = pages;
    changed.notify_all();
  }
  void WaitForQuestion(int number) {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] { return asked >= number; });
  }
};

// Three pages of one token; each is answered when its gate opens.
class GatedReader : public TokenReader {
 public:
  explicit GatedReader(Gate& gate) : gate_(gate) {}

  absl::StatusOr<TokenPage> List(TokenFilter, const std::string& continuation,
                                 Deadline) override {
    const int page = continuation.empty() ? 1 : std::stoi(continuation);
    std::unique_lock<std::mutex> lock(gate_.mutex);
    gate_.asked = page;
    gate_.changed.notify_all();
    gate_.changed.wait(lock,
                       [&] { return gate_.abandoned || gate_.open >= page; });
    if (gate_.abandoned) return absl::CancelledError("interrupted");
    TokenPage answer;
    answer.tokens.emplace_back().id = *AuthorizationId::Parse(
        absl::StrCat("00000000-0000-4000-8000-00000000000", 4 - page));
    if (page < 3) answer.continuation = absl::StrCat(page + 1);
    return answer;
  }
  absl::StatusOr<ActualToken> Get(const AuthorizationId&, Deadline) override {
    return absl::NotFoundError("not asked for here");
  }
  void Abandon() override {
    const std::lock_guard<std::mutex> lock(gate_.mutex);
    gate_.abandoned = true;
    gate_.changed.notify_all();
  }

 private:
  Gate& gate_;
};

TEST(Prefetch, ListsBeforeItIsAskedAndTellsHowFarItIs) {
  Gate gate;
  Prefetch::List list(std::make_unique<GatedReader>(gate), "contoso",
                      Deadline());
  gate.WaitForQuestion(1);
  gate.Open(1);
  gate.WaitForQuestion(2);
  std::vector<int> told;
  const absl::StatusOr<TokenList> snapshot = list.Take([&](int tokens) {
    told.push_back(tokens);
    gate.Open(3);
  });
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  EXPECT_EQ(snapshot->organization, "contoso");
  ASSERT_EQ(snapshot->tokens.size(), 3u);
  EXPECT_EQ(snapshot->tokens[0].id.ToString(),
            "00000000-0000-4000-8000-000000000001");
  // The caller may be too slow to hear of each page.
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told[0], 1);
  EXPECT_FALSE(gate.abandoned);
}

TEST(Prefetch, WhatNobodyTakesIsAbandoned) {
  Gate gate;
  {
    const Prefetch::List list(std::make_unique<GatedReader>(gate), "contoso",
                              Deadline());
    gate.WaitForQuestion(1);
  }
  EXPECT_TRUE(gate.abandoned);
  EXPECT_EQ(gate.asked, 1);
}

TEST(Prefetch, AnErrorIsForWhoTakesIt) {
  Gate gate;
  Prefetch::List list(std::make_unique<GatedReader>(gate), "contoso",
                      Deadline());
  list.reader().Abandon();
  const absl::StatusOr<TokenList> snapshot = list.Take({});
  EXPECT_EQ(snapshot.status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(snapshot.status().message(), "interrupted");
}

}  // namespace
}  // namespace patform
