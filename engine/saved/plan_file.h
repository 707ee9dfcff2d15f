#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/model/actual_state.h"
#include "engine/model/desired_state.h"
#include "engine/plan/approval.h"
#include "engine/plan/plan.h"

namespace patform {

// A plan on its way from a pull request to a release: a file
// (schemas/saved-plan.schema.json) of canonical JSON. It holds no secret and
// nothing that can act: who applies it reads the world again, plans again, and
// takes from the file only the permission (clearance.h).
//
// What the file rests on is in it: the configuration, the world, what was asked
// for and when. Whoever reads it plans again from these; what is shown, what
// the digest is over and what is allowed all come from that one plan. The
// changes, the approval and the digest that the file has as well, for other
// readers, are not relied upon: if they differ, the file is
// refused.
struct SavedPlan {
  Plan plan;
  // What was asked for. What lifts a guard does not travel (cli/release.cc):
  // that is given where the release runs.
  PlanOptions options;
  DesiredState desired;
  ActualState world;  // as of Relevant()
};

SavedPlan SavePlan(const Plan& plan, const PlanOptions& options,
                   const DesiredState& desired, const ActualState& actual);

// What the digest of its plan was made from.
Approval ApprovalOf(const SavedPlan& saved);

// `key`: as in sealed_json.h. The same plan and key give the same bytes.
std::string WritePlan(const SavedPlan& saved, std::string_view key);

// Errors as of Unseal(), kInvalidArgument for one of another shape, and
// IsStale() for one whose parts disagree.
absl::StatusOr<SavedPlan> ReadPlan(std::string_view text, std::string_view key);

// The part of the world that a plan can depend on: the live tokens, those that
// records name, and whoever bore the mark of a live one before.
ActualState Relevant(const ActualState& actual);

}  // namespace patform
