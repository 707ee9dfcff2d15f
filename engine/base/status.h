#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// What an error code means in this program: what the caller must do.
//
// clang-format off
//   kUnavailable        nothing was done; the same call may be tried again
//   kDeadlineExceeded   nothing was done and the time is up
//   kUnknown            it may have been done: look before anything else
//   kAborted            refused, something moved: read again, decide again
//   kNotFound           what was named is gone
//   kInvalidArgument    the configuration is at fault: fix it
//   kFailedPrecondition a policy or the state of the service forbids it
//   kUnauthenticated    sign in
//   kPermissionDenied   signed in, not allowed
//   kResourceExhausted  a limit of ours or of the service was hit
//   kDataLoss           the other side broke the protocol: give up, report
//   kCancelled          the user interrupted
//   kInternal           a defect of this program
// clang-format on
namespace patform {

// `message` before the message of `status`, code and payloads kept.
absl::Status Annotate(const absl::Status& status, const std::string& message);

// kFailedPrecondition for which the program has an exit code of its own.
// Stale: a plan, or what it rests on, is not the one that was reviewed.
// Incomplete: something that a plan needs could not be read.
absl::Status StaleError(const std::string& message);
absl::Status IncompleteError(const std::string& message);
bool IsStale(const absl::Status& status);
bool IsIncomplete(const absl::Status& status);

}  // namespace patform

#define PATFORM_CONCAT_INNER(a, b) a##b
#define PATFORM_CONCAT(a, b) PATFORM_CONCAT_INNER(a, b)

#define PATFORM_RETURN_IF_ERROR(expression)                                 \
  do {                                                                      \
    if (absl::Status status_ = (expression); !status_.ok()) return status_; \
  } while (false)

#define PATFORM_ASSIGN_OR_RETURN(left, expression)                           \
  PATFORM_ASSIGN_OR_RETURN_INNER(PATFORM_CONCAT(status_or_, __LINE__), left, \
                                 expression)

#define PATFORM_ASSIGN_OR_RETURN_INNER(holder, left, expression) \
  auto holder = (expression);                                    \
  if (!holder.ok()) return std::move(holder).status();           \
  left = std::move(holder).value()
