#pragma once

#include <string>

#include "absl/status/status.h"

namespace patform::azure_devops {

// The answer is JSON, but not what was asked for. kDataLoss.
absl::Status NotUnderstood(const std::string& what);
// `member` of `whose` is missing or of no use.
absl::Status Lacks(const std::string& whose, const char* member);

}  // namespace patform::azure_devops
