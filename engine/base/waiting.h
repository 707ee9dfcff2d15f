#pragma once

#include <functional>
#include <string>

#include "absl/time/time.h"

namespace patform {

// A wait that a request begins: the service asked for patience, or could not
// be reached and is tried again.
struct Waiting {
  std::string why;      // "the service answered 503"
  absl::Duration span;  // from now on
  int attempt = 0;      // the try that follows, from 2; 0: not tried yet
  int attempts = 0;     // how many there are at most

  // For people, fit for a terminal: "the service answered 503; trying again in
  // 4s (try 3 of 6)".
  std::string ToString() const;
};

// Called when a wait begins, from any thread.
using WaitListener = std::function<void(const Waiting&)>;

}  // namespace patform
