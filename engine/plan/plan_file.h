#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/model/desired_state.h"
#include "engine/model/snapshot.h"
#include "engine/plan/configuration.h"
#include "engine/plan/plan.h"

namespace patform {

// A plan on its way from a pull request to a release, and what it rests on: a
// file (schemas/saved-plan.schema.json) of canonical JSON. It holds no secret
// and nothing that can act: who applies it reads the world again, plans again,
// and takes from the file only the permission (saved_plan.h).
struct SavedPlan {
  Plan plan;
  // What was asked for: rotations and targets. What lifts a guard does not
  // travel; that is said where the release runs.
  PlanOptions options;
  std::vector<ConfigurationEntry> configuration;
  ActualState world;  // the live tokens, and those that the records name
  bool is_signed = false;
};

SavedPlan SavePlan(const Plan& plan, const PlanOptions& options,
                   const DesiredState& desired, const ActualState& actual);

// `key`: as in sealed_json.h. The same plan and key give the same bytes.
std::string WritePlan(const SavedPlan& saved, std::string_view key);

// Errors as of Unseal(), and kInvalidArgument for one of another shape.
absl::StatusOr<SavedPlan> ReadPlan(std::string_view text, std::string_view key);

// The part of the world that a plan can depend on.
ActualState Relevant(const ActualState& actual);

}  // namespace patform
