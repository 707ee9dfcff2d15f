#include "engine/base/status.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/cord.h"

namespace patform {
namespace {

TEST(Annotate, PutsWordsBeforeAndKeepsTheRest) {
  EXPECT_TRUE(Annotate(absl::OkStatus(), "doing").ok());
  absl::Status inner = absl::AbortedError("it moved");
  inner.SetPayload("patform/x", absl::Cord("y"));
  const absl::Status outer = Annotate(inner, "writing .env");
  EXPECT_EQ(outer.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(outer.message(), "writing .env: it moved");
  EXPECT_EQ(outer.GetPayload("patform/x"), absl::Cord("y"));
}

absl::Status FirstError(const absl::Status& first, const absl::Status& second,
                        int& reached) {
  PATFORM_RETURN_IF_ERROR(first);
  ++reached;
  PATFORM_RETURN_IF_ERROR(second);
  ++reached;
  return absl::OkStatus();
}

TEST(ReturnIfError, StopsAtTheFirst) {
  int reached = 0;
  EXPECT_EQ(FirstError(absl::OkStatus(), absl::NotFoundError("b"), reached),
            absl::NotFoundError("b"));
  EXPECT_EQ(reached, 1);
  EXPECT_EQ(FirstError(absl::OkStatus(), absl::OkStatus(), reached),
            absl::OkStatus());
  EXPECT_EQ(reached, 3);
}

absl::StatusOr<std::unique_ptr<int>> Make(int n) {
  if (n < 0) return absl::InvalidArgumentError("negative");
  return std::make_unique<int>(n);
}

absl::StatusOr<int> Sum(int a, int b) {
  PATFORM_ASSIGN_OR_RETURN(const std::unique_ptr<int> first, Make(a));
  PATFORM_ASSIGN_OR_RETURN(const std::unique_ptr<int> second, Make(b));
  return *first + *second;
}

TEST(AssignOrReturn, MovesTheValueOrReturnsTheError) {
  EXPECT_EQ(*Sum(2, 3), 5);
  EXPECT_EQ(Sum(-1, 3).status(), absl::InvalidArgumentError("negative"));
  EXPECT_EQ(Sum(1, -3).status(), absl::InvalidArgumentError("negative"));
}

}  // namespace
}  // namespace patform
