#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/diff/change.h"
#include "engine/diff/diff.h"
#include "engine/model/desired_state.h"
#include "engine/model/snapshot.h"
#include "engine/policy/rules.h"

namespace patform {

// What one apply would do, with everything a person or a program needs to
// judge it. Data only; holds no secret and nothing that can act.
struct Plan {
  struct Counts {
    int create = 0, update = 0, rotate = 0, revoke = 0, finish = 0, release = 0;
    int total() const {
      return create + update + rotate + revoke + finish + release;
    }
  };

  std::string workspace;
  std::vector<std::string> organizations;
  absl::Time as_of;
  // The first instant at which the plan would read differently although
  // nobody touched anything.
  absl::Time stable_until;
  ChangeSet changes;
  std::vector<Finding> findings;
  std::vector<std::string> targets;  // non-empty: the plan is limited to them
  int left_out = 0;                  // changes that `targets` left out
  Counts counts;

  bool empty() const { return changes.changes.empty(); }
  // Everything could be read and decided.
  bool complete() const { return changes.deferred.empty(); }
};

struct PlanOptions {
  DiffOptions diff;
  // Token names or globs; empty: all.
  std::vector<std::string> targets;
  int allowed_revocations = -1;
};

// Desired and actual to plan: diff, limit to the targets, check the policy.
Plan MakePlan(const DesiredState& desired, const ActualState& actual,
              const PlanOptions& options, absl::Time now);

}  // namespace patform
