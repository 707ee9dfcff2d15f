#pragma once

#include <string>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/plan/plan.h"

namespace patform {

// The plan as lines that GitHub Actions and Azure Pipelines take from a job's
// log and pin to the file's line: ::error file=…:: and
// ##vso[task.logissue type=error;…]. The gravest first, at most ten of a kind,
// which is what GitHub shows; then what is left out, counted, and the summary.
// Azure Pipelines has no notices: they are plain lines there. Text from outside
// is escaped: it gives no command of its own.
std::string RenderGitHubCommands(const Plan& plan);
std::string RenderAzureCommands(const Plan& plan);

// The same of what kept a plan from being made, without a summary.
std::string RenderGitHubCommands(const std::vector<Diagnostic>& diagnostics);
std::string RenderAzureCommands(const std::vector<Diagnostic>& diagnostics);

}  // namespace patform
