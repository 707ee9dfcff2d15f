#pragma once

#include "engine/base/clock.h"
#include "engine/base/environment.h"
#include "engine/ports/files.h"
#include "engine/ports/grants.h"
#include "engine/ports/pull_request.h"
#include "engine/ports/run.h"
#include "engine/ports/secret_sink.h"
#include "engine/ports/sign_in.h"
#include "engine/ports/terminal.h"
#include "engine/ports/token_service.h"

namespace patform {

// Everything outside of the program. main() fills it in; tests fake it, one
// class at a time. Owns nothing. What is null must not be used by the command
// that gets it.
struct Ports {
  Clock* clock = nullptr;
  Files* files = nullptr;
  Terminal* terminal = nullptr;
  Run* run = nullptr;
  TokenServices* tokens = nullptr;
  Sinks* sinks = nullptr;
  CodeHosts* code_hosts = nullptr;
  SignIns* sign_ins = nullptr;
  Grants* grants = nullptr;  // filled in by the command line
  EnvironmentLookup environment;
};

}  // namespace patform
