#pragma once

#include <string>
#include <vector>

#include "providers/sinks/outputs/job_output.h"

// The sink type "github-actions": an output of the step, or, with
// to = "environment", a variable of the job's later steps. First printed, of
// each form, whole lines at once:
//
//   ::add-mask::VALUE
//
// with % as %25; then appended, in one write, to the file that GITHUB_OUTPUT
// or GITHUB_ENV names, with a delimiter that nobody can foresee:
//
//   KEY<<ghadelimiter_RANDOM
//   VALUE
//   ghadelimiter_RANDOM
//
// GitHub drops a masked output between jobs, and keeps it for later steps of
// this one. Facts: GitHub's page "Workflow commands", and the package
// @actions/core, with which the tests compare.
namespace patform::sinks {

class GitHubActionsSink : public JobOutput {
 public:
  explicit GitHubActionsSink(const Opening& opening)
      : JobOutput(opening),
        file_(opening.config.Text("to", "output") == "environment"
                  ? "GITHUB_ENV"
                  : "GITHUB_OUTPUT") {}

 private:
  absl::Status Ready(const Delivery& place) override;
  absl::Status Set(const Delivery& place, const Secret& value,
                   const std::vector<Secret>& masks) override;

  const char* const file_;  // the variable that names it
};

Row GitHubActionsRow();

}  // namespace patform::sinks
