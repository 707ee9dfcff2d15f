#include "engine/desired/scope_catalog.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"
#include "engine/desired/schemas.h"

namespace patform {
namespace {

std::vector<ScopeInfo> ParseTable() {
  std::vector<ScopeInfo> scopes;
  for (const std::string& line : std::vector<std::string>(
           absl::StrSplit(ScopeTable(), '\n', absl::SkipEmpty()))) {
    const std::vector<std::string> cells = absl::StrSplit(line, '\t');
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

bool ScopeInfo::EntraOnly() const {
  return name == "user_impersonation" || name == "vso.pats" ||
         name == "vso.pats_manage";
}

const std::vector<ScopeInfo>& ScopeCatalog() {
  static const auto& catalog = *new std::vector<ScopeInfo>(ParseTable());
  return catalog;
}

const ScopeInfo* FindScope(std::string_view name) {
  static const auto& index = *[] {
    auto* map = new absl::flat_hash_map<std::string, const ScopeInfo*>();
    for (const ScopeInfo& scope : ScopeCatalog()) (*map)[scope.name] = &scope;
    return map;
  }();
  const auto found = index.find(AbslView(name));
  return found == index.end() ? nullptr : found->second;
}

bool Implies(std::string_view stronger, std::string_view weaker) {
  const ScopeInfo* scope = FindScope(stronger);
  if (scope == nullptr) return false;
  return std::any_of(scope->implies.begin(), scope->implies.end(),
                     [&](const std::string& implied) {
                       return implied == "*" || implied == weaker;
                     });
}

}  // namespace patform
