#pragma once

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"

namespace patform {

// Port: this process: how it is stopped, what it draws, what it can afford.
// Safe from several threads.
class Run {
 public:
  virtual ~Run() = default;
  // 0, or the number of the signal that asked to stop.
  virtual int Signal() = 0;
  // true: until it is called with false as often, the first signal ends the
  // program at once. For what only reads.
  virtual void EndAtSignal(bool) {}
  // Runs `call` on this thread; its requests and waits go on although the user
  // interrupted. Their deadlines bound them.
  virtual void Uninterrupted(absl::FunctionRef<void()> call) { call(); }
  // kNonceLength random characters of a-z and 2-7.
  virtual std::string Nonce() = 0;
  // How many of `wanted` workers this machine can carry, each with a connection
  // to every one of `organizations`; at least one, or kResourceExhausted.
  virtual absl::StatusOr<int> AffordableWorkers(int wanted, int) {
    return wanted;
  }
  // What one delivery needs of the machine, taken before a mint and held until
  // the secret is delivered or undone. An error: then nothing is minted. Must
  // be released on the thread that took it.
  virtual absl::StatusOr<std::shared_ptr<void>> Reserve() {
    return std::shared_ptr<void>();
  }
  // Distinguishes this machine or container from others (see PrintSinks).
  virtual std::string Machine() { return ""; }
};

}  // namespace patform
