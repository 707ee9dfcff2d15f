#include "engine/cli/metrics.h"

#include <string>

#include "engine/cli/failure.h"
#include "engine/cli/output.h"

namespace patform::cli {

absl::Status CheckMetrics(const Arguments& arguments, Ports& ports) {
  if (arguments.metrics.empty()) return absl::OkStatus();
  absl::Status status;
  // A signal must not leave what this makes.
  Whole(ports, [&] { status = ports.files->CheckReplace(arguments.metrics); });
  return OfFile(status);
}

absl::Status WriteMetrics(const Arguments& arguments, Ports& ports,
                          const StatusReport& report) {
  if (arguments.metrics.empty()) return absl::OkStatus();
  const std::string text = RenderStatusMetrics(
      report,
      arguments.metrics_per_token ? TokenNames::kShown : TokenNames::kLeftOut);
  absl::Status status;
  Whole(ports, [&] { status = ports.files->Publish(arguments.metrics, text); });
  return OfFile(status);
}

absl::Status WriteMetrics(const Arguments& arguments, Ports& ports,
                          const LastApply& apply) {
  if (arguments.metrics.empty()) return absl::OkStatus();
  return OfFile(
      ports.files->Publish(arguments.metrics, RenderApplyMetrics(apply)));
}

}  // namespace patform::cli
