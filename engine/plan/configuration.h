#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/model/desired_state.h"

namespace patform {

// One table of the configuration in canonical form: what it means, not how it
// is written. Two configurations that mean the same have equal descriptions
// on every machine. Settings of sinks and of [auth] are fingerprints of what
// the file says: they may be nobody's business. What ${NAME} filled in is one
// more, "environment", of its own.
struct ConfigurationEntry {
  // "patform", "[auth]", "[policy]", "[sink.vault]", "token.ci".
  std::string subject;
  std::string organization;  // of a token
  std::map<std::string, std::string> fields;
  SourceLocation where;  // for people; no part of the meaning
};

// Everything that the configuration says, in file order.
std::vector<ConfigurationEntry> DescribeConfiguration(
    const DesiredState& desired);

// One token's fields, by name.
std::map<std::string, std::string> DescribeToken(const DesiredToken& token);

// A fingerprint of what the file says of one sink and of what the environment
// filled in.
std::string SinkFingerprint(const SinkConfig& sink);

}  // namespace patform
