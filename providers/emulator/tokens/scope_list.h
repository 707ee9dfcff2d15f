#pragma once

#include <set>
#include <string>

namespace patform {

// schemas/scopes.tsv, as it was when this was built.
const char* EmulatorScopeList();

namespace emulator {

// What a PAT may be given: every scope of the list but those that only Entra
// hands out.
const std::set<std::string>& PatScopes();

}  // namespace emulator
}  // namespace patform
