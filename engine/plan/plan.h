#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/diff/change.h"
#include "engine/diff/diff.h"
#include "engine/model/desired_state.h"
#include "engine/model/snapshot.h"
#include "engine/plan/approval.h"
#include "engine/plan/identity.h"
#include "engine/policy/guards.h"
#include "engine/policy/rules.h"

namespace patform {

// What one apply would do, with everything a person or a program needs to
// judge it. Data only; holds no secret and nothing that can act.
struct Plan {
  struct Counts {
    int create = 0, update = 0, rotate = 0, finish = 0, release = 0;  // changes
    int revoke = 0;  // tokens: every revocation of any change (diff/endings.h)
  };

  std::string workspace;
  std::vector<std::string> organizations;
  std::string owner;  // the oid of the user whose tokens they are; or ""
  absl::Time as_of;
  // When the world was read, if that was not by this run: plan --snapshot.
  std::optional<absl::Time> snapshot_taken_at;
  // Of the credential that read the world; nullopt: of none.
  std::optional<Identity> identity;
  // The first instant at which the plan would read differently although
  // nobody touched anything.
  absl::Time stable_until;
  ChangeSet changes;
  std::vector<Finding> findings;
  // The ids of the rules and guards that were asked; `findings` has what they
  // found.
  std::vector<std::string> rules;
  std::vector<std::string> targets;  // non-empty: the plan is limited to them
  std::vector<Change> left_out;      // changes that `targets` left out
  Counts counts;
  // The policy part, and its digest: what `apply --approve` takes.
  Approval approval;
  std::string digest;

  bool empty() const { return changes.changes.empty(); }
  // Everything could be read and decided.
  bool complete() const { return changes.deferred.empty(); }
};

struct PlanOptions {
  DiffOptions diff;
  // Token names or globs; empty: all.
  std::vector<std::string> targets;
  int allowed_revocations = -1;
  bool allow_empty_list = false;
  std::optional<Baseline> baseline;
};

Plan::Counts CountActions(const std::vector<Change>& changes);

// Desired and actual to plan: diff, limit to the targets, check the policy.
Plan MakePlan(const DesiredState& desired, const ActualState& actual,
              const PlanOptions& options, absl::Time now);

}  // namespace patform
