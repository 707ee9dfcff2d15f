#include "engine/cli/exit_code.h"

#include <gtest/gtest.h>

#include <csignal>

#include "engine/base/status.h"
#include "engine/cli/failure.h"

namespace patform::cli {
namespace {

TEST(ExitCode, OfEachStatus) {
  struct {
    absl::Status status;
    ExitCode want;
  } rows[] = {
      {absl::OkStatus(), kDone},
      {absl::InvalidArgumentError(""), kUsage},
      {UsageError(""), kUsage},
      {absl::UnauthenticatedError(""), kSignIn},
      {absl::PermissionDeniedError(""), kSignIn},
      {absl::AbortedError(""), kContention},
      {absl::DeadlineExceededError(""), kContention},
      {absl::CancelledError(""), kInterrupted},
      {StaleError(""), kStale},
      {IncompleteError(""), kIncomplete},
      {WithAdvice(StaleError(""), "plan again"), kStale},
      {WithDetails(IncompleteError(""), {"a"}), kIncomplete},
      {Annotate(StaleError("a"), "b"), kStale},
      // A policy or a guard has its code from the plan, see PlanExitCode().
      {absl::FailedPreconditionError(""), kError},
      {absl::UnavailableError(""), kError},
      {absl::UnknownError(""), kError},
      {absl::NotFoundError(""), kError},
      {absl::AlreadyExistsError(""), kError},
      {absl::ResourceExhaustedError(""), kError},
      {absl::DataLossError(""), kError},
      {absl::InternalError(""), kError},
      {absl::UnimplementedError(""), kError},
      {absl::OutOfRangeError(""), kError},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(ExitCodeFor(row.status), row.want) << row.status;
    // A signal only counts for what it cancelled.
    if (!absl::IsCancelled(row.status)) {
      EXPECT_EQ(ExitCodeFor(row.status, SIGTERM), row.want) << row.status;
    }
  }
}

TEST(ExitCode, OfEachSignal) {
  struct {
    int signal;
    int want;
  } rows[] = {{SIGINT, 130}, {SIGTERM, 143}, {SIGHUP, 129}, {SIGQUIT, 130}};
  for (const auto& row : rows) {
    EXPECT_EQ(ExitCodeForSignal(row.signal), row.want);
    EXPECT_EQ(ExitCodeFor(absl::CancelledError(""), row.signal), row.want);
  }
}

TEST(ExitCode, OfAFileThatMayNotBeWritten) {
  const absl::Status status = OfFile(absl::PermissionDeniedError("no"));
  EXPECT_EQ(ExitCodeFor(status), kError);
  EXPECT_EQ(status.message(), "no");
  EXPECT_EQ(OfFile(absl::NotFoundError("x")), absl::NotFoundError("x"));
  EXPECT_TRUE(OfFile(absl::OkStatus()).ok());
}

}  // namespace
}  // namespace patform::cli
