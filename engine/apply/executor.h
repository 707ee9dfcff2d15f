#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/apply/rotation.h"
#include "engine/base/clock.h"
#include "engine/model/actual_state.h"
#include "engine/model/desired_state.h"
#include "engine/plan/plan.h"
#include "engine/ports/run.h"
#include "engine/ports/secret_sink.h"
#include "engine/ports/token_service.h"

namespace patform {

// Follows the progress of an apply. Called from worker threads, one call at a
// time.
class ApplyListener {
 public:
  virtual ~ApplyListener() = default;
  virtual void Started(const Change& change) = 0;
  virtual void Doing(const Change& change, const Effect& effect) = 0;
  virtual void Ended(const Change& change, const Outcome& outcome) = 0;
  // Time goes by: about once a second while changes are made.
  virtual void Tick() {}
};

// What apply works with, whoever calls it. The sinks are open, because they are
// shared; a writer is opened once for each worker, identity and organization.
struct ApplyPorts {
  Clock* clock = nullptr;
  Run* run = nullptr;
  TokenServices* tokens = nullptr;
  ServiceOptions service;
  std::map<std::string, SecretSink*> sinks;  // by name
};

struct ApplyResult {
  struct Entry {
    Change change;
    Outcome outcome;
    std::vector<Delivery> delivered;  // places with a new secret
  };
  // What a store did for the consumers of what was delivered to it.
  struct FollowUp {
    std::string sink;
    std::vector<std::string> done;
    absl::Status status;
  };
  std::vector<Entry> entries;        // in the plan's order
  std::vector<FollowUp> follow_ups;  // by sink; those that had something to do
  bool stopped = false;

  int Count(Outcome::Kind kind) const;
  // The lines of all outcomes' `left`.
  int StepsLeft() const;
};

// Performs the plan on `parallelism` worker threads (at least one): first what
// makes and changes, then what the stores do for consumers (SecretSink::After),
// then what revokes. Steps of one change run in order,
// changes independently; one that fails does not stop the others, but what a
// sink serves is not revoked unless something new was delivered to its place,
// and when an organization refuses a user's sign-in (kUnauthenticated) nothing
// more of theirs is begun there: those changes are kInterrupted.
ApplyResult Apply(const DesiredState& desired, const ActualState& actual,
                  const Plan& plan, const ApplyPorts& ports, int parallelism,
                  ApplyListener& listener);

}  // namespace patform
