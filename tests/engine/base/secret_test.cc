#include "engine/base/secret.h"

#include <gtest/gtest.h>

#include <new>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>

namespace patform {
namespace {

constexpr std::string_view kValue = "not-a-real-secret-0123456789";

// No copies by accident, no text by accident.
static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret>);
static_assert(std::is_nothrow_move_assignable_v<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<std::string, Secret>);

TEST(Secret, HoldsBytes) {
  const Secret none;
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.size(), 0U);
  EXPECT_EQ(none.Reveal(), "");
  const Secret secret(kValue);
  EXPECT_FALSE(secret.empty());
  EXPECT_EQ(secret.size(), kValue.size());
  EXPECT_EQ(secret.Reveal(), kValue);
  const Secret zero(std::string_view("a\0b", 3));
  EXPECT_EQ(zero.Reveal(), std::string_view("a\0b", 3));
}

TEST(Secret, PrintsAsRedacted) {
  std::ostringstream out;
  out << Secret(kValue) << " " << Secret();
  EXPECT_EQ(out.str(), "[redacted] [redacted]");
  // What a failed expectation of a test would show.
  EXPECT_EQ(::testing::PrintToString(Secret(kValue)), "[redacted]");
}

TEST(Secret, MovesAndLeavesNothing) {
  Secret from(kValue);
  Secret to(std::move(from));
  EXPECT_EQ(to.Reveal(), kValue);
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): is promised
  Secret assigned("other");
  assigned = std::move(to);
  EXPECT_EQ(assigned.Reveal(), kValue);
  EXPECT_TRUE(to.empty());  // NOLINT(bugprone-use-after-move)
  Secret& itself = assigned;
  assigned = std::move(itself);
  EXPECT_EQ(assigned.Reveal(), kValue);
}

TEST(Secret, ClonesAreApart) {
  Secret secret(kValue);
  Secret clone = secret.Clone();
  clone.Append("-more");
  EXPECT_EQ(secret.Reveal(), kValue);
  EXPECT_EQ(clone.Reveal(), std::string(kValue) + "-more");
}

TEST(Secret, AppendsOfEverySize) {
  Secret secret;
  std::string want;
  for (size_t i = 0; i < 300; ++i) {
    const std::string part(i % 7, static_cast<char>('a' + i % 26));
    secret.Append(part);
    want += part;
  }
  EXPECT_EQ(secret.Reveal(), want);
  secret.Append("");
  EXPECT_EQ(secret.Reveal(), want);
}

}  // namespace
}  // namespace patform
