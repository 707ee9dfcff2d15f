#pragma once

#include <memory>

#include "engine/ports/ports.h"

namespace patform {

// The one place that builds adapters: everything outside of the program, as
// main() hands it to the command line. Must outlive every use of ports().
class Wiring {
 public:
  Wiring();
  Wiring(const Wiring&) = delete;
  Wiring& operator=(const Wiring&) = delete;
  ~Wiring();

  Ports& ports();

 private:
  struct Parts;
  const std::unique_ptr<Parts> parts_;
};

// At the start of the program, before a thread or a secret exists: no core
// dumps, signals, limits. False: there is too little memory to begin with.
bool PrepareProcess();

}  // namespace patform
