// Sets of scopes in canonical form, the catalog, globs and suggestions.
#include <algorithm>

#include "engine/desired/scope_catalog.h"
#include "engine/model/scope_set.h"
#include "tests/fuzz/fuzz.h"

namespace patform {
namespace {

// The definition of a glob, slow and plain.
bool PlainMatch(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    return PlainMatch(pattern.substr(1), text) ||
           (!text.empty() && PlainMatch(pattern, text.substr(1)));
  }
  return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
         PlainMatch(pattern.substr(1), text.substr(1));
}

FUZZ_TARGET(std::string_view input) {
  const std::vector<std::string> parts = fuzz::Parts(input, 2);
  const ScopeSet a = ScopeSet::Parse(parts[0]);
  const ScopeSet b = ScopeSet::Parse(parts[1]);
  FUZZ_CHECK(ScopeSet::Parse(a.text()) == a, a.text());
  const std::vector<std::string_view> items = a.items();
  FUZZ_CHECK(std::is_sorted(items.begin(), items.end()), a.text());
  FUZZ_CHECK(std::adjacent_find(items.begin(), items.end()) == items.end(),
             a.text());
  const ScopeSet rest = a.Without(b);
  for (std::string_view item : items) {
    FUZZ_CHECK(!item.empty() && a.Contains(item), a.text());
    FUZZ_CHECK(rest.Contains(item) == !b.Contains(item), item);
    if (const ScopeInfo* info = FindScope(item)) {
      for (const std::string& weaker : info->implies) {
        if (weaker == "*") continue;
        FUZZ_CHECK(Implies(item, weaker), item);
      }
    }
  }
  if (parts[0].size() <= 12 && parts[1].size() <= 12) {
    FUZZ_CHECK(GlobMatch(parts[0], parts[1]) == PlainMatch(parts[0], parts[1]),
               input);
  }
  if (parts[0].size() > 24) return;
  std::vector<std::string> names;
  for (const ScopeInfo& info : ScopeCatalog()) names.push_back(info.name);
  if (const auto nearest = Nearest(parts[0], names)) {
    FUZZ_CHECK(FindScope(*nearest) != nullptr, *nearest);
  }
}

}  // namespace
}  // namespace patform
