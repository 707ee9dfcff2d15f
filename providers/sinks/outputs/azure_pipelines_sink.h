#pragma once

#include <string>
#include <vector>

#include "providers/sinks/outputs/job_output.h"

// The sink type "azure-pipelines": a secret variable of the job, or, with
// output = true, one that later jobs read by the step's name. Printed at once,
// whole lines:
//
//   ##vso[task.setsecret]VALUE                  of each form, the value first
//   ##vso[task.setvariable variable=KEY;isOutput=true;issecret=true;]VALUE
//
// with %, CR and LF of the value as %AZP25, %0D and %0A. The agent takes both
// from the log and shows neither. Facts: docs/pipelines/scripts/
// logging-commands.md, and the package azure-pipelines-task-lib, with which the
// tests compare.
namespace patform::sinks {

class AzurePipelinesSink : public JobOutput {
 public:
  explicit AzurePipelinesSink(const Opening& opening)
      : JobOutput(opening), output_(opening.config.Flag("output")) {}

 private:
  absl::Status Ready(const Delivery& place) override;
  absl::Status Set(const Delivery& place, const Secret& value,
                   const std::vector<Secret>& masks) override;

  const bool output_;
};

Row AzurePipelinesRow();

}  // namespace patform::sinks
