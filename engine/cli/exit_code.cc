#include "engine/cli/exit_code.h"

#include <csignal>

#include "engine/base/status.h"

namespace patform::cli {

// The two that are more than their code come first: kFailedPrecondition alone
// is kError.
ExitCode ExitCodeFor(const absl::Status& status, int signal) {
  if (IsStale(status)) return kStale;
  if (IsIncomplete(status)) return kIncomplete;
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kDone;
    case absl::StatusCode::kInvalidArgument:
      return kUsage;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return kSignIn;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kDeadlineExceeded:
      return kContention;
    case absl::StatusCode::kCancelled:
      return ExitCodeForSignal(signal);
    default:
      return kError;
  }
}

ExitCode ExitCodeForSignal(int signal) {
  if (signal == SIGHUP) return kHungUp;
  return signal == SIGTERM ? kTerminated : kInterrupted;
}

}  // namespace patform::cli
