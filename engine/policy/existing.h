#pragma once

#include <set>
#include <vector>

#include "absl/time/time.h"
#include "engine/model/actual_state.h"
#include "engine/model/desired_state.h"
#include "engine/policy/rules.h"

namespace patform {

// What is known when the rules are held against the tokens that exist.
struct ExistingInput {
  // These end or change anyway: what they were is not worth a word.
  std::set<AuthorizationId> changed;
  // Live tokens in no configuration that stay (ChangeSet::unmanaged).
  const std::vector<ActualToken>* unmanaged = nullptr;
  // Findings about the configuration: they are not reported twice.
  const std::vector<Finding>* reported = nullptr;
};

// The tokens that `changes` end, update or replace.
std::set<AuthorizationId> ChangedBy(const std::vector<Change>& changes);

// The rules of [policy] over every live token of the user, declared or not, by
// organization and id. A rule that only what exists breaks is as grave as
// `existing` says: nobody can undo it by editing the file under review. Except
// `unmanaged = "deny"`, which is about nothing else.
std::vector<Finding> CheckExisting(const DesiredState& desired,
                                   const ActualState& actual,
                                   const ExistingInput& input, absl::Time now);

}  // namespace patform
