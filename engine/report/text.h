#pragma once

#include <string>
#include <vector>

#include "engine/apply/executor.h"
#include "engine/plan/plan.h"
#include "engine/report/style.h"

namespace patform {

// The plan as a person reads it. The same plan gives the same bytes. All text
// from outside is made visible.
std::string RenderPlan(const Plan& plan, const Style& style);

// "Plan: 2 to create, 1 to update, 1 to rotate, 0 to revoke."
std::string RenderSummary(const Plan& plan);

// How old what the plan is made from is: "From a snapshot of …, 2h old: …". ""
// where it was looked at by this run.
std::string RenderAge(const Plan& plan);

// What a plan that went through a file is worth: that nobody signed it, or that
// nobody checked. "" where there is nothing to report.
std::string RenderSignature(const Plan& plan);

// What an apply did and what is left.
std::string RenderResult(const ApplyResult& result, const Style& style);

// One line on what an effect does, for progress: "minting generation 2".
std::string Describe(const Change& change, const Effect& effect);

}  // namespace patform
