#pragma once

#include "absl/status/status.h"

namespace patform::cli {

// What a pipeline tests. Every way out of the program goes through here.
enum ExitCode {
  kDone = 0,        // done, or nothing to do
  kError = 1,       // none of the below
  kChanges = 2,     // only with --detailed-exitcode: there are changes
  kUsage = 3,       // usage, or an invalid configuration
  kSignIn = 4,      // sign-in, authorization, wrong identity
  kPolicy = 5,      // a policy or a guard forbids it
  kStale = 6,       // the plan is stale or not the approved one
  kPartial = 7,     // some changes were made, some were not
  kIncomplete = 8,  // something could not be read or decided
  kContention = 9,  // another run is in the way, or the time was up
  kHungUp = 129,
  kInterrupted = 130,
  kTerminated = 143,
};

// The one mapping from what went wrong to what a pipeline sees. `signal` is the
// number of the one that asked to stop, or 0: what was cancelled ends with its
// code.
ExitCode ExitCodeFor(const absl::Status& status, int signal = 0);

// For the number of a signal: 128 more for SIGHUP and SIGTERM, others 130.
ExitCode ExitCodeForSignal(int signal);

}  // namespace patform::cli
