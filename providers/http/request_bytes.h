#pragma once

#include <string>

#include "absl/status/status.h"
#include "engine/base/secret.h"
#include "providers/http/transport.h"

namespace patform::http {

// kInvalidArgument: a control character, or a header's name that is none. Such
// a request would be read as two.
absl::Status CheckRequest(const Request& request);

// The whole request as it goes over the wire, in memory that wipes itself: the
// credential is in it.
Secret RequestBytes(const Request& request, const std::string& user_agent);

}  // namespace patform::http
