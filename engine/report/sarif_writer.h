#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/base/diagnostic.h"

// SARIF 2.1.0 documents, for every command that has findings. Pure. The SDKs
// are for .NET and JavaScript; C++ has none, and this is the part of the format
// that GitHub and Azure DevOps read.
namespace patform {

struct SarifResult {
  std::string rule;         // stable id
  std::string description;  // of the rule, one sentence; may be empty
  std::string level;        // "error", "warning" or "note"
  std::string message;      // plain text
  std::string address;      // of the token, its logical location; may be empty
  SourceLocation where;     // file empty: no place in a file
  std::string why;          // what the rule is for; may be empty
  std::string page;  // of the rule, below the project's own; may be empty
};

// What belongs to the run as a whole, as string properties: "digest" …
using SarifProperties = std::map<std::string, std::string>;

// One run of patform as one line of JSON. The rules are the results' rules, by
// id. A result is the same in the next run, though its line or words changed,
// if it has the same rule and address, and as many of them come before it.
// Text from outside is made visible and cannot be a link.
std::string WriteSarif(const std::vector<SarifResult>& results,
                       const SarifProperties& properties);

}  // namespace patform
