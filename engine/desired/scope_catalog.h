#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/model/scope_set.h"

namespace patform {

// One scope, as schemas/scopes.tsv has it.
struct ScopeInfo {
  std::string name;
  std::string category;
  std::string title;
  std::vector<std::string> implies;  // all, nearest first; "*": everything
  std::string meaning;
  bool high_privilege = false;

  // Only Entra access tokens have it; no PAT can.
  bool EntraOnly() const;
};

// Every known scope, in the file's order.
const std::vector<ScopeInfo>& ScopeCatalog();

const ScopeInfo* FindScope(std::string_view name);

// Does holding `stronger` give all of `weaker`?
bool Implies(std::string_view stronger, std::string_view weaker);

}  // namespace patform
