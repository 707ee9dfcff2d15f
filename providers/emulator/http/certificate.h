#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace patform::http {

struct Certificate {
  std::string cert_pem;
  std::string key_pem;
};

// A throw-away certificate for this machine: EC P-256, 30 days from now, for
// localhost, 127.0.0.1, ::1 and `extra_names` (DNS names). It signs itself and
// may sign, so that it is its own trust anchor. kInternal.
absl::StatusOr<Certificate> MakeSelfSigned(
    const std::vector<std::string>& extra_names = {});

}  // namespace patform::http
