#pragma once

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "providers/emulator/http/server.h"
#include "providers/emulator/service.h"
#include "providers/emulator/switches.h"
#include "providers/emulator/tokens/target.h"

namespace patform::emulator {

// How the service was started, for a reset.
struct Start {
  std::optional<absl::Time> now;
  Switches switches;
  int64_t connections = 0;
  bool tls = false;
};

// What is below /_emulator/: steering and looking inside. All but `health`
// wants the header X-Emulator-Admin: 1, which no page of a browser can send
// across origins.
http::ServerResponse AnswerAdmin(Service& service, const Start& start,
                                 const http::ServerRequest& request,
                                 const Target& target);

}  // namespace patform::emulator
