#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/clock.h"

namespace patform::http {

// The addresses of a host, in the order in which they are to be tried. Asks
// `interrupted` at least every 100 ms. Errors: kUnavailable (no such host, no
// name server), kDeadlineExceeded, kCancelled.
absl::StatusOr<std::vector<boost::asio::ip::tcp::endpoint>> Resolve(
    const std::string& host, int port, Deadline deadline,
    const std::function<bool()>& interrupted);

}  // namespace patform::http
