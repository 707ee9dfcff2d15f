#include "engine/base/words.h"

#include "gtest/gtest.h"

namespace patform {
namespace {

enum class Tide { kEbb, kFlood };
inline constexpr WordFor<Tide> kTideWords[] = {{Tide::kEbb, "ebb"},
                                               {Tide::kFlood, "flood"}};
constexpr auto& WordsOf(Tide) { return kTideWords; }
static_assert(AllInOrder(kTideWords, Tide::kFlood));

TEST(Words, AreReadBothWays) {
  EXPECT_STREQ(Word(Tide::kFlood), "flood");
  EXPECT_EQ(FindWord<Tide>("ebb"), Tide::kEbb);
  EXPECT_EQ(FindWord<Tide>("Ebb"), std::nullopt);
  EXPECT_EQ(FindWord<Tide>(""), std::nullopt);
}

TEST(Words, ATableWithAGapOrOutOfOrderIsSeen) {
  static constexpr WordFor<Tide> kShort[] = {{Tide::kEbb, "ebb"}};
  static constexpr WordFor<Tide> kTurned[] = {{Tide::kFlood, "flood"},
                                              {Tide::kEbb, "ebb"}};
  EXPECT_FALSE(AllInOrder(kShort, Tide::kFlood));
  EXPECT_FALSE(AllInOrder(kTurned, Tide::kFlood));
}

}  // namespace
}  // namespace patform
