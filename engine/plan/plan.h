#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/diff/change.h"
#include "engine/diff/endings.h"
#include "engine/model/actual_state.h"
#include "engine/model/desired_state.h"
#include "engine/plan/identity.h"
#include "engine/plan/options.h"
#include "engine/policy/rules.h"

namespace patform {

// What one apply would do, with everything a person or a program needs to
// judge it. Data only; holds no secret and nothing that can act.
struct Plan {
  std::string workspace;
  std::vector<std::string> organizations;
  std::string user_oid;  // the oid of the user of [auth]; or ""
  // Those of the other users, by identity; of every [identity.NAME], or "".
  std::map<std::string, std::string> users;
  absl::Time as_of;
  // When the world was read, if that was not by this run: plan --snapshot.
  std::optional<absl::Time> snapshot_taken_at;
  // The places that the snapshot does not know, sorted; they are taken
  // for empty.
  std::vector<std::string> assumed_empty;
  // The credential that read the world; nullopt: none did.
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
  // Edits that this plan leaves alone until they are approved:
  // plan/maintenance.
  std::vector<Change> waiting;
  ActionCounts counts;
  // What somebody has to approve (plan/approval.h): the digest of it, which
  // `apply --approve` takes, and how many changes it has.
  std::string digest;
  int policy_changes = 0;

  // For a plan that went through a file.
  enum class Signature {
    kNoFile,     // it did not
    kNone,       // nobody signed it: whoever could write the file made it
    kUnchecked,  // signed, and no key was there to check that with
    kGood,
  };
  Signature signature = Signature::kNoFile;

  bool empty() const { return changes.changes.empty(); }
  // Identity::Concern; "" where nobody signed in.
  std::string SignInConcern() const {
    return identity ? identity->Concern(as_of) : "";
  }
  // Everything could be read and decided.
  bool complete() const { return changes.deferred.empty(); }
};

// Desired and actual to plan: diff, limit to the targets, check the policy.
Plan MakePlan(const DesiredState& desired, const ActualState& actual,
              const PlanOptions& options, absl::Time now);

// Sets digest and count of what `plan` wants to be approved.
void SetDigest(const DesiredState& desired, const ActualState& actual,
               const PlanOptions& options, Plan& plan);

// Asks the guards about the changes of `plan`; their findings come in the place
// of those of an earlier time.
void AskGuards(const DesiredState& desired, const ActualState& actual,
               const PlanOptions& options, Plan& plan);

// Says in `plan` that `actual` came from a snapshot, and which places of
// `assumed` that are declared and empty this rests on.
void SetSnapshot(const DesiredState& desired, const ActualState& actual,
                 absl::Time taken_at, const std::set<std::string>& assumed,
                 Plan& plan);

}  // namespace patform
