#pragma once

#include <string>
#include <vector>

namespace patform {

// What whoever runs the program allows it, by flags and by variables of their
// own; never by a configuration, which a stranger may have proposed. The
// command line fills it in before any port is asked, and nothing changes it
// afterwards.
struct Grants {
  // Hosts beside the well-known ones that a credential may be sent to: HOST or
  // HOST:PORT, as in http::AllowedHosts.
  std::vector<std::string> hosts;
  bool programs = false;         // the configuration may name programs to run
  bool bearer_on_stdin = false;  // an access token is to be read from there
};

}  // namespace patform
