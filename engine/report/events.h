#pragma once

#include <string>

#include "engine/apply/executor.h"
#include "engine/base/diagnostic.h"
#include "engine/base/waiting.h"
#include "engine/plan/plan.h"

// The event stream of `apply --json`: one JSON object per line, as
// in schemas/events.schema.json. Holds no secret. Pure.
namespace patform {

// The first line: which program, which version of the stream.
std::string RenderVersionEvent(absl::Time now);

// What is wrong, or worth knowing: of the configuration; or what ended the run.
std::string RenderDiagnosticEvent(const Diagnostic& diagnostic, absl::Time now);
std::string RenderErrorEvent(const std::string& what, absl::Time now);

// The plan, before anything is done: a line for each change, one for each
// finding and each token that could not be decided, one with the counts.
std::string RenderPlannedEvents(const Plan& plan, absl::Time now);

// What becomes of one change; the progress line shows that a long step still
// runs.
std::string RenderStarted(const Change& change, absl::Time now);
std::string RenderStep(const Change& change, const Effect& effect,
                       absl::Time now);
std::string RenderProgressEvent(const Change& change, const std::string& step,
                                absl::Duration elapsed, absl::Time now);
// A request waits: for its turn, or to be tried again.
std::string RenderWaitingEvent(const Waiting& waiting, absl::Time now);
std::string RenderEnded(const Change& change, const Outcome& outcome,
                        absl::Time now);

// The last line.
// What a store did for the consumers of what was delivered to it.
std::string RenderFollowUp(const ApplyResult::FollowUp& follow_up,
                           absl::Time now);

std::string RenderSummaryEvent(const ApplyResult& result, absl::Time now);

}  // namespace patform
