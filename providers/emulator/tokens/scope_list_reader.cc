#include <algorithm>
#include <string_view>

#include "providers/emulator/tokens/scope_list.h"

namespace patform::emulator {

// The same table that patform has, minus what only Entra's own tokens can have.
// It is compiled in, so the emulator needs no file.
const std::set<std::string>& PatScopes() {
  static const std::set<std::string> scopes = [] {
    std::set<std::string> found;
    std::string_view rest = EmulatorScopeList();
    bool header = true;
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      if (!header && !line.empty() &&
          line.find("(Entra only)") == std::string_view::npos) {
        found.emplace(line.substr(0, line.find('\t')));
      }
      header = false;
    }
    return found;
  }();
  return scopes;
}

}  // namespace patform::emulator
