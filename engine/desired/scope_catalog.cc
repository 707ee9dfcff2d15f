#include "engine/desired/scope_catalog.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"
#include "engine/desired/schemas.h"
#include "engine/model/lifecycle_scopes.h"

// The catalogue is a table of text that is compiled in (schemas/), so people,
// the JSON schema and the program read the same one. Its columns: scope,
// category, title, what it implies, what it allows, and whether it is of high
// privilege.
namespace patform {
namespace {

// In the order of the table, which groups scopes as the documentation does.
std::vector<ScopeInfo> ParseTable() {
  std::vector<ScopeInfo> scopes;
  for (const std::string& line : std::vector<std::string>(
           absl::StrSplit(ScopeTable(), '\n', absl::SkipEmpty()))) {
    const std::vector<std::string> cells = absl::StrSplit(line, '\t');
    // The first line names the columns.
    if (cells.size() < 6 || cells[0] == "scope") continue;
    ScopeInfo scope;
    scope.name = cells[0];
    scope.category = cells[1];
    scope.title = cells[2];
    scope.implies = absl::StrSplit(cells[3], ',', absl::SkipEmpty());
    scope.meaning = cells[4];
    scope.high_privilege = cells[5] == "yes";
    scopes.push_back(std::move(scope));
  }
  return scopes;
}

}  // namespace

// Entra's own scopes for this API: a personal access token cannot have them.
bool ScopeInfo::EntraOnly() const {
  const LifecycleScope* scope = FindLifecycleScope(name);
  return scope != nullptr && scope->entra_only;
}

// Parsed on first use, never destroyed.
const std::vector<ScopeInfo>& ScopeCatalog() {
  static const auto& catalog = *new std::vector<ScopeInfo>(ParseTable());
  return catalog;
}

// nullptr: not in the catalogue, which does not make it wrong: Microsoft adds
// some.
const ScopeInfo* FindScope(std::string_view name) {
  static const auto& index = *[] {
    auto* map = new absl::flat_hash_map<std::string, const ScopeInfo*>();
    for (const ScopeInfo& scope : ScopeCatalog()) (*map)[scope.name] = &scope;
    return map;
  }();
  const auto found = index.find(AbslView(name));
  return found == index.end() ? nullptr : found->second;
}

// The column is transitive already: one look is enough.
bool Implies(std::string_view stronger, std::string_view weaker) {
  const ScopeInfo* scope = FindScope(stronger);
  if (scope == nullptr) return false;
  return std::any_of(scope->implies.begin(), scope->implies.end(),
                     [&](const std::string& implied) {
                       return implied == "*" || implied == weaker;
                     });
}

}  // namespace patform
