#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/apply/rotation.h"
#include "engine/base/clock.h"
#include "engine/model/desired_state.h"
#include "engine/model/snapshot.h"
#include "engine/plan/plan.h"
#include "engine/ports/secret_sink.h"
#include "engine/ports/token_service.h"

namespace patform {

// Who is told how it goes. Called from worker threads, one call at a time.
class ApplyListener {
 public:
  virtual ~ApplyListener() = default;
  virtual void Started(const Change& change) = 0;
  virtual void Doing(const Change& change, const Effect& effect) = 0;
  virtual void Ended(const Change& change, const Outcome& outcome) = 0;
  // Time goes by: about once a second while changes are made.
  virtual void Tick() {}
};

// What apply can do to the world.
struct ApplyPorts {
  Clock* clock = nullptr;
  // A provider for one worker and organization; called once for each.
  std::function<absl::StatusOr<std::unique_ptr<Provider>>(
      const std::string& organization)>
      provider;
  std::map<std::string, SecretSink*> sinks;  // by name; shared by the workers
  std::function<std::string()> nonce;        // kNonceLength of a-z0-9, random
  std::function<bool()> stop;                // the user interrupted
  // What a delivery needs of the machine, taken before a mint and held until
  // the secret is delivered or undone; an error: then nothing is minted. To be
  // let go on the thread that took it.
  std::function<absl::StatusOr<std::shared_ptr<void>>()> reserve = [] {
    return std::shared_ptr<void>();
  };
  // Runs a call on this thread whose requests and waits go on although the
  // user interrupted; bounded by their deadlines.
  std::function<void(const std::function<void()>& call)> to_the_end =
      [](const std::function<void()>& call) { call(); };
};

struct ApplyResult {
  struct Entry {
    Change change;
    Outcome outcome;
  };
  std::vector<Entry> entries;  // in the plan's order
  bool stopped = false;

  int Count(Outcome::Kind kind) const;
  // The lines of all outcomes' `left`.
  int StepsLeft() const;
};

// Performs the plan on `parallelism` worker threads (at least one): first what
// makes and changes, then what revokes. Steps of one change run in order,
// changes independently; one that fails does not stop the others, but what a
// sink serves is not revoked unless its place was delivered to anew, and when
// an organization refuses the sign-in (kUnauthenticated) nothing more is begun
// there: those changes are kInterrupted.
ApplyResult Apply(const DesiredState& desired, const ActualState& actual,
                  const Plan& plan, const ApplyPorts& ports, int parallelism,
                  ApplyListener& listener);

}  // namespace patform
