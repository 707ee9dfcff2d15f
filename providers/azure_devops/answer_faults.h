#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"

namespace patform::azure_devops {

// Limits of an answer: levels of nesting, bytes. A larger one is not read.
inline constexpr size_t kMaxDepth = 16;
inline constexpr size_t kMaxBody = 64 << 20;

// The answer is JSON, but not what was asked for. kDataLoss.
absl::Status NotUnderstood(const std::string& what);
// `member` of `whose` is missing or of no use.
absl::Status Lacks(const std::string& whose, const char* member);

}  // namespace patform::azure_devops
