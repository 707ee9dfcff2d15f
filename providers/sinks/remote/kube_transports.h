#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "providers/http/transport.h"

namespace patform::sinks {

// Transports whose TLS may change in the middle of a run: a program that signs
// in may give another client certificate in its next answer, and connections
// that were made with the one before are then of no use. Safe from several
// threads.
class KubeTransports {
 public:
  using Maker = std::function<std::unique_ptr<http::Transport>()>;

  explicit KubeTransports(Maker maker) : maker_(std::move(maker)) {}

  // Every request that begins after this is sent by a transport of `maker`.
  void Use(Maker maker);
  // A transport that goes along with Use(); `all` lives as long as it does.
  static std::unique_ptr<http::Transport> New(
      std::shared_ptr<KubeTransports> all);

 private:
  class Following;
  std::pair<Maker, int> Current();

  std::mutex mutex_;
  // Guarded by the mutex.
  Maker maker_;
  int turn_ = 1;  // counts the makers
};

}  // namespace patform::sinks
