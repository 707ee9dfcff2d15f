#pragma once

#include <string>

#include "engine/apply/executor.h"
#include "engine/plan/plan.h"

namespace patform {

// The plan as one JSON document and a newline, keys in a fixed order:
// schemas/plan.schema.json. Shaped after Terraform's plan JSON, so that rules
// written for that feel at home. Holds no secret.
std::string RenderPlanJson(const Plan& plan);

// One line of the event stream of `apply --json`: schemas/events.schema.json.
// `type` is "started", "step", "ended" or "summary".
std::string RenderStarted(const Change& change, absl::Time now);
std::string RenderStep(const Change& change, const Effect& effect,
                       absl::Time now);
std::string RenderEnded(const Change& change, const Outcome& outcome,
                        absl::Time now);
std::string RenderSummaryEvent(const ApplyResult& result, absl::Time now);

}  // namespace patform
