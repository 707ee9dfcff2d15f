#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "providers/emulator/switches.h"

namespace patform::emulator {

struct Flags {
  bool help = false;
  bool version = false;
  int port = 8443;
  std::string host = "127.0.0.1";  // an address of this machine
  bool plain = false;
  std::string tls_cert_out;  // empty only when plain
  std::string ready_file;
  std::string data;
  std::vector<std::string> organizations;
  std::optional<absl::Time> now;
  Switches switches;
};

// The arguments without the program's name, as --name VALUE or --name=VALUE.
// kInvalidArgument: a sentence with what to do.
absl::StatusOr<Flags> ParseFlags(const std::vector<std::string>& arguments);

std::string HelpText();

}  // namespace patform::emulator
